"""The guide to the species that can stay at hand beside a trial."""

from dataclasses import dataclass
from functools import lru_cache

from experiments.schema import Phase
from studyapp.models import Stimulus, Study
from studyapp.selectors.studies import protocol_of, species_names


@dataclass(frozen=True)
class GuidePicture:
    """A picture that no trial asks about."""

    sha256: str
    width: int
    height: int


@dataclass(frozen=True)
class GuideEntry:
    """A species: its name, what to look for, what it looks like."""

    name: str
    marks: tuple[str, ...]
    pictures: tuple[GuidePicture, ...]


def guide_view(study: Study, phase: Phase) -> tuple[GuideEntry, ...]:
    """The guide of a study, empty in a phase that goes without; in the order of the protocol."""
    guide = protocol_of(study).guide
    return _entries(study.digest) if guide and phase in guide.phases else ()


@lru_cache(maxsize=64)
def _entries(study_digest: str) -> tuple[GuideEntry, ...]:
    """A frozen study never changes, nor does its guide."""
    study = Study.objects.get(digest=study_digest)
    protocol, names = protocol_of(study), species_names(study)
    chosen: dict[str, list[str]] = study.frozen.get("guide", {})
    keys = [key for keys in chosen.values() for key in keys]
    rows = Stimulus.objects.filter(stimulus_set=study.stimulus_set_id, key__in=keys)
    stimuli = {row.key: row for row in rows}
    marks = protocol.guide.marks if protocol.guide else {}
    return tuple(
        GuideEntry(
            name=names[species],
            marks=marks.get(species, ()),
            pictures=tuple(
                GuidePicture(row.picture_id, row.width, row.height)
                for row in (stimuli[key] for key in chosen.get(species, ()))
            ),
        )
        for species in protocol.species
    )
