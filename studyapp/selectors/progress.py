"""Where a session stands. The server decides; a browser only asks."""

from dataclasses import dataclass
from typing import Literal

from experiments.schema import Debrief, Protocol, Stage, Trials
from studyapp.enums import SessionState, StudyStage, TrialType
from studyapp.models import Response, StudySession, Trial
from studyapp.selectors.studies import protocol_of

PageKind = Literal[
    "stage", "trial", "break", "feedback", "completed", "screened_out", "withdrawn", "closed"
]


@dataclass(frozen=True)
class Page:
    """What a participant sees next."""

    kind: PageKind
    stage: Stage
    trial: Trial | None = None


def takes_answers(session: StudySession) -> bool:
    """Whether anything may still be asked in a session.

    Pausing a study stops consent only: whoever has begun may finish. Closing it ends every run,
    at once and for good; what is left to a participant then is to withdraw.
    """
    return session.state == SessionState.ACTIVE and session.study.stage != StudyStage.CLOSED


def current_page(session: StudySession) -> Page:
    """The one page a session may answer now."""
    stage = protocol_of(session.study).stage(session.stage_key)
    if session.state == SessionState.COMPLETED:
        return Page("completed", stage)
    if session.state == SessionState.SCREENED_OUT:
        return Page("screened_out", stage)
    if session.state == SessionState.WITHDRAWN:
        return Page("withdrawn", stage)
    if not takes_answers(session):
        return Page("closed", stage)
    return _trials_page(session, stage) if isinstance(stage, Trials) else Page("stage", stage)


def _trials_page(session: StudySession, stage: Trials) -> Page:
    unread = unread_feedback(session, stage)
    if unread is not None:
        return Page("feedback", stage, unread)
    trial = next_trial(session, stage.key)
    if trial is None:
        return Page("stage", stage)
    if trial.offers_break and trial.break_ended_at is None:
        return Page("break", stage, trial)
    return Page("trial", stage, trial)


def next_trial(session: StudySession, stage_key: str) -> Trial | None:
    """The first planned trial of a stage without an answer that counts."""
    return (
        session.trials.filter(stage_key=stage_key)
        .exclude(responses__is_conflict=False)
        .order_by("index")
        .first()
    )


def unread_feedback(session: StudySession, stage: Trials) -> Trial | None:
    """Feedback is due after an answer, and until the participant has moved on."""
    if not stage.feedback:
        return None
    return (
        session.trials.filter(
            stage_key=stage.key,
            trial_type=TrialType.CLASSIFICATION,
            responses__is_conflict=False,
            feedback_seen_at__isnull=True,
        )
        .order_by("index")
        .first()
    )


def missing_answers(session: StudySession) -> int:
    """How many planned trials have no answer that counts."""
    answered = Response.objects.filter(trial__session=session, is_conflict=False).count()
    return session.trials.count() - answered


def stage_after(protocol: Protocol, key: str) -> Stage:
    """The debrief is the last stage; nothing follows it."""
    keys = [stage.key for stage in protocol.stages]
    return protocol.stages[min(keys.index(key) + 1, len(keys) - 1)]


def is_last(stage: Stage) -> bool:
    """A session is complete when it reaches the debrief."""
    return isinstance(stage, Debrief)
