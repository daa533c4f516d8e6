"""Who may begin: screening, devices, languages; and what they may keep of it."""

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.bots.bot import Bot
from studyapp.models import Answer, Event, StudySession
from tests.factories import BRIEF, open_demo
from tests.integration.studyapp.recruiting import agree, link, recruited
from tests.integration.studyapp.walking import form_of
from tests.unit.experiments.test_recruitment import SCREENING

PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def screened(db, tmp_path):
    path = tmp_path / "study.yaml"
    text = BRIEF
    path.write_text(text.replace("\n  - kind: instructions", SCREENING, 1), encoding="utf-8")
    return open_demo(tmp_path / "stimuli", protocol=path)


def screen(client, study, answer):
    location = agree(client, link(study, {})).headers["Location"]
    form = form_of(client.get(location))
    assert client.post(form.action, {**form.hidden, "sight": answer}).status_code == 302
    return " ".join(client.get(location).content.decode().split()), StudySession.objects.get()


def test_who_fits_goes_on(screened, client):
    html, session = screen(client, screened, "Yes")
    assert (session.state, session.stage_key) == ("active", "instructions")
    assert "How it works" in html


def test_who_does_not_fit_is_told_why_and_a_reload_does_not_help(screened, client):
    html, session = screen(client, screened, "No")
    assert session.state == "screened_out"
    assert "The study is about colours." in html
    assert "LARUS-DEMO" not in html
    assert Event.objects.get(kind="screened_out").data == {"reason": "screening: sight"}
    client.post(reverse("screening", args=[session.token]), {"sight": "Yes"})
    session.refresh_from_db()
    assert session.state == "screened_out"
    assert Answer.objects.get().value == "No"


def test_an_unanswered_screening_question_is_asked_again(screened, client):
    location = agree(client, link(screened, {})).headers["Location"]
    form = form_of(client.get(location))
    response = client.post(form.action, form.hidden)
    assert response.status_code == 422
    assert "Please choose an answer." in response.content.decode()
    assert not Answer.objects.exists()


def test_a_bot_passes_the_screening(screened):
    from experiments.respondents import PROFILES, draw_respondents

    (person,) = draw_respondents(PROFILES["attentive"], 1, 1)
    bot = Bot(screened, person, 1)
    session = bot.begin()
    from studyapp.selectors.progress import current_page

    bot._answer_page(session, current_page(session))
    session.refresh_from_db()
    assert session.stage_key == "instructions"


@pytest.fixture
def demanding(db, tmp_path):
    more = "requirements: {minimum_width_px: 600, touch_allowed: false, languages: [de, fr]}\n"
    return recruited(tmp_path, "link", more=more)


GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-CH,en;q=0.5"}


@pytest.mark.parametrize(
    ("headers", "said", "told"),
    [
        ({"HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9"}, {}, "German, French"),
        ({"HTTP_ACCEPT_LANGUAGE": "en, de;q=0"}, {}, "German, French"),
        ({**GERMAN, "HTTP_USER_AGENT": PHONE}, {}, "on a phone or a tablet"),
        ({**GERMAN, "HTTP_SEC_CH_UA_MOBILE": "?1"}, {}, "on a phone or a tablet"),
        (GERMAN, {"touch": "yes"}, "on a phone or a tablet"),
        (GERMAN, {"width": "599"}, "at least 600 pixels wide"),
    ],
)
def test_a_browser_that_can_not_serve_is_told_why_and_stores_nothing(
    demanding, headers, said, told
):
    response = agree(Client(**headers), link(demanding, {}), **said)
    html = " ".join(response.content.decode().split())
    assert response.status_code == 403
    assert told in html
    assert "Nothing about you was stored" in html
    assert StudySession.objects.count() == 0


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({**GERMAN, "HTTP_USER_AGENT": DESK}, {"width": "600", "touch": "no"}),
        ({"HTTP_ACCEPT_LANGUAGE": "*"}, {}),
        ({}, {}),
    ],
)
def test_a_browser_that_serves_or_does_not_tell_is_let_in(demanding, headers, said):
    assert agree(Client(**headers), link(demanding, {}), **said).status_code == 302


def test_a_session_that_is_taken_to_a_phone_says_where_to_go_on(demanding):
    location = agree(Client(), link(demanding, {})).headers["Location"]
    response = Client(HTTP_USER_AGENT=PHONE).get(location)
    html = " ".join(response.content.decode().split())
    assert response.status_code == 403
    assert "Your answers so far are saved" in html
    assert "Withdraw from the study" in html
    assert Client(HTTP_USER_AGENT=DESK).get(location).status_code == 200


def test_what_was_agreed_to_can_be_kept_with_its_date(session, client):
    for name in ("consent-copy", "consent-file"):
        response = client.get(reverse(name, args=[session.token]))
        told = response.content.decode()
        for text in ("I am at least 18 years old", session.consent_digest, "The Larus project"):
            assert text in told
        assert str(session.started_at.year) in told
    assert 'filename="consent-gulls-demo.txt"' in response.headers["Content-Disposition"]
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (
        reverse("consent-copy", args=[session.token])
        in client.get(reverse("run", args=[session.token])).content.decode()
    )
