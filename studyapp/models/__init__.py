"""Tables. Invariants that must never break are constraints here."""

from studyapp.models.allocation import LedgerEntry
from studyapp.models.audit import AuditEntry, AuditHead
from studyapp.models.decisions import ExtraBonus, Rejection
from studyapp.models.dossiers import Dossier, PowerResult
from studyapp.models.drafts import Draft
from studyapp.models.people import Invitation, StudyRole
from studyapp.models.recruiters import RecruitedPerson, RecruiterVisit
from studyapp.models.sessions import (
    Answer,
    Event,
    Participant,
    Response,
    StudySession,
    Trial,
    TrialOption,
)
from studyapp.models.stimuli import (
    Artefact,
    ArtefactPart,
    ExplanationScores,
    MediaFile,
    Stimulus,
    StimulusSet,
)
from studyapp.models.studies import PlannedStimulus, Slot, Study

__all__ = [
    "Answer",
    "Artefact",
    "ArtefactPart",
    "AuditEntry",
    "AuditHead",
    "Dossier",
    "Draft",
    "Event",
    "ExplanationScores",
    "ExtraBonus",
    "Invitation",
    "LedgerEntry",
    "MediaFile",
    "Participant",
    "PlannedStimulus",
    "PowerResult",
    "RecruitedPerson",
    "RecruiterVisit",
    "Rejection",
    "Response",
    "Slot",
    "Stimulus",
    "StimulusSet",
    "Study",
    "StudyRole",
    "StudySession",
    "Trial",
    "TrialOption",
]
