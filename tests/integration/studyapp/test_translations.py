"""A study in two languages: each participant reads one of them, and answers are stored in one."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from ruamel.yaml import YAML

from experiments.digest import sha256_bytes
from experiments.loading import load_protocol
from experiments.translations import texts_of
from studyapp.enums import StudyStage
from studyapp.models import Answer, StudySession
from studyapp.services.sessions import start_session
from tests.factories import BRIEF, DEMO, open_demo
from tests.integration.studyapp.recruiting import agree, link
from tests.integration.studyapp.speaking import Speaker

TEXTS = texts_of(load_protocol(DEMO).protocol)


def german(said):
    return f"DE {said}" if isinstance(said, str) else [f"DE {one}" for one in said]


@pytest.fixture
def study(db, tmp_path):
    yaml = YAML()
    document = yaml.load(BRIEF)
    translated = {path: german(said) for path, said in TEXTS.items()}
    document["translations"] = {"de": {**translated, "species.herring_gull": "Silbermöwe"}}
    yaml.dump(document, tmp_path / "study.yaml")
    return open_demo(tmp_path / "stimuli", StudyStage.OPEN, tmp_path / "study.yaml")


def page(session) -> str:
    return Client().get(reverse("run", args=[session.token])).content.decode()


def at(session, stage_key) -> StudySession:
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
    session.refresh_from_db()
    return session


@pytest.mark.parametrize(
    ("browser", "query", "language"),
    [
        ("en-GB", {}, "en"),
        ("de-AT,en;q=0.5", {}, "de"),
        ("fr", {}, "en"),
        ("en-GB", {"language": "de"}, "de"),
        ("de", {"language": "en"}, "en"),
        ("de", {"language": "xx"}, "de"),
    ],
)
def test_people_read_the_language_of_the_link_or_else_their_browsers(
    study, browser, query, language
):
    response = Client(HTTP_ACCEPT_LANGUAGE=browser).get(link(study, query))
    html = response.content.decode()
    assert response.headers["Content-Language"] == language
    assert ("DE Taking part" in html) is (language == "de")


def test_the_other_language_is_a_link_that_keeps_the_recruiters_ids(study):
    html = Client().get(link(study, {"PROLIFIC_PID": "abc"})).content.decode()
    assert 'href="?PROLIFIC_PID=abc&amp;language=de" lang="de"' in html
    assert "Deutsch" in html


def test_the_language_of_the_consent_stays_in_any_browser(study):
    response = agree(Client(), link(study, {"language": "de"}))
    session = StudySession.objects.get(token=response.headers["Location"].split("/")[2])
    assert session.language == "de"
    text = "DE " + TEXTS["stages.consent.text"]
    assert session.consent_digest == sha256_bytes(text.encode())
    html = Client(HTTP_ACCEPT_LANGUAGE="en").get(reverse("run", args=[session.token]))
    assert '<html lang="de">' in html.content.decode()
    assert "DE How it works" in html.content.decode()


def test_answers_are_stored_in_the_protocols_own_language(study):
    session = start_session(study=study, entry_key=uuid.uuid4(), language="de")
    html = page(at(session, "quiz"))
    assert "DE Choose the species of the gull" in html
    assert 'value="Choose the species of the gull"' in html
    quiz = load_protocol(DEMO).protocol.stage("quiz")
    right = {question.key: question.answer for question in quiz.questions}
    Client().post(reverse("quiz", args=[session.token]), {"attempt": "1", **right})
    stored = dict(Answer.objects.filter(session=session).values_list("item", "value"))
    assert {key: stored[key] for key in right} == right
    assert set(Answer.objects.filter(session=session).values_list("is_correct", flat=True)) == {
        True
    }


def test_questionnaires_and_the_debrief_are_translated(study):
    session = start_session(study=study, entry_key=uuid.uuid4(), language="de")
    html = page(at(session, "questionnaire"))
    assert "DE not at all" in html
    assert "DE How well did you know gulls before?" in html
    assert 'value="I watch birds"' in html


def test_trials_of_the_player_are_translated(study):
    session = at(start_session(study=study, entry_key=uuid.uuid4(), language="de"), "assessment")
    trial = Speaker(session).trials()[0]
    assert trial["confidence_levels"][0] == "DE guessing"
    assert trial["question"] == "Welche Möwe ist das?"
    assert "Silbermöwe" in {choice["name"] for choice in trial["choices"]}
    assert "DE Test yourself" in trial["page"]


def test_a_language_that_the_study_does_not_speak_becomes_its_own(study):
    assert start_session(study=study, entry_key=uuid.uuid4(), language="xx").language == "en"


def test_one_participants_language_is_not_the_next_ones(study):
    german_one = start_session(study=study, entry_key=uuid.uuid4(), language="de")
    english = start_session(study=study, entry_key=uuid.uuid4())
    assert "DE How it works" in page(german_one)
    assert "DE " not in page(english)
