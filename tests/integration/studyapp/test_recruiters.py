"""Coming from Prolific, MTurk and SONA, and going back there."""

import logging
from csv import DictReader
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from experiments.digest import sha256_bytes
from studyapp.enums import StudyStage
from studyapp.models import Event, RecruitedPerson, RecruiterVisit, Slot, StudySession
from studyapp.selectors.recruiters import fingerprint, way_back
from studyapp.services.exports import export_study
from studyapp.services.sessions import screen_out
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.integration.studyapp.recruiting import (
    MTURK,
    PID,
    PROLIFIC,
    SESSION,
    SONA,
    agree,
    link,
    recruited,
)
from tests.integration.studyapp.speaking import Speaker
from tests.integration.studyapp.walking import finish

OF_SOURCE = {"prolific": PROLIFIC, "mturk": MTURK, "sona": SONA}
COMPLETE = "https://app.prolific.com/submissions/complete?cc="


@pytest.fixture
def study_of(db, tmp_path):
    return lambda source, **named: recruited(tmp_path, source, **named)


def begun(study, said, client=None) -> StudySession:
    response = agree(client or Client(), link(study, said))
    assert response.status_code == 302, response.content.decode()
    return StudySession.objects.get(token=response.headers["Location"].split("/")[2])


def page(session, client=None) -> str:
    address = reverse("run", args=[session.token])
    return " ".join((client or Client()).get(address).content.decode().split())


def complete(session) -> StudySession:
    StudySession.objects.filter(pk=session.pk).update(
        state="completed", stage_key="debrief", finished_at=timezone.now()
    )
    session.refresh_from_db()
    return session


def go_back(session):
    response = Client().get(reverse("return", args=[session.token]))
    assert response.status_code == 302
    return response.headers["Location"]


@pytest.mark.parametrize("source", OF_SOURCE)
def test_the_same_ids_land_in_the_same_session(study_of, source):
    study, client = study_of(source), Client()
    session = begun(study, OF_SOURCE[source], client)
    for _ in range(2):
        again = client.get(link(study, OF_SOURCE[source]))
        assert again.headers["Location"] == reverse("run", args=[session.token])
    assert agree(client, link(study, OF_SOURCE[source])).status_code == 302
    assert (StudySession.objects.count(), RecruiterVisit.objects.count()) == (1, 1)
    other = {name: value[:-1] + "7" for name, value in OF_SOURCE[source].items()}
    other["turkSubmitTo"] = MTURK["turkSubmitTo"]
    assert begun(study, other, client) != session


@pytest.mark.parametrize(("source", "status"), [("prolific", 302), ("mturk", 302), ("sona", 403)])
def test_another_browser_is_let_in_by_ids_that_nobody_can_guess(study_of, source, status):
    study = study_of(source)
    session = begun(study, OF_SOURCE[source])
    for response in (
        Client().get(link(study, OF_SOURCE[source])),
        agree(Client(), link(study, OF_SOURCE[source])),
    ):
        assert response.status_code == status
        assert (session.token in str(response.headers)) == (status == 302)
        assert session.token not in response.content.decode()
    assert StudySession.objects.count() == 1


def test_a_fingerprint_can_not_be_made_without_the_servers_key(study_of, settings):
    study = study_of("prolific")
    begun(study, PROLIFIC)
    kept = RecruitedPerson.objects.get().fingerprint
    assert kept == fingerprint(study, PID)
    assert kept != sha256_bytes(f"{study.digest} {PID}".encode())
    settings.SECRET_KEY = "another-key"
    assert kept != fingerprint(study, PID)


def test_who_was_known_before_fingerprints_had_a_key_is_known_after(study_of):
    study = study_of("prolific")
    session = begun(study, PROLIFIC)
    unkeyed = sha256_bytes(f"{study.digest} {PID}".encode())
    RecruitedPerson.objects.update(fingerprint=unkeyed)
    import_module("studyapp.migrations.0005_keyed_fingerprints").add_the_key(apps, None)
    response = Client().get(link(study, PROLIFIC))
    assert response.headers["Location"] == reverse("run", args=[session.token])
    assert RecruitedPerson.objects.get().fingerprint != unkeyed


def test_a_known_person_with_another_visit_needs_the_browser_that_began(study_of):
    study, client = study_of("prolific"), Client()
    session = begun(study, PROLIFIC, client)
    second = link(study, {**PROLIFIC, "SESSION_ID": "anothersession"})
    for response in (Client().get(second), agree(Client(), second)):
        assert response.status_code == 403
        assert "You have begun before" in response.content.decode()
    assert client.get(second).headers["Location"] == reverse("run", args=[session.token])
    visits = RecruiterVisit.objects.order_by("pk").values_list("visit_id", flat=True)
    assert list(visits) == [SESSION, "anothersession"]
    assert StudySession.objects.count() == 1


def test_two_people_at_one_browser_are_two(study_of):
    study, client = study_of("prolific"), Client()
    first = begun(study, PROLIFIC, client)
    second = begun(study, {**PROLIFIC, "PROLIFIC_PID": "somebodyelse", "SESSION_ID": "s2"}, client)
    assert first != second


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("prolific", {}),
        ("prolific", {"PROLIFIC_PID": PID}),
        ("prolific", {**PROLIFIC, "PROLIFIC_PID": "{{%PROLIFIC_PID%}}"}),
        ("prolific", {**PROLIFIC, "SESSION_ID": "x" * 101}),
        ("mturk", {**MTURK, "turkSubmitTo": "https://evil.example"}),
        ("mturk", {**MTURK, "turkSubmitTo": "https://mturk.com.evil.example"}),
        ("mturk", {**MTURK, "turkSubmitTo": "https://evil.example/.mturk.com"}),
        ("mturk", {**MTURK, "turkSubmitTo": "https://a@www.mturk.com"}),
        ("mturk", {**MTURK, "turkSubmitTo": "http://www.mturk.com"}),
        ("mturk", {**MTURK, "turkSubmitTo": "https://[::1"}),
        ("mturk", {**MTURK, "workerId": ""}),
        ("sona", {"survey_code": "%SURVEY_CODE%"}),
        ("sona", {"survey_code": "0123"}),
        ("sona", {"survey_code": "12345678"}),
    ],
)
def test_an_incomplete_link_takes_nobody_and_says_what_to_do(study_of, source, said):
    study = study_of(source)
    for response in (Client().get(link(study, said)), agree(Client(), link(study, said))):
        assert response.status_code == 403
        assert "This link is not complete" in response.content.decode()
    assert StudySession.objects.count() == 0


def test_a_pilot_can_be_tried_by_its_plain_link(study_of):
    study = study_of("prolific", stage=StudyStage.PILOT)
    assert agree(Client(), link(study, {})).status_code == 302
    assert agree(Client(), link(study, {"PROLIFIC_PID": PID})).status_code == 403
    assert RecruitedPerson.objects.count() == 0


def test_prolific_gets_the_code_of_completion_and_not_before(study_of):
    session = begun(study_of("prolific"), PROLIFIC)
    assert go_back(session) == reverse("run", args=[session.token])
    assert "LARUS-DEMO" not in page(session)
    complete(session)
    assert go_back(session) == f"{COMPLETE}LARUS-DEMO"
    html = page(session)
    assert "LARUS-DEMO" in html
    assert "Return to Prolific" in html
    assert Event.objects.filter(kind="sent_back").count() == 1


@pytest.mark.parametrize("ending", ["failed_quiz", "screened_out", "withdrawn"])
def test_prolific_gets_the_code_of_each_other_ending(study_of, ending):
    session = begun(study_of("prolific"), PROLIFIC)
    code = {"failed_quiz": "QUIZ1", "screened_out": "SCREEN1", "withdrawn": "LEFT1"}[ending]
    if ending == "withdrawn":
        withdraw(session=session, delete_answers=True)
    else:
        stage = "quiz" if ending == "failed_quiz" else "instructions"
        StudySession.objects.filter(pk=session.pk).update(stage_key=stage)
        session.refresh_from_db()
        screen_out(session=session, reason="test")
    assert go_back(session) == COMPLETE + code
    html = page(session)
    assert code in html
    assert "LARUS-DEMO" not in html


def test_who_does_not_agree_is_sent_back_and_nothing_is_stored(study_of):
    study = study_of("prolific")
    html = Client().get(reverse("declined", args=[study.slug])).content.decode()
    assert f"{COMPLETE}NO1" in html
    assert StudySession.objects.count() == 0


def test_sona_grants_credit_for_the_survey_code(study_of):
    session = begun(study_of("sona"), SONA)
    assert go_back(session) == reverse("run", args=[session.token])
    html = page(complete(session))
    assert "Return to SONA" in html
    assert "4821396" not in html
    assert "LARUS-DEMO" not in html
    assert go_back(session) == (
        "https://uni.sona-systems.com/webstudy_credit.aspx"
        "?experiment_id=12&credit_token=tok9&survey_code=4821396"
    )


TURNED_AWAY = ("Not in this browser", "This study is not open")
GIVE_BACK = {
    "prolific": "Please return your submission at Prolific.",
    "mturk": "Please return the HIT.",
    "sona": "Please cancel your sign-up at SONA.",
}


@pytest.mark.parametrize("source", GIVE_BACK)
def test_who_can_not_take_part_is_told_what_to_do_at_the_recruiter(study_of, source):
    study = study_of(source, more="requirements: {touch_allowed: false}\n")
    told = GIVE_BACK[source]
    address = link(study, OF_SOURCE[source])
    phone = Client(headers={"user-agent": "Mobile"})
    assert told in phone.get(address).content.decode()
    assert told not in Client().get(address).content.decode()
    set_stage(study=study, stage=StudyStage.PAUSED)
    html = Client().get(address).content.decode()
    assert "This study is not open" in html
    assert told in html


def test_who_only_previews_has_nothing_to_return(study_of):
    study = study_of("mturk", more="requirements: {touch_allowed: false}\n")
    preview = link(study, {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE"})
    phone = Client(headers={"user-agent": "Mobile"})
    told = [phone.get(preview).content.decode()]
    set_stage(study=study, stage=StudyStage.PAUSED)
    told.append(Client().get(preview).content.decode())
    assert [title in html for title, html in zip(TURNED_AWAY, told, strict=True)] == [True] * 2
    assert not any(GIVE_BACK["mturk"] in html for html in told)


@pytest.mark.parametrize("ending", ["screened_out", "withdrawn", "declined", "full"])
@pytest.mark.parametrize("source", ["sona", "mturk"])
def test_an_ending_without_a_way_back_says_what_to_do(study_of, source, ending):
    study = study_of(source)
    session = begun(study, OF_SOURCE[source])
    if ending == "screened_out":
        StudySession.objects.filter(pk=session.pk).update(stage_key="quiz")
        screen_out(session=StudySession.objects.get(pk=session.pk), reason="test")
    elif ending == "withdrawn":
        withdraw(session=session, delete_answers=False)
    html = page(session)
    if ending == "declined":
        html = Client().get(reverse("declined", args=[study.slug])).content.decode()
    if ending == "full":
        Slot.objects.filter(holder__isnull=True).delete()
        said = {**OF_SOURCE[source], "workerId": "OTHER", "survey_code": "777"}
        html = agree(Client(), link(study, said)).content.decode()
        assert "All places are taken" in html
    assert GIVE_BACK[source] in html


def test_an_mturk_preview_shows_the_study_and_takes_nobody(study_of):
    study = study_of("mturk")
    said = {"assignmentId": "ASSIGNMENT_ID_NOT_AVAILABLE", "hitId": MTURK["hitId"]}
    for response in (Client().get(link(study, said)), agree(Client(), link(study, said))):
        html = response.content.decode()
        assert response.status_code == 200
        assert "This is a preview" in html
        assert "You will look at pictures of gulls" in html
        assert "<form" not in html
    assert StudySession.objects.count() == 0


def test_mturk_is_posted_its_assignment_and_only_after_the_end(study_of):
    study, client = study_of("mturk"), Client()
    session = begun(study, MTURK, client)
    assert MTURK["assignmentId"] not in page(session)
    # Returned and accepted again: the last assignment is the one to submit.
    again = {**MTURK, "assignmentId": "3SECOND"}
    assert client.get(link(study, again)).status_code == 302
    html = page(complete(session))
    assert (
        '<form method="post" action="https://workersandbox.mturk.com/mturk/externalSubmit">' in html
    )
    assert '<input type="hidden" name="assignmentId" value="3SECOND">' in html
    assert "LARUS-DEMO" not in html
    assert go_back(session) == reverse("run", args=[session.token])


def test_only_mturk_may_frame_and_be_posted_to_and_only_its_studies(study_of, client):
    study = study_of("mturk")
    session = begun(study, MTURK, client)
    cookie = client.cookies[f"larus-{study.slug}"]
    assert (cookie["samesite"], cookie["secure"]) == ("None", True)
    for address in (link(study, MTURK), reverse("run", args=[session.token])):
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        if response.status_code == 200:
            assert "frame-ancestors https://*.mturk.com" in policy
            assert "form-action 'self' https://*.mturk.com" in policy
            assert "X-Frame-Options" not in response.headers


def test_other_studies_can_not_be_framed(study_of, client):
    study = study_of("prolific")
    response = client.get(link(study, PROLIFIC))
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "form-action 'self';" in response.headers["Content-Security-Policy"] + ";"
    assert response.headers["X-Frame-Options"] == "DENY"
    agree(client, link(study, PROLIFIC))
    assert client.cookies[f"larus-{study.slug}"]["samesite"] == "Lax"


@pytest.mark.parametrize("source", OF_SOURCE)
def test_external_ids_are_in_their_own_table_and_nowhere_else(study_of, source, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    study = study_of(source)
    ids = set(OF_SOURCE[source].values()) - {MTURK["turkSubmitTo"]}
    session = begun(study, OF_SOURCE[source])
    StudySession.objects.filter(pk=session.pk).update(stage_key="practice")
    session.refresh_from_db()
    player = Speaker(session)
    block = player.block()
    answered = player.answer(block.json()["trials"][0])
    told = [page(session), block.content.decode(), answered.content.decode(), caplog.text]
    told += [str(row) for row in (*Event.objects.values(), *StudySession.objects.values())]
    export_study(study=study, target=tmp_path / "export")
    told += [
        path.read_bytes().decode("latin-1")
        for path in (tmp_path / "export").rglob("*")
        if path.is_file()
    ]
    assert [name for name in ids if any(name in text for text in told)] == []
    assert ids <= {value for row in RecruiterVisit.objects.values() for value in row.values()}


def test_deletion_takes_the_ids_and_leaves_a_tombstone_that_keeps_the_place(study_of):
    study, client = study_of("prolific"), Client()
    session = begun(study, PROLIFIC, client)
    withdraw(session=session, delete_answers=True)
    assert RecruiterVisit.objects.count() == 0
    session.refresh_from_db()
    assert session.slot.arm
    assert [event.kind for event in session.events.all()] == ["withdrawn"]
    assert Client().get(link(study, PROLIFIC)).status_code == 403
    assert client.get(link(study, PROLIFIC)).headers["Location"].endswith(f"{session.token}/")
    assert (RecruiterVisit.objects.count(), StudySession.objects.count()) == (0, 1)


RETURNS = {
    "prolific": f"{COMPLETE}LARUS-DEMO",
    "sona": (
        "https://uni.sona-systems.com/webstudy_credit.aspx"
        "?experiment_id=12&credit_token=tok9&survey_code=4821396"
    ),
    "mturk": '<input type="hidden" name="assignmentId" value="3ASSIGNMENT0SECRET">',
    "link": '<p class="code">LARUS-DEMO</p>',
}


@pytest.mark.parametrize("answers", [["keep"], ["delete"], ["keep", "delete"]])
@pytest.mark.parametrize("source", RETURNS)
def test_who_had_completed_keeps_the_way_back_when_withdrawing(study_of, source, answers):
    session = begun(study_of(source), OF_SOURCE.get(source, {}))
    finish(session)
    assert session.state == "completed"
    address = reverse("withdraw", args=[session.token])
    assert "you keep what you were promised" in Client().get(address).content.decode()
    for choice in answers:
        Client().post(address, {"answers": choice})
    session.refresh_from_db()
    assert (session.state, session.answers_deleted) == ("withdrawn", answers[-1] == "delete")
    html = page(session)
    assert "You have withdrawn" in html
    assert RETURNS[source] in html + go_back(session)
    assert ("LARUS-DEMO" in html) == (source in ("link", "prolific"))
    assert "Please return" not in html
    stays = source in ("sona", "mturk") or (source == "prolific" and answers == ["keep"])
    assert RecruiterVisit.objects.exists() == stays


def test_of_the_ids_of_who_had_completed_only_those_that_pay_stay(study_of):
    study, client = study_of("mturk"), Client()
    session = begun(study, MTURK, client)
    client.get(link(study, {**MTURK, "assignmentId": "3SECOND"}))
    withdraw(session=complete(session), delete_answers=True)
    assert [visit.visit_id for visit in RecruiterVisit.objects.all()] == ["3SECOND"]
    assert "stay, apart from all data" in page(session)


@pytest.mark.parametrize("source", RETURNS)
@pytest.mark.parametrize("delete_answers", [True, False])
def test_who_withdraws_before_the_end_is_given_no_completion(study_of, source, delete_answers):
    session = begun(study_of(source), OF_SOURCE.get(source, {}))
    StudySession.objects.filter(pk=session.pk).update(stage_key="questionnaire")
    session.refresh_from_db()
    withdraw(session=session, delete_answers=delete_answers)
    assert RETURNS[source] not in page(session) + go_back(session)
    assert RecruiterVisit.objects.exists() == (source != "link" and not delete_answers)


def test_a_person_is_recruited_once_and_a_visit_noted_once_by_the_database(study_of):
    study = study_of("prolific")
    begun(study, PROLIFIC)
    other = begun(study, {**PROLIFIC, "PROLIFIC_PID": "other"})
    person = RecruitedPerson.objects.first()
    doubled = RecruitedPerson(study=study, participant=other.participant, fingerprint="f")
    for row in (
        doubled,
        RecruiterVisit(person=person, external_id="x", visit_id=SESSION, arrived_at=timezone.now()),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    RecruitedPerson.objects.filter(pk=person.pk).update(fingerprint="g")
    with pytest.raises(IntegrityError), transaction.atomic():
        RecruitedPerson.objects.filter(participant=other.participant).update(fingerprint="g")


def test_a_link_study_knows_no_recruiter(study_of):
    study = study_of("link")
    session = begun(study, {})
    assert way_back(complete(session)) is None
    assert "LARUS-DEMO" in page(session)


def test_whom_to_pay_is_told_by_a_command_of_its_own(study_of, tmp_path):
    study = study_of("prolific")
    session = complete(begun(study, PROLIFIC))
    out = tmp_path / "visits.csv"
    call_command("recruiter_visits", study.slug, out=out)
    (row,) = DictReader(out.open(newline=""))
    assert (row["external_id"], row["visit_id"], row["state"]) == (PID, SESSION, "completed")
    assert row["has_completed"] == "yes"
    assert row["participant"] == session.participant.code
    assert out.stat().st_mode & 0o077 == 0
