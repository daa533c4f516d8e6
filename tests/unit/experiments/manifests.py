"""Small manifests, as data only."""

from experiments.manifest import (
    FileRef,
    ImageSetCard,
    Manifest,
    ManifestExplanation,
    ManifestStimulus,
    NetworkCard,
    Picture,
    Species,
)

DIGEST = "0" * 64


def manifest_of(
    species: tuple[str, ...], each: int, explanations: tuple[str, ...] = ("igos", "placebo")
) -> Manifest:
    """Return a manifest with `each` test pictures of every species."""
    stimuli = tuple(
        _stimulus(key, f"{key}-{number}", explanations) for key in species for number in range(each)
    )
    return Manifest(
        created_at="2026-01-01T00:00:00Z",
        larus_version="0",
        image_set=ImageSetCard(kind="gulls", digest=DIGEST, pictures=len(stimuli), licence="CC0"),
        network=NetworkCard(architecture="tiny", digest=DIGEST, species=species),
        species=tuple(Species(key=key, name=key.replace("_", " ").title()) for key in species),
        stimuli=stimuli,
    )


def _stimulus(species: str, key: str, explanations: tuple[str, ...]) -> ManifestStimulus:
    return ManifestStimulus(
        key=key,
        origin=f"{species}/{key}.jpg",
        split="test",
        true_species=species,
        predicted_species=species,
        predicted_probability=0.9,
        true_probability=0.9,
        blurred_probability=0.1,
        picture=_picture(),
        explanations={name: _explanation(name, species) for name in explanations},
    )


def _picture() -> Picture:
    return Picture(
        path="files/00/0.webp", sha256=DIGEST, bytes=1, media_type="image/webp", width=8, height=8
    )


def _explanation(name: str, species: str) -> ManifestExplanation:
    file = FileRef(path="maps/0", sha256=DIGEST, bytes=1, media_type="application/octet-stream")
    return ManifestExplanation(
        key=DIGEST,
        method=name,
        version="1",
        parameters={},
        seed=0,
        target=species,
        layer=_picture(),
        map=file,
        sidecar=file,
        hides_by_blur=name in ("igos", "placebo"),
        source="somebody-else" if name == "placebo" else None,
        seconds=0.1,
    )
