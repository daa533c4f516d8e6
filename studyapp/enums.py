"""The fixed sets of states, and the moves allowed between them."""

from collections.abc import Mapping

from django.db import models

from experiments.sequencing import CATCH
from experiments.tasks import TASKS


class StudyStage(models.TextChoices):
    """Where a study stands; its protocol is frozen in all of them."""

    FROZEN = "frozen"
    PILOT = "pilot"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


ALLOWED_MOVES: Mapping[str, frozenset[str]] = {
    StudyStage.FROZEN: frozenset({StudyStage.PILOT, StudyStage.OPEN}),
    StudyStage.PILOT: frozenset({StudyStage.OPEN, StudyStage.CLOSED}),
    StudyStage.OPEN: frozenset({StudyStage.PAUSED, StudyStage.CLOSED}),
    StudyStage.PAUSED: frozenset({StudyStage.OPEN, StudyStage.CLOSED}),
    StudyStage.CLOSED: frozenset(),
}


class RecruitmentStage(models.TextChoices):
    """Whom a session belongs to; pilot data never mix with main data."""

    PILOT = "pilot"
    MAIN = "main"


RECRUITS_FOR: Mapping[str, RecruitmentStage] = {
    StudyStage.PILOT: RecruitmentStage.PILOT,
    StudyStage.OPEN: RecruitmentStage.MAIN,
}


class SessionState(models.TextChoices):
    """Where a run stands. All but active are final."""

    ACTIVE = "active"
    COMPLETED = "completed"
    SCREENED_OUT = "screened_out"
    WITHDRAWN = "withdrawn"


class LedgerKind(models.TextChoices):
    """What an entry of the allocation ledger says."""

    CLAIM = "claim"
    RELEASE = "release"
    CLOSE = "close"
    REOPEN = "reopen"


# What a trial asks: a task, or whether instructions are read.
TRIAL_TYPES = (*TASKS, CATCH)


class ExplanationKind(models.TextChoices):
    """What an explanation is made of."""

    MAP = "map"
    CONCEPTS = "concepts"
    GRAPH = "graph"


class LayerStyle(models.TextChoices):
    """How a map lies over its picture."""

    HEAT = "heat"
    CONTOURS = "contours"
