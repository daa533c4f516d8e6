"""A stimulus folder of drawn gulls with its truth: the same pictures drawn again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.torch
from PIL import Image

from experiments.manifest import Manifest, ManifestStimulus
from explainers.errors import ExplainersError
from explainers.images import ImageRecord
from explainers.imagesets.gulls import Drawing, DrawnGulls
from explainers.imagesets.gulls.marks import SPECIES
from explainers.imagesets.opening import open_image_set
from explainers.quality.truth import ShownMap
from explainers.rendering.shown import shown_picture


@dataclass(frozen=True)
class DrawnFolder:
    """A stimulus folder and the image set its pictures were drawn by.

    Attributes
    ----------
    folder, manifest
        What `build` wrote.
    images
        Opened again from the manifest's `spec` and `seed`.
    """

    folder: Path
    manifest: Manifest
    images: DrawnGulls

    @property
    def stimuli(self) -> tuple[ManifestStimulus, ...]:
        """Those whose answer is a drawn species; of any other nothing is known to tell it by."""
        return tuple(s for s in self.manifest.stimuli if s.predicted_species in SPECIES)

    def probabilities(self, row: Sequence[float]) -> Mapping[str, float]:
        """Return what a network's outputs (species,) say of each drawn species."""
        named = dict(zip(self.manifest.network.species, row, strict=True))
        return {species.key: named[species.key] for species in self.images.species}

    def record(self, stimulus: ManifestStimulus) -> ImageRecord:
        """Return the record a stimulus was drawn from; they share their key."""
        return next(record for record in self.images.records if record.key == stimulus.key)

    def drawing(self, stimulus: ManifestStimulus) -> Drawing:
        """Draw a stimulus again.

        Raises
        ------
        ExplainersError
            When it is not the picture of the folder. Other processors may round a few pixels
            otherwise; no change of the drawing code does so little.
        """
        drawing = self.images.truth(self.record(stimulus))
        stored = Image.open(self.folder / stimulus.picture.path).convert("RGB")
        if not _same_picture(stored, shown_picture(drawing.picture)):
            raise ExplainersError(f"{self.folder}: {stimulus.key} {_CHANGED}")
        return drawing

    def shown_maps(self, name: str) -> list[ShownMap]:
        """Return the maps that the folder shows by one name, such as `igos` or `placebo`."""
        entries = [
            (stimulus.key, stimulus.explanations[name])
            for stimulus in self.stimuli
            if name in stimulus.explanations
        ]
        return [
            ShownMap(
                stimulus=key,
                made_for=entry.source or key,
                heat=safetensors.torch.load_file(self.folder / entry.map.path)["map"],
            )
            for key, entry in entries
        ]


def open_drawn(folder: Path, manifest: Manifest) -> DrawnFolder:
    """Open the image set of a folder again.

    Raises
    ------
    ExplainersError
        When it is drawn otherwise now than when the folder was built.
    """
    card = manifest.image_set
    images = open_image_set(card.spec or "", seed=card.seed or 0)
    if not isinstance(images, DrawnGulls) or images.digest != card.digest:
        raise ExplainersError(f"{folder}: image set {card.spec} with seed {card.seed} {_CHANGED}")
    return DrawnFolder(folder, manifest, images)


def why_no_truth(manifest: Manifest) -> str | None:
    """Return why a folder's pictures have no truth to score against, or None when they have."""
    if manifest.image_set.kind != DrawnGulls.kind:
        return "no truth scores: nobody knows which pixels of a photograph tell its species"
    if manifest.image_set.spec is None:
        return "no truth scores: the manifest does not say how to draw its pictures; build it again"
    missing = set(SPECIES) - set(manifest.network.species)
    if missing:
        return f"no truth scores: the network does not know {', '.join(sorted(missing))}"
    if not any(stimulus.predicted_species in SPECIES for stimulus in manifest.stimuli):
        return "no truth scores: the network answers none of them with a drawn species"
    return None


def explanation_names(manifest: Manifest) -> list[str]:
    """Return every name that a stimulus has an explanation by, in the order of the manifest."""
    return list(dict.fromkeys(name for item in manifest.stimuli for name in item.explanations))


def _same_picture(one: Image.Image, two: Image.Image) -> bool:
    steps = np.abs(np.asarray(one, np.int16) - np.asarray(two, np.int16))
    return one.size == two.size and steps.max() <= 2 and (steps > 0).mean() < 1e-3


_CHANGED = (
    "is not drawn as it was when the folder was built: the drawing code has changed since. "
    "Build the folder again, or score it with the version that built it."
)
