"""Tables. Invariants that must never break are constraints here."""

from studyapp.models.sessions import Answer, Event, Participant, Response, StudySession, Trial
from studyapp.models.stimuli import Artefact, ArtefactPart, MediaFile, Stimulus, StimulusSet
from studyapp.models.studies import PlannedStimulus, Slot, Study

__all__ = [
    "Answer",
    "Artefact",
    "ArtefactPart",
    "Event",
    "MediaFile",
    "Participant",
    "PlannedStimulus",
    "Response",
    "Slot",
    "Stimulus",
    "StimulusSet",
    "Study",
    "StudySession",
    "Trial",
]
