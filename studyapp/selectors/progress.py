"""Where a session stands. The server decides; a browser only asks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from experiments.schema import Debrief, Protocol, Stage, Trials
from experiments.screening import Screening
from studyapp.enums import SessionState, StudyStage
from studyapp.models import Response, StudySession, Trial
from studyapp.selectors.schedule import Schedule, Step, schedule_of
from studyapp.selectors.studies import protocol_of

PageKind = Literal[
    "stage",
    "trial",
    "break",
    "feedback",
    "completed",
    "screened_out",
    "withdrawn",
    "closed",
    "expired",
]


@dataclass(frozen=True)
class Asking:
    """One question to a trial: most have one, some ask before the explanation is shown, too."""

    trial: Trial
    is_first: bool = False

    @property
    def name(self) -> str:
        """How browsers call it."""
        return f"{self.trial.uid}:first" if self.is_first else str(self.trial.uid)


@dataclass(frozen=True)
class Page:
    """What a participant sees next."""

    kind: PageKind
    stage: Stage
    trial: Trial | None = None
    is_first: bool = False


def takes_answers(session: StudySession) -> bool:
    """Whether anything may still be asked in a session.

    Pausing a study stops consent only: whoever has begun may finish. Closing it ends every run,
    at once and for good; what is left to a participant then is to withdraw. So is it when the
    session is older than the protocol allows.
    """
    return (
        session.state == SessionState.ACTIVE
        and session.study.stage != StudyStage.CLOSED
        and not is_expired(session)
    )


def is_expired(session: StudySession) -> bool:
    """A run that was not finished in time can't be taken up again."""
    allowed = timedelta(days=protocol_of(session.study).resume_within_days)
    return session.state == SessionState.ACTIVE and timezone.now() > session.started_at + allowed


def why_nothing_is_stored(session: StudySession) -> str | None:
    """Why a session keeps nothing that comes now, or None.

    A completed one still keeps what was under way: a late event, a different answer of a stale tab.
    """
    if session.state in (SessionState.WITHDRAWN, SessionState.SCREENED_OUT):
        return "This session has ended: nothing more is stored."
    if session.study.stage == StudyStage.CLOSED:
        return "The study is closed: nothing more is stored."
    if is_expired(session):
        return "This session was begun too long ago: nothing more is stored."
    return None


def current_page(session: StudySession) -> Page:
    """The one page a session may answer now."""
    stage = protocol_of(session.study).stage(session.stage_key)
    if session.state == SessionState.COMPLETED:
        return Page("completed", stage)
    if session.state == SessionState.SCREENED_OUT:
        return Page("screened_out", stage)
    if session.state == SessionState.WITHDRAWN:
        return Page("withdrawn", stage)
    if session.study.stage == StudyStage.CLOSED:
        return Page("closed", stage)
    if is_expired(session):
        return Page("expired", stage)
    return _trials_page(session, stage) if isinstance(stage, Trials) else Page("stage", stage)


def _trials_page(session: StudySession, stage: Trials) -> Page:
    schedule = schedule_of(session).of_stage(stage.key)
    unread = schedule.unread() if stage.feedback else None
    if unread is not None:
        return Page("feedback", stage, _trial(session, unread))
    step = schedule.next_open()
    if step is None:
        return Page("stage", stage)
    if step.is_break_due:
        return Page("break", stage, _trial(session, step))
    return Page("trial", stage, _trial(session, step), is_first=step.open_questions[0])


def _trial(session: StudySession, step: Step) -> Trial:
    return shown_trials(session).get(pk=step.trial_id)


def shown_trials(session: StudySession) -> QuerySet[Trial]:
    """With what their pages show, in one statement."""
    return session.trials.select_related("stimulus__picture", "artefact__layer")


def current_block(session: StudySession) -> list[Asking]:
    """What may be answered now: up to the next break, feedback or end of the stage.

    A browser may hold it all at once and send the answers in any order.
    """
    due = questions_due(session, schedule_of(session))
    trials = shown_trials(session).in_bulk([trial_id for trial_id, _ in due])
    return [Asking(trials[trial_id], is_first) for trial_id, is_first in due]


def questions_due(session: StudySession, schedule: Schedule) -> list[tuple[int, bool]]:
    """The same by trial and whether the first question is meant, from a schedule at hand."""
    stage = protocol_of(session.study).stage(session.stage_key)
    if not takes_answers(session) or not isinstance(stage, Trials):
        return []
    return schedule.of_stage(stage.key).block(has_feedback=stage.feedback)


def counting(trial: Trial, *, is_first: bool = False) -> QuerySet[Response]:
    """The one answer to a trial that counts, or none; or the one before it."""
    return trial.responses.filter(is_conflict=False, is_first=is_first)


def all_counting(session: StudySession) -> QuerySet[Response]:
    """Every answer to a session's trials that counts, in the order they were given."""
    return Response.objects.filter(trial__session=session, is_conflict=False).order_by("pk")


def answered(planned: QuerySet[Trial]) -> QuerySet[Trial]:
    """Trials that have every answer they want."""
    return planned.filter(_has_every_answer()).order_by("index")


def _has_every_answer() -> Q:
    counted = Response.objects.filter(trial=OuterRef("pk"), is_conflict=False)
    last, first = Exists(counted.filter(is_first=False)), Exists(counted.filter(is_first=True))
    return Q(last) & (Q(asks_first=False) | Q(first))


def screening_reasons(session: StudySession) -> tuple[str, ...]:
    """Why somebody may not take part, as the protocol words it."""
    stage = protocol_of(session.study).stage(session.stage_key)
    if session.state != SessionState.SCREENED_OUT or not isinstance(stage, Screening):
        return ()
    answers = dict(session.answers.filter(stage_key=stage.key).values_list("item", "value"))
    return tuple(reason for _, reason in stage.reasons(answers))


def unanswered_served(session: StudySession) -> list[Asking]:
    """What a browser was asked and whose answer is not here."""
    served = session.trials.filter(served_at__isnull=False).in_bulk()
    return [
        Asking(served[step.trial_id], is_first)
        for step in schedule_of(session).steps
        if step.trial_id in served
        for is_first in step.open_questions
    ]


def stage_after(protocol: Protocol, key: str) -> Stage:
    """The debrief is the last stage; nothing follows it."""
    keys = [stage.key for stage in protocol.stages]
    return protocol.stages[min(keys.index(key) + 1, len(keys) - 1)]


def is_last(stage: Stage) -> bool:
    """A session is complete when it reaches the debrief."""
    return isinstance(stage, Debrief)


def has_completed(session: StudySession) -> bool:
    """Whether every answer was counted once, even if the participant has withdrawn since.

    A session reaches its last stage in the very step that completes it, and withdrawal leaves the
    stage as it was.
    """
    return session.state == SessionState.COMPLETED or (
        session.state == SessionState.WITHDRAWN
        and is_last(protocol_of(session.study).stage(session.stage_key))
    )
