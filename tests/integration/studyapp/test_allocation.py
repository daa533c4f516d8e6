"""Places given, released and given again: within the bounds, logged, and replayable."""

import importlib
import re
from collections import Counter
from csv import DictReader

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.allocation.slots import draw_slots
from experiments.digest import derive_seed
from studyapp.enums import Role, StudyStage
from studyapp.exceptions import AllocationRefused, StudyFull, StudyNotOpen
from studyapp.models import AuditEntry, LedgerEntry, Participant, Slot, StudySession, Trial
from studyapp.selectors.replay import replay_differences
from studyapp.selectors.studies import protocol_of
from studyapp.services import allocation
from studyapp.services.allocation import close_cell, release_slot, reopen_cell
from studyapp.services.exports import export_study
from studyapp.services.people import give_role
from studyapp.services.rehearsals import rehearsal_of_study
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from studyapp.services.withdrawal import withdraw
from tests.integration.studyapp.allocating import (
    FACTORS,
    abandon,
    allocating,
    answer_screening,
    arrive,
    complete,
)

RELEASING = "participants: {pilot: 12, main: 6}, release_after_hours: 24"
BLOCKS = f"{{method: permuted_blocks, block_sizes: [3, 6], {RELEASING}}}"
URN = f"{{method: urn, {RELEASING}}}"
MINIMISATION = f"{{method: minimisation, {FACTORS}, {RELEASING}}}"
STRATA = (
    f"{{method: permuted_blocks, block_sizes: [3, 6], {FACTORS}, {RELEASING}, "
    "quotas: {pilot: {novice: 9, watcher: 3}, main: {novice: 3, watcher: 3}}}"
)
DO = st.sampled_from(["arrive", "arrive", "arrive", "finish", "drop", "withdraw", "reject"])
STEPS = st.lists(st.tuples(DO, st.integers(0, 30), st.booleans()), min_size=12, max_size=22)


@pytest.fixture
def study_with(db, tmp_path):
    return lambda allocation, asks=False: allocating(tmp_path, allocation, asks=asks)


def act(study, what, which, is_watcher):
    """One thing that happens; who it happens to is drawn from those it can happen to."""
    if what == "arrive":
        try:
            session = arrive(study)
        except StudyFull:
            return
        if session.slot is None:
            answer_screening(session, "Yes" if is_watcher else "No")
        return
    state = "completed" if what == "reject" else "active"
    able = list(study.sessions.filter(state=state, held_slot__isnull=False).order_by("pk"))
    if not able:
        return
    session = able[which % len(able)]
    if what == "finish":
        complete(session)
    elif what == "drop":
        abandon(session)
    elif what == "withdraw":
        withdraw(session=session, delete_answers=is_watcher)
    else:
        release_slot(session=session, reason="rejected")


def check(study, weights):
    """What must hold after any interleaving."""
    slots = list(study.slots.filter(recruitment_stage="pilot").order_by("index"))
    quota = Counter((slot.arm, slot.stratum) for slot in slots)
    held = Counter((slot.arm, slot.stratum) for slot in slots if slot.holder_id)
    assert all(held[cell] <= quota[cell] for cell in held)
    assert replay_differences(study) == []
    for stratum in {slot.stratum for slot in slots}:
        own = [slot for slot in slots if slot.stratum == stratum]
        given_out = [slot.sessions.exists() for slot in own]
        if study.frozen["protocol"]["allocation"]["method"] == "permuted_blocks":
            # Used in order, without a gap: so arms ever given differ by one block's share at most.
            assert given_out == sorted(given_out, reverse=True)
            arms = Counter(s.arm for s, used in zip(own, given_out, strict=True) if used)
            assert max(arms[arm] for arm in weights) - min(arms[arm] for arm in weights) <= 2


@pytest.mark.parametrize(
    ("allocation", "asks"), [(BLOCKS, False), (URN, False), (MINIMISATION, True), (STRATA, True)]
)
def test_any_interleaving_keeps_bounds_and_quotas_and_replays(study_with, allocation, asks):
    study = study_with(allocation, asks)

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(steps=STEPS)
    def every(steps):
        with transaction.atomic():
            for step in steps:
                act(study, *step)
            check(study, ("none", "placebo", "heatmap"))
            transaction.set_rollback(True)

    every()


# An export is a transaction of its own.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("allocation", [BLOCKS, URN])
def test_a_released_place_goes_to_the_next_who_comes_and_the_earlier_holder_is_marked(
    study_with, tmp_path, allocation
):
    study = study_with(allocation)
    first, second = arrive(study), arrive(study)
    abandon(first)
    third = arrive(study)
    assert third.slot == first.slot
    assert third.slot != second.slot
    assert Slot.objects.get(pk=first.slot_id).holder == third
    assert first.trials.count() == third.trials.count() > 0
    assert first.seed != third.seed
    export_study(study=study, target=tmp_path / "export")
    with (tmp_path / "export/tables/sessions.csv").open(newline="") as stream:
        rows = {row["session"]: row for row in DictReader(stream)}
    assert rows[first.code]["slot_released_at"]
    assert not rows[third.code]["slot_released_at"]
    assert rows[first.code]["arm"] == rows[third.code]["arm"]
    kinds = list(study.ledger.values_list("kind", "session__code", "reason"))
    assert kinds[2:] == [
        ("release", first.code, "not finished in time"),
        ("claim", third.code, ""),
    ]


def test_without_a_time_no_place_is_released(study_with):
    study = study_with("{method: urn, participants: {pilot: 3}}")
    first, *_ = [arrive(study) for _ in range(3)]
    abandon(first, hours=300)
    with pytest.raises(StudyFull):
        arrive(study)


def test_a_place_that_depends_on_answers_comes_with_the_trials_after_them(study_with):
    study = study_with(MINIMISATION, asks=True)
    session = arrive(study)
    assert (session.slot, Trial.objects.count(), LedgerEntry.objects.count()) == (None, 0, 0)
    answer_screening(session, "Yes")
    assert session.stratum == "watcher"
    assert session.slot.holder == session
    assert session.trials.exists()
    assert session.stage_key == "instructions"


def test_who_comes_to_a_full_stratum_is_told_and_others_still_get_a_place(study_with, client):
    study = study_with(STRATA, asks=True)
    for _ in range(3):
        assert answer_screening(arrive(study), "Yes").state == "active"
    late = answer_screening(arrive(study), "Yes")
    assert (late.state, late.slot) == ("screened_out", None)
    html = client.get(reverse("run", args=[late.token])).content.decode()
    assert "Everybody we can take with such answers has come already." in html
    assert answer_screening(arrive(study), "No").state == "active"


def test_a_closed_cell_gives_no_place_until_it_is_reopened(study_with):
    study = study_with(BLOCKS)
    cell = {"study": study, "recruitment_stage": "pilot", "arm": "heatmap", "stratum": ""}
    close_cell(**cell, reason="enough of them")
    with pytest.raises(AllocationRefused, match="closed already"):
        close_cell(**cell, reason="again")
    arms = Counter(arrive(study).slot.arm for _ in range(8))
    assert arms == {"none": 4, "placebo": 4}
    with pytest.raises(StudyFull):
        arrive(study)
    reopen_cell(**cell, reason="more are needed")
    assert arrive(study).slot.arm == "heatmap"
    assert replay_differences(study) == []
    with pytest.raises(AllocationRefused, match="It has: arm heatmap; arm none; arm placebo"):
        close_cell(**{**cell, "arm": "sag"}, reason="x")
    with pytest.raises(AllocationRefused, match="Say why"):
        close_cell(**cell, reason=" ")


def test_commands_release_close_reopen_and_replay(study_with, capsys):
    study = study_with(BLOCKS)
    session = arrive(study)
    complete(session)
    call_command("release_slot", study.slug, session.code, "--reason", "rejected")
    call_command("close_cell", study.slug, "none", "--stage", "pilot", "--reason", "enough")
    call_command("reopen_cell", study.slug, "none", "--stage", "pilot", "--reason", "more")
    arrive(study)
    call_command("replay_allocation", study.slug)
    assert "equal. 5 entries of the ledger, 1 of 18 places held." in capsys.readouterr().out
    logged = AuditEntry.objects.filter(action__in=["slot_released", "cell_closed", "cell_reopened"])
    assert [entry.details["reason"] for entry in logged.order_by("number")] == [
        "rejected",
        "enough",
        "more",
    ]
    with pytest.raises(CommandError, match="holds no place"):
        call_command("release_slot", study.slug, session.code, "--reason", "rejected")


def test_a_replay_says_where_the_database_differs(study_with):
    study = study_with(URN)
    first, second = arrive(study), arrive(study)
    Slot.objects.filter(holder=second).update(holder=None)
    with pytest.raises(CommandError) as caught:
        call_command("replay_allocation", study.slug)
    assert f"is held by nobody, by the ledger by {second.code}" in str(caught.value)
    Slot.objects.filter(pk=second.slot_id).update(holder=second)
    migration = importlib.import_module("studyapp.migrations.0009_allocation_ledger")
    undo = migration.UNDO_SQLITE if connection.vendor == "sqlite" else migration.UNDO_POSTGRESQL
    with connection.cursor() as cursor:
        for statement in undo:
            cursor.execute(statement)
    other = next(arm for arm in ("none", "placebo", "heatmap") if arm != first.slot.arm)
    LedgerEntry.objects.filter(session=first).update(arm=other)
    with pytest.raises(CommandError) as caught:
        call_command("replay_allocation", study.slug)
    assert "entry 1 of the ledger was changed" in str(caught.value)
    assert f"slot {first.slot.index} ({other})" in str(caught.value)


def test_a_replay_tells_twenty_differences_and_counts_the_others(study_with):
    study = study_with("{method: simple, participants: {pilot: 30}}")
    for _ in range(25):
        arrive(study)
    Slot.objects.update(holder=None)
    with pytest.raises(CommandError) as caught:
        call_command("replay_allocation", study.slug)
    assert str(caught.value).count("is held by nobody") == 20
    assert str(caught.value).endswith("and 5 more")


def test_a_place_that_somebody_has_is_not_given_again(study_with, monkeypatch):
    study = study_with(BLOCKS)
    first = arrive(study)
    monkeypatch.setattr(allocation, "_choose", lambda *_: first.slot)
    with pytest.raises(AllocationRefused, match="went to somebody else"):
        arrive(study)
    assert list(study.sessions.all()) == [first]
    assert replay_differences(study) == []


@pytest.mark.django_db(transaction=True)
def test_an_export_of_a_running_study_tells_the_arm_of_a_place_that_came_free(study_with, tmp_path):
    """As docs/allocation.md warns: only who is not blinded may read one."""
    study = study_with(BLOCKS)
    session = arrive(study)
    release_slot(session=session, reason="rejected")
    export_study(study=study, target=tmp_path / "export")
    with (tmp_path / "export/tables/allocation_ledger.csv").open(newline="") as stream:
        last = list(DictReader(stream))[-1]
    assert (last["kind"], last["slot_index"]) == ("release", str(session.slot.index))
    assert last["arm"] == arrive(study).slot.arm


@pytest.mark.django_db(transaction=True)
def test_no_export_tells_the_arm_of_a_place_that_nobody_has_had(study_with, tmp_path):
    study = study_with(BLOCKS)
    arrive(study)
    for place in ("during", "after"):
        export_study(study=study, target=tmp_path / place)
        if place == "during":
            set_stage(study=study, stage=StudyStage.CLOSED)
            study.refresh_from_db()
    during, after = (
        list(DictReader((tmp_path / place / "tables/allocation.csv").open(newline="")))
        for place in ("during", "after")
    )
    assert [bool(row["arm"]) for row in during] == [bool(row["session"]) for row in during]
    assert all(bool(row["block"]) == bool(row["session"]) for row in during)
    assert all(row["arm"] for row in after)
    seed = str(study.allocation_seed)
    assert seed not in (tmp_path / "during/export.json").read_text()
    assert seed in (tmp_path / "after/export.json").read_text()


STAFF_PAGES = ("study", "monitor", "participants", "people", "audit")


@pytest.mark.parametrize("role", Role)
def test_no_page_of_the_staff_tells_the_seed_or_an_arm_that_was_given(study_with, client, role):
    study = study_with(BLOCKS)
    user = User.objects.create_user("ada")
    give_role(user=user, study=study, role=role, reason="planned")
    client.force_login(user)

    def told():
        pages = [client.get(reverse(f"staff-{page}", args=[study.slug])) for page in STAFF_PAGES]
        return [page.content.decode() for page in pages if page.status_code == 200]

    before = [Counter(re.findall("heatmap|placebo|none", html)) for html in told()]
    sessions = [arrive(study) for _ in range(4)]
    assert len({session.slot.arm for session in sessions}) > 1
    after = told()
    assert (
        before and [Counter(re.findall("heatmap|placebo|none", html)) for html in after] == before
    )
    assert all(str(study.allocation_seed) not in html for html in after)


def test_who_knows_protocol_and_key_can_not_draw_its_slots(study_with, settings):
    """The same plan on the same server is drawn otherwise each time, and replayed as stored."""
    # So many places that two draws are never the same.
    study = study_with("{method: simple, participants: {pilot: 300}}")
    protocol = protocol_of(study)
    stored = arms_of(study)
    known = (protocol.seed, derive_seed(settings.SECRET_KEY, "allocation", study.digest))
    for seed in (*known, rehearsal_of_study(study).allocation_seed):
        drawn = draw_slots(protocol.allocation, protocol.weights(), "pilot", seed)
        assert stored != [slot.arm for slot in drawn]
    drawn = draw_slots(protocol.allocation, protocol.weights(), "pilot", study.allocation_seed)
    assert stored == [slot.arm for slot in drawn]
    assert replay_differences(study) == []


def arms_of(study):
    return list(study.slots.order_by("index").values_list("arm", flat=True))


def test_looking_takes_no_place(study_with, client):
    study = study_with(BLOCKS)
    assert client.get(f"/s/{study.slug}/").status_code == 200
    assert client.head(f"/s/{study.slug}/").status_code == 200
    assert not Slot.objects.filter(holder__isnull=False).exists()
    assert not LedgerEntry.objects.exists()


def test_bots_never_touch_a_place_of_the_main_stage(study_with):
    study = study_with(BLOCKS)
    set_stage(study=study, stage=StudyStage.OPEN)
    with pytest.raises(StudyNotOpen):
        start_session(study=study, entry_key="6f9619ff-8b86-d011-b42d-00cf4fc964ff", is_bot=True)
    assert not Participant.objects.exists()
    assert not StudySession.objects.exists()
    assert not LedgerEntry.objects.exists()
    assert not Slot.objects.filter(holder__isnull=False).exists()
