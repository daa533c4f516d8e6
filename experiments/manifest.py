"""The stimulus manifest: what `explainers build` writes and `manage.py import_stimuli` reads.

A stimulus folder looks like this; every path in the manifest is relative to it::

    manifest.json                       the Manifest, written last
    files/ab/abcd….webp                 pictures and heat layers, named by their SHA-256
    maps/ab/abcd….safetensors           explanations as data, for scores and new renderings
    sidecars/<explanation key>.json     how each explanation was made, read on a resumed build

Nothing a participant's browser fetches carries a telling name: pictures and layers are served
by digest alone. The manifest and the sidecars hold the truth and never leave the researchers' side.
"""

import json
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments.digest import sha256_file, sha256_json
from experiments.structures import Structure

MANIFEST_NAME = "manifest.json"
# Exit status of `explainers build` when it has written a manifest that lists failures. 1 is that of
# a crash, 2 that of a mistake: after those no manifest may be there, or an older one.
SOME_FAILED = 3

Kind = Literal["map", "concepts", "graph"]

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256, hexadecimal")]
Key = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9_:.-]*$", max_length=100, description="stable lower-case name"),
]


def _inside_folder(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or "\\" in path:
        raise ValueError("must be a relative path inside the stimulus folder")
    return path


class ManifestError(Exception):
    """A manifest can't be read or a file it names is not what it says."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRef(_Frozen):
    """One file of the stimulus folder."""

    path: Annotated[str, AfterValidator(_inside_folder)]
    sha256: Digest
    bytes: int = Field(ge=1)
    media_type: str = Field(description="such as image/webp or application/json")


class Picture(FileRef):
    """A picture with its size in pixels.

    It is served from the study's own address: only types that can't carry a script are allowed.
    """

    media_type: Literal["image/webp", "image/png", "image/jpeg"]
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Species(_Frozen):
    """A class of the classification task."""

    key: Key
    name: str = Field(min_length=1, description="as participants read it")


class NetworkCard(_Frozen):
    """The network whose decisions are explained."""

    architecture: str
    digest: Digest = Field(description="SHA-256 of weights, classes and preprocessing together")
    species: tuple[Key, ...] = Field(min_length=2, description="in the order of its outputs")
    accuracy: float | None = Field(default=None, ge=0, le=1, description="on its held-out split")


class ImageSetCard(_Frozen):
    """Where the pictures come from."""

    kind: Key = Field(description="cub, folder or gulls")
    digest: Digest
    pictures: int = Field(ge=1)
    licence: str
    seed: int | None = Field(default=None, description="of drawn pictures")
    spec: str | None = Field(
        default=None,
        description="with the seed, draws the same pictures again; null for photographs",
    )


class ManifestPart(_Frozen):
    """One part of an explanation that has several: a node of a graph, a concept."""

    key: Key = Field(description="unique within its explanation, such as n0 or x1")
    alt: str = Field(min_length=1, description="what the part shows; names no species")
    layer: Picture = Field(description="over the picture, as large as it")


class ManifestExplanation(_Frozen):
    """An explanation of one picture by one method, rendered as a transparent layer over it."""

    key: Digest = Field(description="SHA-256 of everything that determines the explanation")
    method: Key
    version: str
    parameters: dict[str, Any]
    seed: int
    target: Key = Field(description="the species whose evidence is explained")
    layer: Picture = Field(description="same proportions as the picture; alpha carries the heat")
    style: Literal["heat", "contours"] = Field(default="heat", description="of the layer")
    hides_by_blur: bool = Field(
        default=False, description="whether the method shows the blurred picture where it hides"
    )
    alt: str = Field(
        default="Colours over the picture.",
        min_length=1,
        description="what the layer shows, for those who can't see it; names no species",
    )
    parts: tuple[ManifestPart, ...] = Field(
        default=(), description="of an explanation that has several, such as a graph"
    )
    structure: Structure | None = Field(
        default=None,
        description="how the parts belong together; what participants' browsers may see of it",
    )
    map: FileRef
    sidecar: FileRef
    source: Key | None = Field(
        default=None, description="for a placebo, the stimulus that the map was computed for"
    )
    seconds: float = Field(ge=0)

    @property
    def kind(self) -> Kind:
        """What it is made of: one map, concepts, or a graph."""
        return "map" if self.structure is None else self.structure.kind

    @model_validator(mode="after")
    def _structure_names_the_parts(self) -> "ManifestExplanation":
        named = () if self.structure is None else self.structure.part_keys()
        keys = tuple(part.key for part in self.parts)
        if sorted(named) != sorted(keys) or len(set(keys)) != len(keys):
            raise ValueError(f"parts are {', '.join(keys)}, but structure names {', '.join(named)}")
        return self


class Counterfactual(_Frozen):
    """A version of a picture with some patches hidden, and what the network makes of it."""

    key: Key = Field(description="names the version, and tells nothing of its score")
    picture: Picture = Field(description="as large as the stimulus's own")
    score: float = Field(
        ge=0, le=1, description="probability of the predicted species, given this very picture"
    )
    cells: int = Field(ge=2, description="the picture is cut into cells x cells patches")
    hidden: tuple[int, ...] = Field(min_length=1, description="patches hidden, row by row from 0")


class ManifestStimulus(_Frozen):
    """One picture, what it shows, what the network says, and its explanations."""

    key: Key = Field(description="names the stimulus in protocols; never sent to a browser")
    origin: str = Field(description="path or name in the image set")
    split: Literal["train", "test"]
    true_species: Key
    predicted_species: Key
    predicted_probability: float = Field(ge=0, le=1)
    true_probability: float = Field(ge=0, le=1)
    blurred_probability: float = Field(
        ge=0,
        le=1,
        description="of the predicted species once the whole picture is strongly blurred; where it "
        "is not small, methods that hide by blurring can't show what the network's answer rests on",
    )
    picture: Picture
    explanations: dict[Key, ManifestExplanation] = Field(
        description="by the name given to `build --methods`, such as igos or placebo"
    )
    alternatives: dict[Key, tuple[ManifestExplanation, ...]] = Field(
        default={},
        description="by the same names, explanations of other species than the predicted one, "
        "likeliest first",
    )
    counterfactuals: tuple[Counterfactual, ...] = Field(
        default=(), description="none, or two versions that hide equally many patches"
    )

    @model_validator(mode="after")
    def _versions_can_be_compared(self) -> "ManifestStimulus":
        versions = self.counterfactuals
        if not versions:
            return self
        if len(versions) != 2 or len({version.key for version in versions}) < 2:
            raise ValueError(f"stimulus {self.key} needs two counterfactuals of different keys")
        if len({len(version.hidden) for version in versions}) > 1:
            raise ValueError(f"the number of hidden patches tells the answer in {self.key}")
        if versions[0].score == versions[1].score:
            raise ValueError(f"neither counterfactual of {self.key} has the higher score")
        return self

    @property
    def emptied_by_blur(self) -> tuple[str, ...]:
        """Names of explanations that say little, as the blurred picture keeps half the certainty.

        What was borrowed from another picture is not among them.
        """
        if self.blurred_probability < self.predicted_probability / 2:
            return ()
        return tuple(
            name
            for name, entry in self.explanations.items()
            if entry.hides_by_blur and entry.source is None
        )


class Failure(_Frozen):
    """A picture or explanation that could not be made, and why."""

    origin: str
    method: Key | None = Field(default=None, description="null when the picture itself failed")
    reason: str


class Manifest(_Frozen):
    """A set of stimuli with the explanations computed for them."""

    schema_version: Literal["1"] = "1"
    created_at: str = Field(description="ISO 8601, UTC")
    larus_version: str
    image_set: ImageSetCard
    network: NetworkCard
    species: tuple[Species, ...] = Field(min_length=2)
    stimuli: tuple[ManifestStimulus, ...]
    failures: tuple[Failure, ...] = ()

    @model_validator(mode="after")
    def _references_hold(self) -> "Manifest":
        known = {species.key for species in self.species}
        keys = [stimulus.key for stimulus in self.stimuli]
        if len(set(keys)) != len(keys):
            raise ValueError("two stimuli share a key")
        for stimulus in self.stimuli:
            unknown = {stimulus.true_species, stimulus.predicted_species} - known
            if unknown:
                raise ValueError(
                    f"stimulus {stimulus.key} names unlisted species {sorted(unknown)}"
                )
        return self

    def stimulus(self, key: str) -> ManifestStimulus | None:
        """Return the stimulus of that key, or None."""
        return next((stimulus for stimulus in self.stimuli if stimulus.key == key), None)


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.json` of a stimulus folder.

    Raises
    ------
    ManifestError
        Naming the file and the first fields that are wrong.
    """
    path = folder / MANIFEST_NAME if folder.is_dir() else folder
    try:
        return Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ManifestError(
            f"{path} does not exist. Build it with `python -m explainers build --out {folder}`."
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ManifestError(f"{path} is not JSON: {error}.") from error
    except ValidationError as error:
        first = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
            for detail in error.errors()[:5]
        )
        raise ManifestError(f"{path} is not a manifest of version 1: {first}.") from error


def content_digest(manifest: Manifest) -> str:
    """Return the SHA-256 of all that it says but when, and by which version of Larus, it was said.

    Built anew of the same explanations, a set keeps this digest.
    """
    told = manifest.model_dump(mode="json", exclude={"created_at", "larus_version"})
    return sha256_json(told)


def damaged_files(manifest: Manifest, folder: Path) -> list[str]:
    """Return one line for every file of the manifest that is missing or changed."""
    # Several stimuli may share a file: a placebo is another picture's map.
    files = {
        (file.path, file.bytes, file.sha256): file
        for stimulus in manifest.stimuli
        for file in files_of(stimulus)
    }
    return [line for file in files.values() if (line := _damage(file, folder)) is not None]


def explanations_of(stimulus: ManifestStimulus) -> list[ManifestExplanation]:
    """Return every explanation of a stimulus, of whichever species."""
    others = [entry for entries in stimulus.alternatives.values() for entry in entries]
    return [*stimulus.explanations.values(), *others]


def files_of(stimulus: ManifestStimulus) -> list[FileRef]:
    """Return every file that belongs to a stimulus."""
    files: list[FileRef] = [stimulus.picture]
    files += [version.picture for version in stimulus.counterfactuals]
    for explanation in explanations_of(stimulus):
        files += [explanation.layer, explanation.map, explanation.sidecar]
        files += [part.layer for part in explanation.parts]
    return files


def _damage(file: FileRef, folder: Path) -> str | None:
    path = folder / file.path
    if not path.is_file():
        return f"{file.path} is missing"
    if path.stat().st_size != file.bytes:
        return f"{file.path} has {path.stat().st_size} bytes, the manifest says {file.bytes}"
    if sha256_file(path) != file.sha256:
        return f"{file.path} has changed: its SHA-256 is not the manifest's"
    return None
