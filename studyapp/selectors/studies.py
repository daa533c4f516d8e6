"""Reading studies. A frozen study never changes, so what is read of it is kept in memory."""

from functools import lru_cache

from django.db.models import QuerySet

from experiments.manifest import Manifest, ManifestStimulus
from experiments.schema import Protocol
from studyapp.enums import RECRUITS_FOR, StudyStage
from studyapp.models import Slot, StimulusSet, Study
from studyapp.selectors.speech import said_species


def listed_studies(*, with_pilots: bool) -> QuerySet[Study]:
    """Only studies that take participants now are offered; a pilot goes by its link."""
    stages = list(RECRUITS_FOR) if with_pilots else [StudyStage.OPEN]
    return Study.objects.filter(stage__in=stages).order_by("slug")


def real_studies() -> QuerySet[Study]:
    """Studies without their rehearsals, which have no page, no command and no export."""
    return Study.objects.exclude(stage=StudyStage.REHEARSAL)


def protocol_of(study: Study) -> Protocol:
    """The plan is always the frozen one."""
    return _protocol(study.digest)


def selection_of(study: Study) -> dict[str, list[str]]:
    """The pictures chosen at the freeze, by stage."""
    selection: dict[str, list[str]] = study.frozen["selection"]
    return selection


def place_in_arm(slot: Slot) -> int:
    """The number of a slot among those of its arm: it gives the counterbalanced list.

    It belongs to the slot, so that whoever gets the place of somebody who left gets their list.
    """
    before = Slot.objects.filter(
        study_id=slot.study_id,
        recruitment_stage=slot.recruitment_stage,
        arm=slot.arm,
        index__lt=slot.index,
    )
    return before.count()


def species_names(study: Study) -> dict[str, str]:
    """Names as participants read them, by key."""
    names = _species_names(study.stimulus_set_id)
    return {key: said_species(key, name) for key, name in names.items()}


def stimuli_of(study: Study) -> dict[str, ManifestStimulus]:
    """Every picture of the study's stimulus set as the manifest describes it, by key."""
    return _stimuli(study.stimulus_set_id)


def manifest_of(stimulus_set: StimulusSet) -> Manifest:
    """A stored manifest was validated when it was imported, and never changes."""
    return _manifest(stimulus_set.pk)


@lru_cache(maxsize=4)
def _manifest(stimulus_set_id: int) -> Manifest:
    return Manifest.model_validate(StimulusSet.objects.get(pk=stimulus_set_id).manifest)


@lru_cache(maxsize=64)
def _protocol(digest: str) -> Protocol:
    return Protocol.model_validate(Study.objects.get(digest=digest).frozen["protocol"])


@lru_cache(maxsize=16)
def _stimuli(stimulus_set_id: int) -> dict[str, ManifestStimulus]:
    return {stimulus.key: stimulus for stimulus in _manifest(stimulus_set_id).stimuli}


@lru_cache(maxsize=64)
def _species_names(stimulus_set_id: int) -> dict[str, str]:
    return {species.key: species.name for species in _manifest(stimulus_set_id).species}
