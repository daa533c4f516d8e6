"""The trials planned for a session and which of them are answered, read in one query.

What is due, what may be answered and how many answers are here all follow from this.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef

from experiments.sequencing import CATCH
from studyapp.models import Response, StudySession


@dataclass(frozen=True)
class Step:
    """A planned trial, by what decides whether it is due."""

    trial_id: int
    stage_key: str
    trial_type: str
    asks_first: bool
    offers_break: bool
    is_break_over: bool
    is_feedback_seen: bool
    has_first: bool
    has_last: bool

    @property
    def open_questions(self) -> tuple[bool, ...]:
        """Which questions have no answer that counts: the first one is True, the last False."""
        missing = () if self.has_last else (False,)
        return (True, *missing) if self.asks_first and not self.has_first else missing

    @property
    def is_break_due(self) -> bool:
        """Whether the participant is offered a rest before this trial."""
        return self.offers_break and not self.is_break_over

    @property
    def is_unread(self) -> bool:
        """Whether its feedback is still to be read, in a stage that gives any."""
        is_told = not self.open_questions and self.trial_type != CATCH
        return is_told and not self.is_feedback_seen

    def answered(self, *, is_first: bool) -> "Step":
        """As it is once that question has an answer that counts."""
        return replace(
            self,
            has_first=self.has_first or is_first,
            has_last=self.has_last or not is_first,
        )


@dataclass(frozen=True)
class Schedule:
    """Steps in their order."""

    steps: tuple[Step, ...]

    @property
    def expected(self) -> int:
        """How many answers all trials want."""
        return len(self.steps) + sum(step.asks_first for step in self.steps)

    @property
    def counted(self) -> int:
        """How many answers count."""
        return sum(step.has_last + step.has_first for step in self.steps)

    def of_stage(self, stage_key: str) -> "Schedule":
        """The steps of one stage."""
        return Schedule(tuple(step for step in self.steps if step.stage_key == stage_key))

    def next_open(self) -> Step | None:
        """The first trial that wants an answer."""
        return next((step for step in self.steps if step.open_questions), None)

    def unread(self) -> Step | None:
        """The first trial whose feedback was not read."""
        return next((step for step in self.steps if step.is_unread), None)

    def block(self, *, has_feedback: bool) -> list[tuple[int, bool]]:
        """Trials and questions up to the next break, feedback or end.

        A break that is due before the first of them leaves none, and so does unread feedback.
        """
        if has_feedback and self.unread():
            return []
        block: list[tuple[int, bool]] = []
        for step in self.steps:
            if not step.open_questions:
                continue
            if step.is_break_due:
                break
            block += [(step.trial_id, is_first) for is_first in step.open_questions]
            if has_feedback and step.trial_type != CATCH:
                break
        return block

    def with_answer(self, trial_id: int, *, is_first: bool) -> "Schedule":
        """As it is once that answer counts."""
        return Schedule(
            tuple(
                step.answered(is_first=is_first) if step.trial_id == trial_id else step
                for step in self.steps
            )
        )


def schedule_of(session: StudySession) -> Schedule:
    """As the database has it now."""
    counted = Response.objects.filter(trial=OuterRef("pk"), is_conflict=False)
    rows = session.trials.order_by("index").values_list(
        "pk",
        "stage_key",
        "trial_type",
        "asks_first",
        "offers_break",
        "break_ended_at",
        "feedback_seen_at",
        Exists(counted.filter(is_first=True)),
        Exists(counted.filter(is_first=False)),
    )
    return Schedule(tuple(_step(row) for row in rows))


def _step(row: tuple[Any, ...]) -> Step:
    trial_id, stage_key, trial_type, asks_first, offers_break, *times, has_first, has_last = row
    break_ended_at, feedback_seen_at = times
    return Step(
        trial_id,
        stage_key,
        trial_type,
        asks_first,
        offers_break,
        is_break_over=break_ended_at is not None,
        is_feedback_seen=feedback_seen_at is not None,
        has_first=bool(has_first),
        has_last=bool(has_last),
    )
