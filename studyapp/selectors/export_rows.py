"""The rows of each export table.

People who withdrew and asked for deletion have no rows but in the allocation, where their slot
stays: they are counted in `left_out`. People who withdrew and let their answers stay are exported
like everybody else, with the state "withdrawn".
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from studyapp.enums import LedgerKind, RecruitmentStage, StudyStage
from studyapp.models import Answer, Event, Response, Slot, Study, StudySession, Trial
from studyapp.selectors.allocation import entry_of
from studyapp.selectors.receipts import receipt, stored_columns
from studyapp.selectors.scale_rows import scale_rows

Row = dict[str, Any]


def rows_of(table: str, study: Study) -> Iterator[Row]:
    """All rows of a table, in a stable order."""
    return _ROWS[table](study)


def left_out(study: Study) -> dict[str, Any]:
    """How many withdrew with deletion: by recruitment stage and arm, and before they had one."""
    deleted = StudySession.objects.filter(study=study, answers_deleted=True)
    placed = deleted.filter(slot__isnull=False)
    places = Counter(placed.values_list("recruitment_stage", "slot__arm"))
    others = deleted.filter(slot__isnull=True)
    before = Counter(others.values_list("recruitment_stage", flat=True))
    by_stage: dict[str, dict[str, int]] = {stage: {} for stage in RecruitmentStage.values}
    for (stage, arm), count in sorted(places.items()):
        by_stage[stage][arm] = count
    return {
        "withdrawn_participants": places.total() + before.total(),
        "by_stage": by_stage,
        "before_allocation": {stage: before[stage] for stage in RecruitmentStage.values},
    }


def _sessions(study: Study) -> QuerySet[StudySession]:
    """Who previews a rehearsal takes no part in it."""
    kept = StudySession.objects.filter(study=study, answers_deleted=False, is_preview=False)
    return kept.select_related("participant", "slot", "rejection").order_by("pk")


def _participants(study: Study) -> Iterator[Row]:
    for session in _sessions(study).iterator():
        yield {
            "participant": session.participant.code,
            "arm": session.slot.arm if session.slot else None,
            "recruitment_stage": session.recruitment_stage,
            "is_bot": session.participant.is_bot,
            "created_at": session.participant.created_at,
        }


def _session_rows(study: Study) -> Iterator[Row]:
    releases = study.ledger.filter(kind=LedgerKind.RELEASE)
    released = dict(releases.values_list("session_id", "at"))
    quiz = Max("answers__attempt", filter=Q(answers__is_correct__isnull=False))
    for session in _sessions(study).annotate(quiz_attempts=quiz).iterator():
        yield {
            "session": session.code,
            "participant": session.participant.code,
            "arm": session.slot.arm if session.slot else None,
            "recruitment_stage": session.recruitment_stage,
            "is_bot": session.participant.is_bot,
            "state": session.state,
            "stage_key": session.stage_key,
            "seed": session.seed,
            "protocol_digest": study.digest,
            "consent_version": session.consent_version,
            "consent_digest": session.consent_digest,
            "started_at": session.started_at,
            "finished_at": session.finished_at,
            "rejected_at": session.rejection.at if hasattr(session, "rejection") else None,
            "stratum": session.stratum or None,
            "slot_released_at": released.get(session.pk),
            "quiz_attempts": session.quiz_attempts or 0,
        }


def _trials(study: Study) -> Iterator[Row]:
    trials = Trial.objects.filter(session__in=_sessions(study).values("pk"))
    joined = trials.select_related(
        "session__participant", "session__slot", "stimulus", "artefact"
    ).order_by("session_id", "index")
    for trial in joined.prefetch_related("options").iterator(chunk_size=2000):
        stimulus, slot = trial.stimulus, trial.session.slot
        assert slot is not None, "trials are made when the arm is known"
        yield {
            "trial": str(trial.uid),
            "session": trial.session.code,
            "participant": trial.session.participant.code,
            "arm": slot.arm,
            "stage_key": trial.stage_key,
            "phase": trial.phase,
            "trial_index": trial.index,
            "trial_type": trial.trial_type,
            "condition": trial.condition,
            "stimulus": stimulus.key if stimulus else None,
            "true_species": stimulus.true_species if stimulus else None,
            "predicted_species": stimulus.predicted_species if stimulus else None,
            "predicted_probability": stimulus.predicted_probability if stimulus else None,
            "explanation_key": trial.artefact.explanation_key if trial.artefact else None,
            "instructed_choice": trial.instructed_choice or None,
            "choice_order": trial.choice_order,
            "choice_meanings": {o.key: o.stands_for for o in trial.options.all()} or None,
            "right_choice": trial.right_choice,
            "asks_first": trial.asks_first,
            "served_at": trial.served_at,
            "served_again_at": trial.served_again_at,
        }


def _responses(study: Study) -> Iterator[Row]:
    firsts = {
        response.trial_id: response
        for response in _given(study, is_first=True).filter(is_conflict=False)
    }
    for response in _given(study, is_first=False).iterator():
        first = firsts.get(response.trial_id)
        yield {
            **_response_row(response),
            "first_choice": first.choice if first else None,
            "first_correct": first.choice == first.trial.right_choice if first else None,
            "first_confidence": first.confidence if first else None,
            "first_rt_ms": first.rt_ms if first else None,
        }


def _first_responses(study: Study) -> Iterator[Row]:
    return map(_response_row, _given(study, is_first=True).iterator())


def _given(study: Study, *, is_first: bool) -> QuerySet[Response]:
    own = Response.objects.filter(trial__session__in=_sessions(study).values("pk"))
    return (
        own.filter(is_first=is_first).select_related("trial__session__participant").order_by("pk")
    )


def _response_row(response: Response) -> Row:
    trial = response.trial
    return {
        **stored_columns(response),
        "session": trial.session.code,
        "participant": trial.session.participant.code,
        "correct": response.choice == trial.right_choice,
        "server_ms": response.server_ms,
        "waited_ms": response.waited_ms,
        "received_at": response.received_at,
        "receipt": receipt(response),
    }


def _answers(study: Study) -> Iterator[Row]:
    answers = Answer.objects.filter(session__in=_sessions(study).values("pk"))
    for answer in answers.select_related("session__participant").order_by("pk").iterator():
        yield {
            "session": answer.session.code,
            "participant": answer.session.participant.code,
            "stage_key": answer.stage_key,
            "item": answer.item,
            "attempt": answer.attempt,
            "value": answer.value,
            "correct": answer.is_correct,
            "received_at": answer.received_at,
        }


def _scales(study: Study) -> Iterator[Row]:
    return scale_rows(study, _sessions(study))


def _events(study: Study) -> Iterator[Row]:
    events = Event.objects.filter(session__in=_sessions(study).values("pk"))
    joined = events.select_related("session__participant", "trial").order_by("pk")
    for number, event in enumerate(joined.iterator(), start=1):
        yield {
            "event": number,
            "session": event.session.code,
            "participant": event.session.participant.code,
            "trial": str(event.trial.uid) if event.trial else None,
            "kind": event.kind,
            "data": event.data,
            "since_onset_ms": event.since_onset_ms,
            "occurred_at": event.occurred_at,
        }


def _allocation(study: Study) -> Iterator[Row]:
    """While people may still come, an arm is told of places that somebody holds."""
    is_over = study.stage == StudyStage.CLOSED
    claims = study.ledger.filter(kind=LedgerKind.CLAIM)
    claimed = dict(claims.values_list("session_id", "at"))
    slots = study.slots.exclude(holder__is_preview=True).select_related("holder")
    for slot in slots.order_by("recruitment_stage", "index"):
        is_told = is_over or slot.holder is not None
        yield {
            "recruitment_stage": slot.recruitment_stage,
            "slot_index": slot.index,
            "block": slot.block if is_told else None,
            "stratum": slot.stratum or None,
            "arm": slot.arm if is_told else None,
            "session": slot.holder.code if slot.holder else None,
            "claimed_at": _claimed_at(slot, claimed),
        }


def _claimed_at(slot: Slot, claimed: dict[int, datetime]) -> datetime | None:
    """By the ledger; a rehearsal has none, and its places are claimed with consent."""
    if slot.holder is None:
        return None
    at: datetime = claimed.get(slot.holder.pk, slot.holder.started_at)
    return at


def _allocation_ledger(study: Study) -> Iterator[Row]:
    for row in study.ledger.select_related("slot", "session").order_by("number"):
        entry = entry_of(row)
        yield {
            "entry": entry.number,
            "kind": entry.kind,
            "recruitment_stage": entry.recruitment_stage,
            "arm": entry.arm,
            "stratum": entry.stratum or None,
            "slot_index": entry.slot,
            "session": entry.session,
            "reason": entry.reason or None,
            "occurred_at": row.at,
            "digest": row.digest,
        }


_ROWS: dict[str, Callable[[Study], Iterator[Row]]] = {
    "participants": _participants,
    "sessions": _session_rows,
    "trials": _trials,
    "responses": _responses,
    "first_responses": _first_responses,
    "answers": _answers,
    "scales": _scales,
    "events": _events,
    "allocation": _allocation,
    "allocation_ledger": _allocation_ledger,
}
