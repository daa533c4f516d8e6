"""What staff decide about one participant: pay and place, never what is analysed."""

import uuid
from typing import get_args

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studyapp.api.events import EventKind
from studyapp.enums import Role, StudyStage
from studyapp.exceptions import DecisionRefused
from studyapp.models import AuditEntry, ExtraBonus, Rejection, Slot, StudySession
from studyapp.selectors.export_rows import rows_of
from studyapp.selectors.payment_files import PaymentFile, payment_text
from studyapp.selectors.payments import due_to
from studyapp.selectors.recruiters import visits_of
from studyapp.services.decisions import give_bonus, reject
from studyapp.services.events import record_event
from studyapp.services.people import give_role
from studyapp.services.rehearsals import begin_preview
from studyapp.services.sessions import start_session
from tests.integration.studyapp.recruiting import MTURK, PID, PROLIFIC, agree, link, recruited
from tests.integration.studyapp.test_payment import PAYMENT
from tests.integration.studyapp.walking import finish


def begun_in(folder, source: str, said: dict[str, str]) -> StudySession:
    """Somebody whom a recruiter sent to a paid study."""
    study = recruited(folder, source, stage=StudyStage.PILOT, more=PAYMENT)
    agree(Client(), link(study, said))
    return StudySession.objects.get(study=study)


@pytest.fixture
def finished(db, tmp_path) -> StudySession:
    session = begun_in(tmp_path, "prolific", PROLIFIC)
    finish(session)
    session.refresh_from_db()
    return session


@pytest.fixture
def owner(finished) -> Client:
    user = User.objects.create_user("owner")
    give_role(user=user, study=finished.study, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    return client


def address(session: StudySession, deed: str = "participant") -> str:
    return reverse(f"staff-{deed}", args=[session.study.slug, session.participant.code])


def test_a_rejection_takes_pay_and_place_and_leaves_the_data(finished):
    slot = Slot.objects.get(holder=finished)
    reject(session=finished, reason="answered in seconds", release=True)
    assert due_to(finished) == {"payment_cents": 0, "bonus_cents": 0}
    assert not Slot.objects.filter(holder=finished).exists()
    following = start_session(study=finished.study, entry_key=uuid.uuid4())
    assert following.slot == slot
    (row,) = [r for r in rows_of("sessions", finished.study) if r["session"] == finished.code]
    assert row["state"] == "completed" and row["rejected_at"] is not None
    assert [r["session"] for r in rows_of("responses", finished.study)].count(finished.code) > 10
    kinds = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"submission_rejected", "slot_released"} <= kinds


def test_a_rejected_submission_can_keep_its_place(finished):
    reject(session=finished, reason="x", release=False)
    assert Slot.objects.filter(holder=finished).exists()


def test_who_is_under_way_or_was_rejected_is_not_rejected(db, tmp_path):
    session = begun_in(tmp_path, "prolific", PROLIFIC)
    with pytest.raises(DecisionRefused, match="under way"):
        reject(session=session, reason="x", release=False)
    finish(session)
    reject(session=session, reason="x", release=False)
    with pytest.raises(DecisionRefused, match="rejected before"):
        reject(session=session, reason="y", release=False)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_decision_wants_a_reason(finished, reason):
    for decide in (
        lambda: reject(session=finished, reason=reason, release=False),
        lambda: give_bonus(session=finished, cents=5, reason=reason, key=uuid.uuid4()),
    ):
        with pytest.raises(DecisionRefused, match="Say why"):
            decide()
    assert not Rejection.objects.exists() and not ExtraBonus.objects.exists()


def test_an_extra_bonus_comes_on_top_and_into_the_file(finished):
    earned = due_to(finished)["bonus_cents"]
    key = uuid.uuid4()
    for _ in range(2):  # a form that is sent twice
        give_bonus(session=finished, cents=25, reason="a long wait", key=key)
    give_bonus(session=finished, cents=10, reason="told us of a mistake", key=uuid.uuid4())
    assert due_to(finished)["bonus_cents"] == earned + 35
    rows = list(visits_of(finished.study))
    amount = f"{(earned + 35) / 100:.2f}"
    assert payment_text(finished.study, PaymentFile.BONUSES, rows) == f"{PID},{amount}\n"
    reject(session=finished, reason="x", release=False)
    assert due_to(finished) == {"payment_cents": 0, "bonus_cents": 35}
    rows = list(visits_of(finished.study))
    assert payment_text(finished.study, PaymentFile.APPROVALS, rows) == ""
    assert payment_text(finished.study, PaymentFile.BONUSES, rows) == f"{PID},0.35\n"


def test_mechanical_turk_is_told_the_reason(db, tmp_path):
    session = begun_in(tmp_path, "mturk", MTURK)
    finish(session)
    session.refresh_from_db()
    reject(session=session, reason="answered in seconds", release=True)
    rows = list(visits_of(session.study))
    text = payment_text(session.study, PaymentFile.APPROVALS, rows)
    assert text.splitlines()[1].endswith(",,answered in seconds")


def test_nothing_is_paid_without_a_currency_nor_for_a_rehearsal(study):
    session, key = start_session(study=study, entry_key=uuid.uuid4()), uuid.uuid4()
    with pytest.raises(DecisionRefused, match="no currency"):
        give_bonus(session=session, cents=5, reason="x", key=key)
    preview = begin_preview(study=study, arm="none")
    with pytest.raises(DecisionRefused, match="rehearsal"):
        give_bonus(session=preview, cents=5, reason="x", key=key)


def test_the_database_wants_reasons_and_amounts(finished):
    now = timezone.now()

    def extra(**told):
        ExtraBonus.objects.create(session=finished, key=uuid.uuid4(), at=now, **told)

    for wrong in (
        lambda: Rejection.objects.create(session=finished, reason="", at=now),
        lambda: extra(cents=5, reason=""),
        lambda: extra(cents=0, reason="x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_the_owner_decides_on_the_page(finished, owner):
    page = owner.get(address(finished)).content.decode()
    assert finished.code in page and "stage reached" in page and PID not in page
    assert finished.slot.arm not in page.replace("none", "") or finished.slot.arm == "none"
    told = owner.post(
        address(finished, "bonus"),
        {"amount": "1.50", "reason": "patience", "key": str(uuid.uuid4())},
        follow=True,
    ).content.decode()
    assert "1.50: patience" in told
    wrong = owner.post(
        address(finished, "bonus"),
        {"amount": "0", "reason": "x", "key": str(uuid.uuid4())},
        follow=True,
    )
    assert "Nothing was decided. amount" in wrong.content.decode()
    assert ExtraBonus.objects.get().cents == 150
    told = owner.post(
        address(finished, "reject"), {"reason": "too quick", "release": "on"}, follow=True
    ).content.decode()
    assert "Reject it at the recruiter, too" in told and "too quick" in told
    assert "Reject the submission" not in told and "Give the place" not in told
    refused = owner.post(address(finished, "release"), {"reason": "x"}, follow=True)
    assert "holds no place" in refused.content.decode()
    assert (
        "rejected"
        in owner.get(reverse("staff-participants", args=[finished.study.slug])).content.decode()
    )


def test_the_recruiters_id_is_shown_after_a_logged_look(finished, owner):
    assert PID in owner.post(address(finished)).content.decode()
    entry = AuditEntry.objects.last()
    assert entry.action == "personal_data_viewed"
    assert entry.details == {"participant": finished.participant.code}


def test_a_timeline_tells_nothing_that_only_some_arms_can_do(finished, owner):
    for kind in get_args(EventKind):
        record_event(session=finished, kind=kind)
    page = owner.get(address(finished)).content.decode()
    for kind in ("picked", "opacity changed", "part shown", "children opened", "graph panned"):
        assert kind not in page
    assert "colours switched" not in page and "page hidden" in page
    # What was earned tells how many answers were right.
    assert "Due" not in page
