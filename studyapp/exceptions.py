"""What can go wrong, said so that the person who reads it knows what to do."""


class LarusError(Exception):
    """Any refusal with a sentence for a person."""


class ImportRefused(LarusError):
    """A stimulus folder is damaged or contradicts what is stored."""


class FreezeRefused(LarusError):
    """A protocol can't be frozen."""


class DraftRefused(LarusError):
    """A draft may not be changed so."""


class DraftChanged(LarusError):
    """Somebody saved a draft since the text was read that was to be saved over it."""


class MoveRefused(LarusError):
    """A study may not go to that stage."""


class StudyNotOpen(LarusError):
    """The study takes nobody now."""


class StudyFull(LarusError):
    """Every place of the study has been given away."""


class AllocationRefused(LarusError):
    """A place can't be released, or a cell closed or reopened."""


class TakenPartElsewhere(LarusError):
    """A recruiter's id is known, but nothing shows that it is the same person in the browser."""


class AnswerRefused(LarusError):
    """A submission is not an answer to what was asked. `field` says which part of it is wrong."""

    def __init__(self, message: str, field: str = "trial") -> None:
        super().__init__(message)
        self.field = field


class SessionOver(AnswerRefused):
    """Nothing more is stored for a session."""


class Immutable(LarusError):
    """A row that may never change or vanish was about to."""


class ArchiveDamaged(LarusError):
    """A backup is not what was written."""


class ExportRefused(LarusError):
    """What is there is no study's data."""


class BackupRefused(LarusError):
    """A backup can't be written or restored."""


class RoleRefused(LarusError):
    """A role can't be given or taken."""


class InvitationRefused(LarusError):
    """A link of an invitation gives nothing any more."""


class ErasureRefused(LarusError):
    """Personal data are still needed."""


class DossierRefused(LarusError):
    """A rehearsal can't be begun, or what was given belongs to another plan."""


class DecisionRefused(LarusError):
    """Something can't be decided about a participant."""
