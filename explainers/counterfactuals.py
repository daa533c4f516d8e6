"""Two versions of a picture with parts hidden, of which the network scores one clearly higher.

The question of the user study of Shitole et al. (2021, NeurIPS, section 5): which of the two does
the network think likelier to be what it said of the whole picture? Both hide equally many patches,
so that their number can't tell, and neither shows a set of patches that a graph (SAG) shows.
"""

import itertools
import random
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from PIL import Image

from experiments.digest import derive_seed, sha256_json
from experiments.manifest import Counterfactual, Picture
from explainers.artefacts import ArtefactStore
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.networks import Network
from explainers.perturbation import blurred, composed, in_squares

Patches = frozenset[int]


@dataclass(frozen=True)
class CounterfactualSettings:
    """How versions are looked for.

    Attributes
    ----------
    gap
        By how much the two scores differ, at least.
    cells
        The picture is cut into cells x cells patches.
    shares
        Of the patches, how many may be hidden; one of them is drawn for each picture.
    tries
        Versions asked about for each share.
    """

    gap: float = 0.3
    cells: int = 7
    shares: tuple[float, ...] = (0.3, 0.45, 0.6, 0.75)
    tries: int = 64


@dataclass(frozen=True)
class Counterfactuals:
    """Makes the versions of one picture after the other, and finds again what is made.

    Parameters
    ----------
    network, evaluator
        Whose scores decide.
    store
        The stimulus folder.
    seed
        Of what is hidden and of the versions' order.
    settings
        How they are looked for.
    """

    network: Network
    evaluator: Evaluator
    store: ArtefactStore
    seed: int
    settings: CounterfactualSettings

    def versions(
        self, picture: Picture, target: int, shown: Collection[Patches]
    ) -> tuple[Counterfactual, ...]:
        """Return the two versions of a picture.

        Parameters
        ----------
        picture
            As participants see it, in the store.
        target
            Position of the species whose probability is the score.
        shown
            Sets of patches that an explanation shows alone; no version does.

        Raises
        ------
        ExplainersError
            When no two versions differ enough.
        """
        spared = sorted(sorted(patches) for patches in shown)
        # Numbers of another kind give other scores.
        key = sha256_json(
            [
                *("counterfactuals", "2", asdict(self.settings), self.seed),
                *(self.network.digest, picture.sha256, target, spared),
                *(self.evaluator.precision, self.evaluator.device.type),
            ]
        )
        known = self.store.read_sidecar(key)
        if known is None:
            known = self._make(picture, target, shown)
            self.store.write_sidecar(key, known)
        return tuple(
            Counterfactual(picture=Picture(**known[version["key"]]), **version)
            for version in known["versions"]
        )

    def _make(self, picture: Picture, target: int, shown: Collection[Patches]) -> dict[str, Any]:
        generator = random.Random(derive_seed(self.seed, "counterfactuals", picture.sha256))
        whole = Image.open(self.store.folder / picture.path).convert("RGB")
        candidates = self._candidates(shown, generator)
        scores = dict(zip(candidates, self._scores(whole, candidates, target), strict=True))
        for pair in self._pairs(candidates, scores, generator):
            images = [self._hide(whole, patches) for patches in pair]
            exact = self._exact(images, target)
            if abs(exact[0] - exact[1]) >= self.settings.gap:
                return self._record(images, pair, exact)
        raise ExplainersError(
            f"no two versions with equally many patches hidden differ by {self.settings.gap}: ask "
            "for less by --counterfactual-gap, or leave the picture out"
        )

    def _candidates(self, shown: Collection[Patches], generator: random.Random) -> list[Patches]:
        """Draw sets of patches to hide, of several sizes."""
        every = range(self.settings.cells**2)
        found: dict[Patches, None] = {}
        for share in self.settings.shares:
            size = round(share * len(every))
            for _ in range(self.settings.tries):
                hidden = frozenset(generator.sample(every, size))
                if frozenset(every) - hidden not in shown:
                    found[hidden] = None
        return list(found)

    def _scores(
        self, whole: Image.Image, candidates: Sequence[Patches], target: int
    ) -> list[float]:
        image = self.network.to_tensor(whole)
        cells = self.settings.cells
        masks = torch.ones(len(candidates), 1, cells * cells)
        for number, hidden in enumerate(candidates):
            masks[number, 0, sorted(hidden)] = 0
        baseline = blurred(image)
        scores: list[float] = []
        for some in masks.view(-1, 1, cells, cells).split(self.settings.tries):
            pictures = composed(image, baseline, in_squares(some, image.shape[-1]))
            scores += self.evaluator.probabilities(pictures)[:, target].tolist()
        return scores

    def _pairs(
        self, candidates: Sequence[Patches], scores: dict[Patches, float], generator: random.Random
    ) -> list[tuple[Patches, Patches]]:
        """Return pairs that differ enough in score and in nothing that could be counted.

        A size is drawn before a pair, so that sizes with few pairs come as often as others.
        """
        by_size: dict[int, list[tuple[Patches, Patches]]] = {}
        for one, other in itertools.combinations(candidates, 2):
            if len(one) == len(other) and abs(scores[one] - scores[other]) >= self.settings.gap:
                by_size.setdefault(len(one), []).append((one, other))
        pairs = []
        for size in sorted(by_size, key=lambda _: generator.random()):
            generator.shuffle(by_size[size])
            pairs += by_size[size]
        return pairs

    def _hide(self, whole: Image.Image, hidden: Patches) -> Image.Image:
        """Return the picture with some patches strongly blurred, with sharp edges."""
        small = self.network.to_tensor(whole)
        pixels = (blurred(small) * 255).round().byte().permute(1, 2, 0).numpy()
        cover = Image.fromarray(pixels).resize(whole.size, Image.Resampling.BICUBIC)
        cells = self.settings.cells
        mask = Image.new("L", (cells, cells), 0)
        for patch in hidden:
            mask.putpixel((patch % cells, patch // cells), 255)
        return Image.composite(cover, whole, mask.resize(whole.size, Image.Resampling.NEAREST))

    def _exact(self, images: Sequence[Image.Image], target: int) -> list[float]:
        """Return the scores of the pictures that participants will see."""
        tensors = torch.stack([self.network.to_tensor(image) for image in images])
        exact: list[float] = self.evaluator.probabilities(tensors)[:, target].tolist()
        return exact

    def _record(
        self, images: Sequence[Image.Image], pair: Sequence[Patches], scores: Sequence[float]
    ) -> dict[str, Any]:
        # The pair's order was drawn: the number tells nothing.
        keys = [f"v{number}" for number in range(1, len(images) + 1)]
        pictures = {
            key: self.store.add_picture(image).model_dump()
            for key, image in zip(keys, images, strict=True)
        }
        versions = [
            {"key": key, "score": score, "cells": self.settings.cells, "hidden": sorted(hidden)}
            for key, score, hidden in zip(keys, scores, pair, strict=True)
        ]
        return {**pictures, "versions": versions}


def shown_sets(own: dict[str, Any], cells: int) -> list[Patches]:
    """Return the sets of patches that a graph shows; none of other explanations and grids."""
    if own.get("cells") != cells:
        return []
    return [frozenset(node["patches"]) for node in own.get("nodes", ())]
