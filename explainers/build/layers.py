"""Explanations as a manifest lists them: rendered over a picture, their own or another."""

from dataclasses import dataclass
from typing import Any, Literal

import safetensors.torch
from PIL import Image

from experiments.manifest import FileRef, ManifestExplanation, ManifestPart, Picture
from explainers.artefacts import ArtefactStore
from explainers.base import Explainer, Explanation
from explainers.rendering.contours import contour_layer
from explainers.rendering.layer import DrawLayer, heat_layer

STYLES: dict[str, DrawLayer] = {"heat": heat_layer, "contours": contour_layer}


@dataclass(frozen=True)
class Layers:
    """Renders what is known of explanations into a store, in one of `STYLES`."""

    store: ArtefactStore
    style: Literal["heat", "contours"]

    def entry(
        self, explainer: Explainer, known: dict[str, Any], picture: Picture
    ) -> ManifestExplanation:
        """Return an explanation over its own picture."""
        return ManifestExplanation(
            key=known["key"],
            method=known["method"],
            version=known["version"],
            parameters=known["parameters"],
            seed=known["seed"],
            target=known["species"],
            map=FileRef(**known["map"]),
            sidecar=self.store.sidecar_file(known["key"]),
            seconds=known["seconds"],
            **self._rendered(explainer, known, picture),
        )

    def lent(
        self, entry: ManifestExplanation, explainer: Explainer, donor: str, picture: Picture
    ) -> ManifestExplanation:
        """Return the explanation of a donor over another picture."""
        known = self.store.read_sidecar(entry.key)
        assert known is not None  # written or read in this run
        lent = {**dict(entry), **self._rendered(explainer, known, picture), "source": donor}
        return ManifestExplanation.model_validate(lent)

    def _rendered(
        self, explainer: Explainer, known: dict[str, Any], picture: Picture
    ) -> dict[str, Any]:
        """Render an explanation over a picture, own or borrowed, anew in each run.

        Were own layers kept, a change of the renderer would show which ones are placebos.
        """
        arrays = safetensors.torch.load_file(self.store.folder / known["map"]["path"])
        explanation = Explanation.of(arrays, known)
        draw = STYLES[self.style]
        layer = draw(explanation.map, (picture.width, picture.height))
        shown = Image.open(self.store.folder / picture.path).convert("RGB")
        parts = explainer.parts(explanation, shown, draw)
        return {
            "layer": self.store.add_picture(layer),
            "style": self.style,
            "hides_by_blur": explainer.hides_by_blur,
            "alt": explainer.alt(explanation),
            "parts": tuple(
                ManifestPart(key=p.key, alt=p.alt, layer=self.store.add_picture(p.layer))
                for p in parts
            ),
            "structure": explainer.structure(explanation),
        }
