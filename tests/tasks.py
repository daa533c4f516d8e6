"""A study with every kind of task, over stimuli that have what each kind needs."""

from pathlib import Path

from experiments.digest import derive_seed, sha256_bytes
from experiments.files import write_atomically
from experiments.manifest import Counterfactual, Manifest, ManifestStimulus
from studyapp.enums import StudyStage
from studyapp.models import Study
from studyapp.services.stimuli import import_stimuli
from studyapp.services.studies import freeze_protocol, set_stage
from tests.factories import SPECIES, _picture, write_stimuli

EVERY_TASK = Path(__file__).parent / "protocols" / "tasks.yaml"
ASKED = SPECIES[:2]


def open_every_task(folder: Path) -> Study:
    """Import, freeze and open it in the pilot stage."""
    write_task_stimuli(folder)
    import_stimuli(folder=folder, name="tasks")
    study, _ = freeze_protocol(path=EVERY_TASK)
    set_stage(study=study, stage=StudyStage.PILOT)
    study.refresh_from_db()
    return study


def write_task_stimuli(folder: Path) -> Manifest:
    """Two of the network's species; it is wrong on every third picture."""
    plain = write_stimuli(folder, each=8, species=ASKED)
    stimuli = tuple(
        with_task_parts(folder, stimulus, is_wrong=number % 3 == 0)
        for number, stimulus in enumerate(plain.stimuli)
    )
    knows = plain.network.model_copy(update={"species": SPECIES})
    manifest = plain.model_copy(update={"stimuli": stimuli, "network": knows})
    write_atomically(folder / "manifest.json", manifest.model_dump_json().encode())
    return manifest


def with_task_parts(
    folder: Path, stimulus: ManifestStimulus, *, is_wrong: bool
) -> ManifestStimulus:
    """Add what the tasks need: explanations of other species, versions with hidden parts."""
    other = next(species for species in ASKED if species != stimulus.true_species)
    said = other if is_wrong else stimulus.true_species
    igos = stimulus.explanations["igos"].model_copy(update={"target": said})
    others = tuple(
        igos.model_copy(
            update={
                "target": species,
                "key": sha256_bytes(f"{stimulus.key} {species}".encode()),
                "layer": _picture(folder, derive_seed(8, stimulus.key, species), "RGBA"),
            }
        )
        for species in SPECIES
        if species != said
    )
    higher = derive_seed(9, stimulus.key) % 2
    versions = tuple(
        Counterfactual(
            key=f"v{number + 1}",
            picture=_picture(folder, derive_seed(10, stimulus.key, number), "RGB"),
            score=0.8 if number == higher else 0.3,
            cells=7,
            hidden=tuple(range(number, number + 20)),
        )
        for number in range(2)
    )
    return stimulus.model_copy(
        update={
            "predicted_species": said,
            "explanations": {**stimulus.explanations, "igos": igos},
            "alternatives": {"igos": others},
            "counterfactuals": versions,
        }
    )
