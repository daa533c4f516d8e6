import uuid
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from studyapp.enums import ALLOWED_MOVES, StudyStage
from studyapp.exceptions import Immutable, MoveRefused
from studyapp.models import (
    Artefact,
    ArtefactPart,
    Event,
    LedgerEntry,
    PlannedStimulus,
    Response,
    Slot,
    StudySession,
    Trial,
)
from studyapp.models.append_only import AppendOnly
from studyapp.services.studies import set_stage

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = uuid.uuid4()
# What may change, and why: a draft's text, scores that are made again, what a dossier has so far,
# a study's stage, a slot's holder, a session's state, the times of a trial's pages; of people and
# the audit log, roles, invitations and the end of the chain.
MUTABLE = {
    *("AuditHead", "Dossier", "Draft", "ExplanationScores", "Invitation", "PowerResult", "Slot"),
    *("Study", "StudyRole", "StudySession", "Trial"),
}


def test_every_table_is_append_only_but_the_ones_listed():
    tables = apps.get_app_config("studyapp").get_models()
    assert {table.__name__ for table in tables if not issubclass(table, AppendOnly)} == MUTABLE


def test_an_append_only_row_refuses_change_and_deletion(session):
    participant = session.participant
    participant.is_bot = True
    with pytest.raises(Immutable):
        participant.save()
    with pytest.raises(Immutable):
        participant.delete()


def response_to(trial, **fields):
    return Response(
        **{"key": uuid.uuid4(), "trial": trial, "choice": "a", "received_at": NOW, **fields}
    )


def event_of(session, **fields):
    return Event(**{"session": session, "kind": "picked", "occurred_at": NOW, **fields})


def artefacts(session):
    return Artefact.objects.filter(stimulus=session.trials.exclude(stimulus=None)[0].stimulus)


def part_of(session, **fields):
    artefact = artefacts(session)[0]
    told = {"key": "x1", "position": 0, "alt": "A part.", "layer": artefact.layer}
    return ArtefactPart(artefact=artefact, **{**told, **fields})


def entry_of(session, **fields):
    return LedgerEntry(
        **{
            "study": session.study,
            "number": 2,
            "recruitment_stage": "pilot",
            "arm": session.slot.arm,
            "slot": session.slot,
            "session": session,
            "at": NOW,
            **fields,
        }
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: StudySession.objects.filter(pk=s.pk).update(state="completed"),
        lambda s: StudySession.objects.filter(pk=s.pk).update(finished_at=NOW),
        lambda s: StudySession.objects.filter(pk=s.pk).update(state="withdrawn"),
        lambda s: StudySession.objects.filter(pk=s.pk).update(answers_deleted=True),
        lambda s: StudySession.objects.filter(pk=s.pk).update(state="lost"),
        lambda s: Trial.objects.filter(session=s).update(instructed_choice="ivory_gull"),
        lambda s: Trial.objects.filter(session=s, index=1).update(index=0),
        lambda s: Trial.objects.filter(session=s, index=0).update(stimulus=None),
        lambda s: Slot(
            study=s.study, recruitment_stage="pilot", index=0, block=0, arm="none"
        ).save(),
        lambda s: Slot.objects.filter(pk=s.slot_id).update(arm="other"),
        # A session holds one slot at most; that a slot has one holder, the column says.
        lambda s: Slot.objects.exclude(pk=s.slot_id).update(holder=s),
        lambda s: LedgerEntry.objects.filter(session=s).update(arm="other"),
        lambda s: LedgerEntry.objects.filter(session=s).delete(),
        lambda s: entry_of(s, kind="claim").save(),
        lambda s: entry_of(s, kind="release").save(),
        lambda s: entry_of(s, kind="close", reason="why").save(),
        lambda s: StudySession.objects.filter(pk=s.pk).update(
            state="completed", finished_at=NOW, slot=None
        ),
        lambda s: PlannedStimulus(
            study=s.study, stage_key="other", stimulus=s.trials.first().stimulus
        ).save(),
        lambda s: response_to(s.trials.first(), rt_ms=-1).save(),
        lambda s: response_to(s.trials.first(), confidence=0).save(),
        lambda s: response_to(s.trials.first(), onset_method="guess").save(),
        lambda s: response_to(s.trials.first(), submitted_ms=5).save(),
        lambda s: response_to(s.trials.first(), hidden_spans=[]).save(),
        lambda s: response_to(s.trials.first(), onset_method="two_frames", submitted_ms=-1).save(),
        lambda s: response_to(s.trials.first(), refresh_ms=0).save(),
        lambda s: response_to(s.trials.first(), device_pixel_ratio=0).save(),
        lambda s: response_to(s.trials.first(), reloads=-1).save(),
        lambda s: StudySession.objects.filter(pk=s.pk).update(
            state="withdrawn", withdrawn_at=NOW, answers_deleted=True, device=uuid.uuid4()
        ),
        lambda s: event_of(s, since_onset_ms=5).save(),
        lambda s: event_of(s, trial=s.trials.first(), key=KEY, since_onset_ms=-1).save(),
        lambda s: [event_of(s, key=KEY).save() for _ in range(2)],
        lambda s: artefacts(s).update(kind="graph"),
        lambda s: artefacts(s).update(structure={"kind": "graph"}),
        lambda s: artefacts(s).update(kind="film", structure={}),
        lambda s: artefacts(s).update(style="glow"),
        lambda s: artefacts(s).update(alt=""),
        lambda s: part_of(s, alt="").save(),
        lambda s: part_of(s, key="").save(),
        lambda s: [part_of(s, position=place).save() for place in (0, 1)],
        lambda s: [part_of(s, key=key).save() for key in ("x1", "x2")],
    ],
)
def test_the_database_refuses_what_must_never_be(session, spoil):
    with pytest.raises(IntegrityError), transaction.atomic():
        spoil(session)


def test_one_answer_to_a_trial_counts_and_conflicts_are_kept_beside_it(session):
    trial = session.trials.first()
    response_to(trial).save()
    response_to(trial, is_conflict=True).save()
    response_to(trial, is_conflict=True).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        response_to(trial).save()


def test_the_table_of_moves_covers_every_stage_and_closed_is_final():
    assert set(ALLOWED_MOVES) == set(StudyStage.values)
    assert ALLOWED_MOVES[StudyStage.CLOSED] == frozenset()


def test_a_study_moves_only_along_the_table(study):
    with pytest.raises(MoveRefused, match=r"may become closed, open\."):
        set_stage(study=study, stage=StudyStage.PAUSED)
    set_stage(study=study, stage=StudyStage.OPEN)
    set_stage(study=study, stage=StudyStage.CLOSED)
    with pytest.raises(MoveRefused, match="closed"):
        set_stage(study=study, stage=StudyStage.OPEN)
