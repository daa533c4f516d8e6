"""The language of a study is the one of its protocol, whatever the browser asks for."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from studyapp.models import StudySession
from studyapp.services.sessions import start_session
from tests.integration.studyapp.recruiting import agree, link, recruited
from tests.integration.studyapp.speaking import Speaker

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en-GB"}


@pytest.fixture
def study(db, tmp_path):
    return recruited(tmp_path, "link", more="language: de\n")


def test_pages_and_messages_are_german(study):
    client = Client(**ENGLISH)
    refused = client.post(link(study, {}), {"entry_key": "x"})
    assert "Bitte setzen Sie das Häkchen" in refused.content.decode()
    response = client.get(agree(client, link(study, {})).headers["Location"])
    html = response.content.decode()
    assert response.headers["Content-Language"] == "de"
    assert '<html lang="de">' in html
    assert "Von der Studie zurücktreten" in html
    assert "Withdraw from the study" not in html
    # What the researcher wrote stays.
    assert "How it works" in html


def test_the_trials_of_the_player_and_its_own_texts_are_german(study):
    session = start_session(study=study, entry_key=uuid.uuid4())
    StudySession.objects.filter(pk=session.pk).update(stage_key="assessment")
    session.refresh_from_db()
    trial = Speaker(session).trials()[0]
    assert trial["question"] == "Welche Möwe ist das?"
    assert ">Antworten</button>" in trial["page"]
    assert trial["confidence_question"] == "Wie sicher sind Sie?"
    html = Client(**ENGLISH).get(reverse("run", args=[session.token])).content.decode()
    assert "Ihre Antworten werden gesendet …" in html


@pytest.mark.parametrize(
    ("asked", "told"),
    [("de-AT", "Diese Seite gibt es nicht"), ("fr", "This page does not exist")],
)
def test_pages_of_no_study_follow_the_browser(db, asked, told):
    response = Client(HTTP_ACCEPT_LANGUAGE=asked).get("/nowhere/")
    assert response.status_code == 404
    assert told in response.content.decode()
