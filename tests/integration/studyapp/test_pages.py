import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studyapp.enums import StudyStage
from studyapp.models import Event, Participant, Response, StudySession
from studyapp.selectors.media import media_path
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from tests.integration.studyapp.walking import default_answers, form_of, walk, walk_to

ARMS = ("none", "placebo", "heatmap")


def consent(client, study, key=None):
    address = reverse("consent", args=[study.slug])
    return client.post(address, {"entry_key": key or str(uuid.uuid4()), "agree": "yes"})


def test_looking_at_the_consent_page_stores_nothing(client, study):
    for _ in range(3):
        assert client.get(reverse("consent", args=[study.slug])).status_code == 200
    assert Participant.objects.count() == 0


def test_a_double_click_on_consent_starts_one_session(client, study):
    key = str(uuid.uuid4())
    first, second = consent(client, study, key), consent(client, study, key)
    assert first.headers["Location"] == second.headers["Location"]
    assert StudySession.objects.count() == 1


def test_without_the_tick_nothing_begins(client, study):
    address = reverse("consent", args=[study.slug])
    response = client.post(address, {"entry_key": str(uuid.uuid4())})
    assert response.status_code == 422
    assert "Please tick the box" in response.content.decode()
    assert StudySession.objects.count() == 0


@pytest.mark.parametrize("state", ["active", "screened_out", "withdrawn", "completed"])
def test_a_browser_takes_part_once_however_it_ended(client, study, state):
    location = consent(client, study).headers["Location"]
    now = timezone.now()
    StudySession.objects.update(
        state=state,
        finished_at=now if state == "completed" else None,
        withdrawn_at=now if state == "withdrawn" else None,
    )
    again = client.get(reverse("consent", args=[study.slug]))
    assert (again.status_code, again.headers["Location"]) == (302, location)
    # A fresh key, as from another tab, or a consent page kept by the back button.
    assert consent(client, study).headers["Location"] == location
    assert StudySession.objects.count() == 1


def test_another_browser_begins_another_session(client, study):
    consent(client, study)
    consent(Client(), study)
    assert StudySession.objects.count() == 2


def test_a_forged_cookie_is_nobodys_session(client, study, session):
    client.cookies[f"larus-{study.slug}"] = session.token
    assert client.get(reverse("consent", args=[study.slug])).status_code == 200


def test_a_damaged_entry_key_is_replaced_so_that_the_next_try_works(client, study):
    address = reverse("consent", args=[study.slug])
    response = client.post(address, {"entry_key": "x", "agree": "yes"})
    assert response.status_code == 422
    form = form_of(response)
    assert client.post(address, {**form.hidden, "agree": "yes"}).status_code == 302


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_can_be_walked_to_its_completion_code(client, session_in, arm):
    session = session_in(arm)
    pages = list(walk(client, session))
    assert pages[-1][0].kind == "completed"
    assert "LARUS-DEMO" in pages[-1][1].content.decode()
    assert Response.objects.filter(trial__session=session).count() == session.trials.count() == 14
    assert not any("LARUS-DEMO" in response.content.decode() for _, response in pages[:-1])


@pytest.mark.parametrize("arm", ARMS)
def test_no_page_tells_truth_arm_or_condition_before_feedback(client, session_in, arm):
    session = session_in(arm)
    for page, response in walk(client, session):
        if page.kind not in ("trial", "break"):
            continue
        told = response.content.decode() + str(response.headers) + response.cookies.output()
        stimulus = page.trial.stimulus
        secrets = ["placebo", "igos", "secret-", "arm", "condition", session.slot.arm + '"']
        if stimulus is not None:
            secrets += [stimulus.key, stimulus.key + "."]
            name = stimulus.true_species.replace("_", " ").title()
            # The true species is offered among the others, and nowhere else.
            offered = 1 if page.kind == "trial" else 0
            assert told.count(stimulus.true_species) == offered
            assert told.count(name) == offered
        assert [secret for secret in secrets if secret in told] == []


def test_heatmap_and_placebo_pages_have_the_same_form(client, session_in):
    shapes = []
    for arm in ("heatmap", "placebo"):
        session = session_in(arm)
        page = walk_to(client, session, "trial", "assessment")
        html = client.get(reverse("run", args=[session.token])).content.decode()
        shapes.append(
            (html.count("<img"), html.count('class="layer"'), "Where the program" in html)
        )
        assert page.trial.condition == arm
    assert shapes == [(3, 1, True), (3, 1, True)]


def test_the_arm_without_explanation_shows_the_picture_alone(client, session_in):
    session = session_in("none")
    walk_to(client, session, "trial", "assessment")
    html = client.get(reverse("run", args=[session.token])).content.decode()
    assert html.count("<img") == 1
    assert "Where the program" not in html


def test_media_serves_shown_files_without_a_name_and_no_sidecar(client, session_in):
    session = session_in("heatmap")
    trial = session.trials.filter(artefact__isnull=False).first()
    response = client.get(reverse("media", args=[trial.artefact.layer_id]))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/webp"
    assert "immutable" in response.headers["Cache-Control"]
    assert "Content-Disposition" not in response.headers
    manifest = session.study.stimulus_set.manifest
    sidecar = manifest["stimuli"][0]["explanations"]["igos"]["sidecar"]["sha256"]
    assert client.get(reverse("media", args=[sidecar])).status_code == 404


def test_a_lost_media_file_is_not_found_and_logged(client, session_in, caplog):
    layer = session_in("heatmap").trials.filter(artefact__isnull=False).first().artefact.layer_id
    media_path(settings.DATA_DIR, layer).unlink()
    assert client.get(reverse("media", args=[layer])).status_code == 404
    assert layer in caplog.text
    assert "import_stimuli" in caplog.text


def test_pages_forbid_foreign_and_inline_content(client, session):
    response = client.get(reverse("run", args=[session.token]))
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = response.content.decode()
    assert "<script" not in html
    assert "style=" not in html


def test_answering_twice_or_going_back_changes_nothing(client, session):
    page = walk_to(client, session, "trial")
    response = client.get(reverse("run", args=[session.token]))
    form = form_of(response)
    answers = default_answers(page, form)
    for _ in range(3):
        assert client.post(form.action, answers).status_code == 302
    other = next(option for option in form.options["choice"] if option != answers["choice"])
    client.post(form.action, {**answers, "choice": other})
    stored = Response.objects.filter(trial=page.trial).order_by("pk")
    assert [(row.choice, row.is_conflict) for row in stored] == [
        (answers["choice"], False),
        (other, True),
    ]
    assert Event.objects.filter(kind="conflicting_answer", trial=page.trial).count() == 1


def test_a_trial_can_not_be_answered_before_its_turn(client, session):
    page = walk_to(client, session, "trial")
    later = session.trials.get(index=page.trial.index + 1)
    form = form_of(client.get(reverse("run", args=[session.token])))
    answers = default_answers(page, form)
    response = client.post(reverse("trial", args=[session.token, later.uid]), answers)
    assert response.status_code == 302
    assert not Response.objects.exists()


def test_another_sessions_trial_is_not_found(client, study, session):
    other = start_session(study=study, entry_key=uuid.uuid4())
    trial = other.trials.first()
    address = reverse("trial", args=[session.token, trial.uid])
    assert client.post(address, {}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"choice": ""}, "Please choose an answer."),
        ({"choice": "albatross"}, "Please choose one of the answers."),
        ({"confidence": ""}, "Please say how sure you are."),
        ({"confidence": "9"}, "Please say how sure you are."),
    ],
)
def test_an_incomplete_answer_is_asked_for_again(client, session, changed, message):
    page = walk_to(client, session, "trial")
    form = form_of(client.get(reverse("run", args=[session.token])))
    answers = {**default_answers(page, form), **changed}
    response = client.post(form.action, answers)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("sent", "stored"), [("812.5", 812.5), ("", None), ("-3", None), ("nan", None), ("soon", None)]
)
def test_a_reaction_time_that_can_not_be_right_is_stored_as_missing(client, session, sent, stored):
    page = walk_to(client, session, "trial")
    form = form_of(client.get(reverse("run", args=[session.token])))
    client.post(form.action, {**default_answers(page, form), "rt_ms": sent})
    assert Response.objects.get().rt_ms == stored


def test_asking_for_the_headers_alone_starts_no_clock(client, session):
    session.stage_key = "practice"
    session.save()
    assert client.head(reverse("run", args=[session.token])).status_code == 200
    assert not session.trials.filter(served_at__isnull=False).exists()


def test_a_reload_is_recorded_and_keeps_the_first_time(client, session):
    page = walk_to(client, session, "trial")
    page.trial.refresh_from_db()
    first = page.trial.served_at
    client.get(reverse("run", args=[session.token]))
    page.trial.refresh_from_db()
    assert page.trial.served_at == first
    assert Event.objects.filter(kind="reloaded", trial=page.trial).count() == 1


def test_a_quiz_failed_twice_ends_the_session_and_a_reload_does_not_help(client, session):
    page = next(p for p, _ in walk(client, session) if p.stage.kind == "quiz")
    address = reverse("quiz", args=[session.token])
    wrong = {q.key: next(c for c in q.choices if c != q.answer) for q in page.stage.questions}
    client.post(address, {"attempt": 1, **wrong})
    client.post(address, {"attempt": 1, **wrong})
    html = client.get(reverse("run", args=[session.token])).content.decode()
    assert "Attempt 2 of 2" in html
    assert "3 answers were not right" in " ".join(html.split())
    client.post(address, {"attempt": 2, **wrong})
    html = client.get(reverse("run", args=[session.token])).content.decode()
    assert "The study ends here" in html
    session.refresh_from_db()
    assert session.state == "screened_out"
    assert session.answers.count() == 6


@pytest.mark.parametrize(("answers", "left"), [("delete", 0), ("keep", 1)])
def test_withdrawal_is_two_clicks_and_keeps_the_slot(client, session, answers, left):
    page = walk_to(client, session, "trial")
    form = form_of(client.get(reverse("run", args=[session.token])))
    client.post(form.action, default_answers(page, form))
    html = client.get(reverse("run", args=[session.token])).content.decode()
    address = reverse("withdraw", args=[session.token])
    assert address in html
    assert client.get(address).status_code == 200
    client.post(address, {"answers": answers})
    session.refresh_from_db()
    assert session.state == "withdrawn"
    assert session.slot is not None
    assert Response.objects.count() == left
    # Deletion takes the time course too.
    assert session.trials.filter(served_at__isnull=False).count() == left
    assert session.trials.filter(feedback_seen_at__isnull=False).count() == 0
    assert "You have withdrawn" in client.get(reverse("run", args=[session.token])).content.decode()


def test_a_closed_study_takes_nobody_and_says_so(client, study):
    set_stage(study=study, stage=StudyStage.CLOSED)
    assert client.get(reverse("consent", args=[study.slug])).status_code == 403
    response = consent(client, study)
    assert response.status_code == 403
    assert "not open" in response.content.decode()
    assert StudySession.objects.count() == 0


def test_pilots_are_listed_on_a_development_server_only(client, study, settings):
    title = "Telling gulls apart"
    assert study.stage == StudyStage.PILOT
    assert title not in client.get("/").content.decode()
    assert client.get(reverse("consent", args=[study.slug])).status_code == 200
    settings.DEBUG = True
    listed = client.get("/").content.decode()
    assert title in listed
    assert "Pilot:" in listed
    settings.DEBUG = False
    set_stage(study=study, stage=StudyStage.OPEN)
    listed = client.get("/").content.decode()
    assert title in listed
    assert "Pilot:" not in listed


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("address", ["/nowhere/", "/s/no-such-study/", "/nowhere.css"])
def test_a_wrong_address_gets_the_friendly_page(client, db, settings, debug, address):
    settings.DEBUG = debug
    response = client.get(address, follow=True)
    assert response.status_code == 404
    assert "Check the link you were given" in response.content.decode()
    assert "urlconf" not in response.content.decode().lower()


def test_an_unknown_token_tells_nothing(client, study):
    response = client.get(reverse("run", args=["not-a-token"]))
    assert response.status_code == 404
