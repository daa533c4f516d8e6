"""Stimulus folders and frozen studies made of real files."""

import io
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from experiments.digest import derive_seed, sha256_bytes
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
from studyapp.enums import StudyStage
from studyapp.models import Study
from studyapp.services.stimuli import import_stimuli
from studyapp.services.studies import freeze_protocol, set_stage
from tests.explained import concepts_of, graph_of

DEMO = Path(__file__).parent.parent / "experiments" / "protocols" / "gulls-demo.yaml"
SPECIES = ("california_gull", "herring_gull", "ivory_gull", "ring_billed_gull")
# The demo study with a picture a species in each part, for who need not look at many.
BRIEF = (
    DEMO.read_text(encoding="utf-8")
    .replace("per_species: 3", "per_species: 1")
    .replace("per_species: 4", "per_species: 1")
    .replace("break_every: 9", "break_every: 3")
)
EXPLAINED = Path(__file__).parent / "protocols" / "explained.yaml"
SIDE = 48


MAPS = ("igos", "placebo")
PARTED = ("xnn", "placebo:xnn", "sag", "placebo:sag")


def write_stimuli(
    folder: Path,
    each: int = 10,
    species: tuple[str, ...] = SPECIES,
    methods: tuple[str, ...] = MAPS,
) -> Manifest:
    """Write a stimulus folder with `each` pictures a species, half of them in each split."""
    stimuli = tuple(
        _stimulus(folder, key, number, methods) for key in species for number in range(each)
    )
    manifest = Manifest(
        created_at="2026-01-01T00:00:00+00:00",
        larus_version="0",
        image_set=ImageSetCard(
            kind="gulls", digest="0" * 64, pictures=len(stimuli), licence="CC0", seed=1
        ),
        network=NetworkCard(architecture="tiny", digest="1" * 64, species=species),
        species=tuple(Species(key=key, name=key.replace("_", " ").title()) for key in species),
        stimuli=stimuli,
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    return manifest


def open_demo(
    folder: Path,
    stage: StudyStage = StudyStage.PILOT,
    protocol: Path | None = None,
    species: tuple[str, ...] = SPECIES,
) -> Study:
    """Import a small stimulus folder, freeze a protocol over it, or the brief demo, and open it."""
    write_stimuli(folder, species=species)
    import_stimuli(folder=folder, name="gulls-demo")
    if protocol is None:
        protocol = folder.with_suffix(".yaml")
        protocol.write_text(BRIEF, encoding="utf-8")
    study, _ = freeze_protocol(path=protocol)
    set_stage(study=study, stage=stage)
    study.refresh_from_db()
    return study


def open_explained(folder: Path, protocol: Path = EXPLAINED) -> Study:
    """A study with every kind of explanation, advice and a guide, in the pilot stage."""
    write_stimuli(folder, each=8, methods=(*MAPS, *PARTED))
    import_stimuli(folder=folder, name="explained")
    study, _ = freeze_protocol(path=protocol)
    set_stage(study=study, stage=StudyStage.PILOT)
    study.refresh_from_db()
    return study


def _stimulus(
    folder: Path, species: str, number: int, methods: tuple[str, ...]
) -> ManifestStimulus:
    key = f"{species}-{number:03}"
    picture = _picture(folder, derive_seed(1, key), "RGB")
    return ManifestStimulus(
        key=key,
        origin=f"{species}/secret-{key}.jpg",
        split="train" if number % 2 else "test",
        true_species=species,
        predicted_species=species,
        predicted_probability=0.8,
        true_probability=0.8,
        blurred_probability=0.1,
        picture=picture,
        explanations={name: _explanation(folder, key, name, species) for name in methods},
    )


def _explanation(folder: Path, key: str, method: str, species: str) -> ManifestExplanation:
    layer = _picture(folder, derive_seed(2, key, method), "RGBA")
    data = _file(folder, f"map of {key}".encode(), "maps", "application/octet-stream")
    sidecar = _file(folder, f'{{"of":"{key}"}}'.encode(), "sidecars", "application/json")
    return ManifestExplanation(
        key=sha256_bytes(f"{key} {method}".encode()),
        method=method.rpartition(":")[2] if method in PARTED else "igos",
        version="1",
        parameters={},
        seed=0,
        target=species,
        layer=layer,
        map=data,
        sidecar=sidecar,
        source=f"{species}-donor" if method.startswith("placebo") else None,
        seconds=0.1,
        **_parts(folder, key, method),
    )


def _parts(folder: Path, key: str, method: str) -> dict[str, Any]:
    if method.endswith("xnn"):
        return concepts_of(folder, key, method, _picture)
    return graph_of(folder, key, method, _picture) if method.endswith("sag") else {}


def _picture(folder: Path, seed: int, mode: str) -> Picture:
    file = _file(folder, _encoded(seed, mode), "files", "image/webp")
    return Picture(**file.model_dump(), width=SIDE, height=SIDE)


@cache
def _encoded(seed: int, mode: str) -> bytes:
    colour = tuple((seed >> shift) % 256 for shift in (0, 8, 16, 24))[: len(mode)]
    image = Image.new(mode, (SIDE, SIDE), colour)
    image.putpixel((seed % SIDE, (seed >> 32) % SIDE), (0,) * len(mode))
    stream = io.BytesIO()
    image.save(stream, "WEBP", lossless=True)
    return stream.getvalue()


def _file(folder: Path, content: bytes, place: str, media_type: str) -> FileRef:
    digest = sha256_bytes(content)
    path = f"{place}/{digest[:2]}/{digest}"
    if not (folder / path).exists():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return FileRef(path=path, sha256=digest, bytes=len(content), media_type=media_type)
