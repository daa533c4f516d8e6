"""The fixed sets of states, and the moves allowed between them."""

from collections.abc import Mapping

from django.db import models

from experiments.sequencing import CATCH
from experiments.tasks import TASKS


class StudyStage(models.TextChoices):
    """Where a study stands; its protocol is frozen in all of them.

    A rehearsal is no study of anybody's: a copy to be tried out. It stays one for ever.
    """

    FROZEN = "frozen"
    PILOT = "pilot"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    REHEARSAL = "rehearsal"


ALLOWED_MOVES: Mapping[str, frozenset[str]] = {
    StudyStage.FROZEN: frozenset({StudyStage.PILOT, StudyStage.OPEN}),
    StudyStage.PILOT: frozenset({StudyStage.OPEN, StudyStage.CLOSED}),
    StudyStage.OPEN: frozenset({StudyStage.PAUSED, StudyStage.CLOSED}),
    StudyStage.PAUSED: frozenset({StudyStage.OPEN, StudyStage.CLOSED}),
    StudyStage.CLOSED: frozenset(),
    StudyStage.REHEARSAL: frozenset(),
}


class RecruitmentStage(models.TextChoices):
    """Whom a session belongs to; pilot data never mix with main data."""

    PILOT = "pilot"
    MAIN = "main"


RECRUITS_FOR: Mapping[str, RecruitmentStage] = {
    StudyStage.PILOT: RecruitmentStage.PILOT,
    StudyStage.OPEN: RecruitmentStage.MAIN,
}


class Group(models.TextChoices):
    """Whose runs are looked at together: people of a recruitment stage, or bots."""

    MAIN = "main", "Main study"
    PILOT = "pilot", "Pilot"
    BOTS = "bots", "Bots"


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


class Role(models.TextChoices):
    """What somebody of the staff is in a study."""

    OWNER = "owner"
    DESIGNER = "designer"
    MONITOR = "monitor"
    ANALYST_BLINDED = "analyst_blinded", "analyst, blinded"
    ANALYST_UNBLINDED = "analyst_unblinded", "analyst, unblinded"


# A person is one of them or neither.
ANALYSTS = (Role.ANALYST_BLINDED, Role.ANALYST_UNBLINDED)


class AuditAction(models.TextChoices):
    """What is written into the audit log. A name stays once an entry has it."""

    STIMULI_IMPORTED = "stimuli_imported"
    DRAFT_BEGUN = "draft_begun"
    DRAFT_SHARED = "draft_shared"
    DRAFT_DELETED = "draft_deleted"
    PROTOCOL_FROZEN = "protocol_frozen"
    STAGE_CHANGED = "stage_changed"
    STUDY_EXPORTED = "study_exported"
    SLOT_RELEASED = "slot_released"
    SUBMISSION_REJECTED = "submission_rejected"
    BONUS_GIVEN = "bonus_given"
    POWER_KEPT = "power_kept"
    CELL_CLOSED = "cell_closed"
    CELL_REOPENED = "cell_reopened"
    PERSONAL_DATA_VIEWED = "personal_data_viewed"
    PERSONAL_DATA_COPIED = "personal_data_copied"
    PERSONAL_DATA_ERASED = "personal_data_erased"
    BACKUP_WRITTEN = "backup_written"
    BACKUP_RESTORED = "backup_restored"
    PERSON_INVITED = "person_invited"
    INVITATION_ACCEPTED = "invitation_accepted"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ANALYST_UNBLINDED = "analyst_unblinded"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_RESET = "sign_in_reset"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a deed
