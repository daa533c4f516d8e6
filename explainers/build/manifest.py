"""The manifest of a build: its stimuli, the cards beside them, and the file."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from experiments.files import write_atomically
from experiments.manifest import (
    MANIFEST_NAME,
    Counterfactual,
    Failure,
    ImageSetCard,
    Manifest,
    ManifestError,
    ManifestExplanation,
    ManifestStimulus,
    NetworkCard,
    Species,
    read_manifest,
)
from explainers import __version__
from explainers.build.pictures import Prepared
from explainers.images import ImageSet
from explainers.imagesets.files import species_name
from explainers.networks import Network


def stimulus_of(
    item: Prepared,
    network: Network,
    explanations: dict[str, ManifestExplanation],
    alternatives: Mapping[str, Iterable[ManifestExplanation]],
    versions: tuple[Counterfactual, ...],
) -> ManifestStimulus:
    """Return one picture with all that belongs to it."""
    species = network.species
    truth = species.index(item.record.species) if item.record.species in species else None
    return ManifestStimulus(
        key=item.record.key,
        origin=item.record.origin,
        split=item.record.split,
        true_species=item.record.species,
        predicted_species=species[item.target],
        predicted_probability=item.probabilities[item.target],
        true_probability=0.0 if truth is None else item.probabilities[truth],
        blurred_probability=item.blurred_probabilities[item.target],
        picture=item.picture,
        explanations=explanations,
        alternatives={name: tuple(others) for name, others in alternatives.items()},
        counterfactuals=versions,
    )


def manifest_of(
    images: ImageSet,
    network: Network,
    stimuli: tuple[ManifestStimulus, ...],
    failures: Iterable[Failure],
) -> Manifest:
    """Return the manifest of a build that ends now."""
    return Manifest(
        created_at=datetime.now(UTC).isoformat(),
        larus_version=__version__,
        image_set=ImageSetCard(
            kind=images.kind,
            digest=images.digest,
            pictures=len(images.records),
            licence=images.licence,
            seed=images.seed,
            spec=images.spec,
        ),
        network=NetworkCard(
            architecture=network.architecture,
            digest=network.digest,
            species=network.species,
            accuracy=network.accuracy,
        ),
        species=_species(images, network),
        stimuli=stimuli,
        failures=tuple(failures),
    )


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write it last; one that would say the same is left alone, with its date."""
    try:
        before = read_manifest(folder)
    except ManifestError:
        before = None
    if before == manifest.model_copy(update={"created_at": before.created_at if before else ""}):
        return
    text = manifest.model_dump_json(indent=1) + "\n"
    write_atomically(folder / MANIFEST_NAME, text.encode())


def _species(images: ImageSet, network: Network) -> tuple[Species, ...]:
    """Those of the set, then those that only the network can answer with."""
    known = {species.key for species in images.species}
    others = [key for key in network.species if key not in known]
    return (*images.species, *(Species(key=k, name=species_name(k)) for k in others))
