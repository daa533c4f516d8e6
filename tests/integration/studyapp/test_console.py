"""The console: a study's overview, its moves, the monitor, participants, the export's download."""

import io
import uuid
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from experiments.sequencing import CATCH
from studyapp.enums import Group, Role, SessionState, StudyStage
from studyapp.models import AuditEntry, Event, Study, StudySession
from studyapp.selectors.delivery import delivery
from studyapp.selectors.monitoring import (
    arm_counts,
    failed_checks,
    last_seen,
    page_counts,
    states,
    troubles,
)
from studyapp.selectors.participants import participant_rows, participant_sessions
from studyapp.selectors.studies import protocol_of
from studyapp.services.events import record_event
from studyapp.services.people import give_role
from studyapp.services.sessions import start_session
from studyapp.services.withdrawal import withdraw
from tests.integration.studyapp.speaking import Speaker
from tests.integration.studyapp.walking import finish


@pytest.fixture
def client_as(study):
    """A function that gives a signed-in client of somebody with a role."""

    def sign_in(role: Role) -> Client:
        user = User.objects.create_user(role.value)
        reason = "planned" if role == Role.ANALYST_UNBLINDED else ""
        give_role(user=user, study=study, role=role, reason=reason)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def begin(study: Study, *, is_bot: bool = False) -> StudySession:
    return start_session(study=study, entry_key=uuid.uuid4(), is_bot=is_bot)


def silent(session: StudySession) -> None:
    """As it is an hour later."""
    hour = timedelta(hours=1)
    Event.objects.filter(session=session).update(occurred_at=timezone.now() - hour)
    StudySession.objects.filter(pk=session.pk).update(started_at=timezone.now() - hour)


def test_an_owner_moves_a_study_along_the_table(study, client_as):
    client = client_as(Role.OWNER)
    overview = reverse("staff-study", args=[study.slug])
    move = reverse("staff-move", args=[study.slug])

    def moved(**form: str) -> str:
        return client.post(move, form, follow=True).content.decode()

    assert "Open for participants" in client.get(overview).content.decode()
    assert "Choose one of the stages" in moved(stage="nonsense")
    assert "from there it may become" in moved(stage="paused")
    assert "no way leads back to the pilot" in moved(stage="open")
    assert Study.objects.get().stage == StudyStage.PILOT
    assert "is open now" in moved(stage="open", ready="yes")
    assert "Tick that you know it" in moved(stage="closed")
    assert Study.objects.get().stage == StudyStage.OPEN
    page = moved(stage="closed", for_good="yes")
    assert "is closed now" in page and "Move it on" not in page
    assert Study.objects.get().stage == StudyStage.CLOSED
    assert AuditEntry.objects.filter(action="stage_changed", actor="owner").count() == 2


def test_who_may_not_move_a_study_sees_no_button(study, client_as):
    page = client_as(Role.DESIGNER).get(reverse("staff-study", args=[study.slug]))
    assert "Move it on" not in page.content.decode()
    assert study.digest in page.content.decode()


def test_an_export_is_downloaded_whole_and_logged(study, client_as):
    finish(begin(study))
    answer = client_as(Role.ANALYST_UNBLINDED).post(reverse("staff-export", args=[study.slug]))
    packed = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = set(packed.namelist())
    assert {f"{study.slug}/{name}" for name in ("SHA256SUMS", "tables/trials.csv")} <= names
    assert packed.testzip() is None
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.actor) == ("study_exported", "analyst_unblinded")


def test_the_monitor_counts_people_and_bots_apart(study):
    finish(begin(study))
    begin(study)
    begin(study, is_bot=True)
    assert states(study, Group.PILOT) == {
        "active": 1,
        "completed": 1,
        "screened_out": 0,
        "withdrawn": 0,
    }
    assert states(study, Group.BOTS)["active"] == 1
    assert sum(states(study, Group.MAIN).values()) == 0
    assert last_seen(study, Group.MAIN) is None
    assert last_seen(study, Group.PILOT) is not None


def test_by_arm_only_finished_runs_are_told(study):
    finished = begin(study)
    finish(finished)
    begin(study)
    counts = {row.arm: (row.completed, row.places) for row in arm_counts(study, Group.PILOT)}
    assert sum(completed for completed, _ in counts.values()) == 1
    assert counts[finished.slot.arm][0] == 1
    assert (
        sum(places for _, places in counts.values())
        == study.slots.filter(recruitment_stage="pilot").count()
    )


def test_an_owner_closes_an_arm_and_reopens_it(study, client_as):
    client = client_as(Role.OWNER)
    address = reverse("staff-cell", args=[study.slug])

    def told(**form: str) -> str:
        return client.post(address, {"group": "pilot", **form}, follow=True).content.decode()

    number = sorted(protocol_of(study).arms).index("heatmap")
    assert "say why" in told(cell=str(number), deed="close", reason="")
    assert "say why" in told(cell="99", deed="close", reason="x")
    assert "say why" in told(cell=str(number), deed="burn", reason="x")
    page = told(cell=str(number), deed="close", reason="its pictures were wrong")
    assert "heatmap gives no places any more" in page and "(closed)" in page
    arms = {begin(study).slot.arm for _ in range(8)}
    assert arms == {"none", "placebo"}
    assert "is closed already" in told(cell=str(number), deed="close", reason="again")
    assert "heatmap gives places again" in told(cell=str(number), deed="reopen", reason="mended")
    assert begin(study).slot.arm == "heatmap"
    assert AuditEntry.objects.filter(action="cell_closed", actor="owner").count() == 1
    watcher = client_as(Role.MONITOR).get(reverse("staff-monitor", args=[study.slug]))
    assert "Close or reopen" not in watcher.content.decode()


def test_the_monitor_says_where_people_are_lost(study):
    finish(begin(study))
    begin(study)
    silent(begin(study))
    withdraw(session=begin(study), delete_answers=False)
    pages = page_counts(study, Group.PILOT)
    first, last = pages[0], pages[-1]
    assert (first.reached, first.active, first.idle, first.withdrawn) == (4, 1, 1, 1)
    assert first.left == 2
    assert (last.reached, last.left) == (1, 0)
    assert all(page.median_seconds is not None for page in pages[:-1])
    assert [page.title for page in pages] == [s.title for s in protocol_of(study).stages[1:]]


def test_failed_checks_and_troubles_are_told(study):
    right, wrong = begin(study), begin(study)
    finish(right)
    finish(wrong, fails_checks=True)
    record_event(session=wrong, kind="loading_failed")
    record_event(session=wrong, kind="loading_failed")
    assert failed_checks(study, Group.PILOT) == (1, 2)
    trouble = next(t for t in troubles(study, Group.PILOT) if "loaded" in t.title)
    assert trouble.sessions == 1


def test_answers_that_waited_in_a_browser_are_told(study, client_as):
    client, address = client_as(Role.MONITOR), reverse("staff-monitor", args=[study.slug])
    assert "within a minute" not in client.get(address).content.decode()
    session = begin(study)
    StudySession.objects.filter(pk=session.pk).update(stage_key="assessment")
    session.refresh_from_db()
    player = Speaker(session)
    prompt, late = player.trials()[:2]
    player.answer(prompt, waited_ms=59_999)
    assert "All of 1 answers came within a minute" in client.get(address).content.decode()
    player.answer(late, waited_ms=61_000)
    told = delivery(study, Group.PILOT)
    assert (told.answers, told.late, told.late_sessions, told.longest_ms) == (2, 1, 1, 61_000)
    assert "1 of 2 answers, in 1 run, waited" in client.get(address).content.decode()
    assert delivery(study, Group.BOTS).answers == 0


def test_a_row_says_how_a_run_goes(study):
    done, idle, gone = begin(study), begin(study), begin(study)
    finish(done, fails_checks=True)
    silent(idle)
    withdraw(session=gone, delete_answers=True)
    rows = {
        row.session: row
        for row in participant_rows(study, list(participant_sessions(study, Group.PILOT)))
    }
    checks = done.trials.filter(trial_type=CATCH).count()
    assert rows[done.code].state == "completed"
    assert rows[done.code].answered == rows[done.code].expected == done.trials.count()
    assert rows[done.code].flags == (f"{checks} × failed check",)
    assert (rows[idle.code].state, rows[idle.code].answered) == ("idle", 0)
    assert rows[gone.code].state == "withdrawn, answers deleted"
    only = participant_sessions(study, Group.PILOT, SessionState.COMPLETED)
    assert [session.code for session in only] == [done.code]


def test_a_page_costs_the_same_queries_for_two_people_and_for_twenty(study, client_as):
    client = client_as(Role.MONITOR)

    def queries(name: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(reverse(name, args=[study.slug])).status_code == 200
        return len(captured)

    begin(study)
    begin(study)
    queries("staff-participants")
    few = [queries(name) for name in ("staff-participants", "staff-monitor")]
    for _ in range(18):
        begin(study)
    assert [queries(name) for name in ("staff-participants", "staff-monitor")] == few


def test_no_page_for_who_watches_names_an_arm_beside_a_person(study, client_as):
    begin(study)
    finish(begin(study))
    page = client_as(Role.MONITOR).get(reverse("staff-participants", args=[study.slug]))
    assert not any(f">{arm}<" in page.content.decode() for arm in protocol_of(study).arms)


def test_the_figures_come_alone_when_they_are_asked_again(study, client_as):
    client = client_as(Role.MONITOR)
    address = reverse("staff-monitor", args=[study.slug])
    assert "<html" in client.get(address).content.decode()
    again = client.get(address, {"group": "bots"}, headers={"HX-Request": "true"})
    assert again.content.decode().startswith('<div id="figures"')
    assert "group=bots" in again.content.decode()
