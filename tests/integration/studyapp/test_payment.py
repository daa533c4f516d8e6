"""What is due to whom, and when recruiting ends by the plan."""

import uuid
from csv import DictReader
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studyapp.enums import Role, StudyStage
from studyapp.exceptions import StudyFull
from studyapp.models import AuditEntry, Response, StudySession
from studyapp.selectors.payment_files import PaymentFile, payment_text
from studyapp.selectors.payments import due_to
from studyapp.services.people import give_role
from studyapp.services.sessions import start_session
from studyapp.services.withdrawal import withdraw
from tests.factories import BRIEF, open_demo
from tests.integration.studyapp.recruiting import MTURK, PID, PROLIFIC, agree, link, recruited
from tests.integration.studyapp.walking import finish

PAYMENT = (
    "payment: {currency: GBP, cents: 150, minutes: 10, "
    "bonus: {cents_per_right_answer: 7, cents_at_most: 90}}\n"
)


@pytest.fixture
def paid(db, tmp_path):
    return recruited(tmp_path, "prolific", stage=StudyStage.PILOT, more=PAYMENT)


def right_answers(session) -> int:
    """Slowly, answer by answer."""
    counting = Response.objects.filter(trial__session=session, is_conflict=False, is_first=False)
    return sum(
        answer.choice == answer.trial.right_choice
        for answer in counting
        if answer.trial.phase == "assessment" and answer.trial.trial_type != "catch"
    )


def test_the_bonus_follows_the_right_answers_of_the_phase(paid):
    call_command("run_bots", paid.slug, "-n", "4", "--seed", "5")
    sessions = list(StudySession.objects.filter(study=paid, state="completed"))
    assert sessions
    for session in sessions:
        expected = min(7 * right_answers(session), 90)
        assert due_to(session) == {"payment_cents": 150, "bonus_cents": expected}


def test_nothing_is_due_before_the_end(paid):
    session = start_session(study=paid, entry_key=uuid.uuid4())
    assert due_to(session) == {"payment_cents": 0, "bonus_cents": 0}


def test_without_a_rule_nothing_is_told(study):
    session = start_session(study=study, entry_key=uuid.uuid4())
    assert due_to(session) == {"payment_cents": None, "bonus_cents": None}


def test_who_deletes_the_answers_keeps_the_pay(paid):
    call_command("run_bots", paid.slug, "-n", "1", "--seed", "5")
    session = StudySession.objects.get(study=paid)
    withdraw(session=session, delete_answers=True)
    session.refresh_from_db()
    assert due_to(session) == {"payment_cents": 150, "bonus_cents": None}


def test_amounts_stand_beside_the_recruiters_ids(paid, tmp_path):
    assert agree(Client(), link(paid, PROLIFIC)).status_code == 302
    out = tmp_path / "visits.csv"
    call_command("recruiter_visits", paid.slug, out=out)
    (row,) = DictReader(out.open(newline=""))
    assert (row["payment_cents"], row["bonus_cents"]) == ("0", "0")


def with_rule(folder, rule: str):
    path = folder / "study.yaml"
    text = BRIEF
    path.write_text(text.replace("alpha: 0.05", f"alpha: 0.05\n  stop_rule: {rule}"))
    return open_demo(folder / "stimuli", StudyStage.OPEN, path)


def test_recruiting_ends_when_enough_have_completed(db, tmp_path):
    study = with_rule(tmp_path, "{completed: 1}")
    first, second = (start_session(study=study, entry_key=uuid.uuid4()) for _ in range(2))
    StudySession.objects.filter(pk=first.pk).update(
        state="completed", stage_key="debrief", finished_at=timezone.now()
    )
    with pytest.raises(StudyFull, match="stop rule"):
        start_session(study=study, entry_key=uuid.uuid4())
    # Who has begun is known, and goes on.
    assert start_session(study=study, entry_key=second.entry_key) == second
    response = agree(Client(), link(study, {}))
    assert response.status_code != 302
    assert StudySession.objects.count() == 2


@pytest.mark.parametrize(("days", "is_open"), [(0, True), (-1, False)])
def test_recruiting_ends_after_its_last_day(db, tmp_path, days, is_open):
    day = timezone.now().date() + timedelta(days=days)
    study = with_rule(tmp_path, f"{{last_day: {day}}}")
    response = agree(Client(), link(study, {}))
    assert (response.status_code == 302) is is_open


def test_a_pilot_does_not_end_by_the_rule_of_the_main_stage(db, tmp_path):
    path = tmp_path / "study.yaml"
    rule = "alpha: 0.05\n  stop_rule: {last_day: 2020-01-01}"
    path.write_text(BRIEF.replace("alpha: 0.05", rule))
    study = open_demo(tmp_path / "stimuli", StudyStage.PILOT, path)
    assert start_session(study=study, entry_key=uuid.uuid4()).state == "active"


def come_and_finish(study, said: dict[str, str]) -> StudySession:
    agree(Client(), link(study, said))
    session = StudySession.objects.latest("pk")
    finish(session)
    return session


def payment_file(study, file: str, folder) -> str:
    call_command("recruiter_visits", study.slug, file=file, out=folder / file)
    return (folder / file).read_text(encoding="utf-8")


def test_prolific_gets_whom_to_approve_and_the_bonuses(paid, tmp_path):
    session = come_and_finish(paid, PROLIFIC)
    agree(Client(), link(paid, {**PROLIFIC, "PROLIFIC_PID": "left", "SESSION_ID": "early"}))
    bonus = due_to(session)["bonus_cents"]
    assert bonus
    assert payment_file(paid, "approvals", tmp_path) == f"{PID}\n"
    assert payment_file(paid, "bonuses", tmp_path) == f"{PID},{bonus / 100:.2f}\n"


def test_mechanical_turk_gets_its_columns_and_each_person_once(db, tmp_path):
    study = recruited(tmp_path, "mturk", stage=StudyStage.PILOT, more=PAYMENT)
    session = come_and_finish(study, MTURK)
    bonus = due_to(session)["bonus_cents"] / 100
    worker, assignment, hit = MTURK["workerId"], MTURK["assignmentId"], MTURK["hitId"]
    assert payment_file(study, "approvals", tmp_path).splitlines() == [
        "HITId,AssignmentId,WorkerId,Approve,Reject",
        f"{hit},{assignment},{worker},X,",
    ]
    assert payment_file(study, "bonuses", tmp_path).splitlines() == [
        "WorkerId,AssignmentId,BonusAmount",
        f"{worker},{assignment},{bonus:.2f}",
    ]
    first = {"participant": "p1", "has_completed": "yes", "bonus_cents": 5, "rejection": ""}
    visits = [first | {"visit_id": visit, "external_id": "w"} for visit in ("returned", "paid")]
    text = payment_text(study, PaymentFile.BONUSES, visits)
    assert text.splitlines()[1:] == ["w,paid,0.05"]


def test_a_study_of_its_own_link_has_one_file(study, tmp_path):
    with pytest.raises(CommandError, match="only --file visits"):
        payment_file(study, "bonuses", tmp_path)
    assert payment_file(study, "visits", tmp_path).startswith("external_id,visit_id,listing_id")


def test_the_page_gives_the_files_and_logs_each(paid, tmp_path):
    come_and_finish(paid, PROLIFIC)
    user = User.objects.create_user("monitor")
    give_role(user=user, study=paid, role=Role.MONITOR)
    client = Client()
    client.force_login(user)
    address = reverse("staff-payments", args=[paid.slug])
    page = client.get(reverse("staff-visits", args=[paid.slug])).content.decode()
    assert "Download the bonuses" in page and PID not in page
    answer = client.post(address, {"file": "approvals"})
    assert answer.content.decode() == f"{PID}\n"
    assert answer["Content-Disposition"] == f'attachment; filename="{paid.slug}-approvals.csv"'
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.actor) == ("personal_data_viewed", "monitor")
    refused = client.post(address, {"file": "salaries"}, follow=True).content.decode()
    assert "Choose one of the files" in refused
