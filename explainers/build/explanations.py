"""Explanations as data: read where they are known, computed where they are not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import safetensors.torch
import torch

from experiments.digest import sha256_json
from explainers.artefacts import ArtefactStore
from explainers.base import Explainer, Explanation
from explainers.build.pictures import Prepared
from explainers.images import ImageSet


@dataclass(frozen=True)
class Wanted:
    """A picture, and the species whose evidence is to be explained."""

    item: Prepared
    target: int


@dataclass
class BuildCounts:
    """What a build did, and how long the network took for each method."""

    computed: int = 0
    reused: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanations:
    """Those of a store.

    Parameters
    ----------
    store
        Where they are kept.
    images
        Opened again when the turn of a picture comes.
    seed
        Of the methods.
    counts
        Told of what is computed and what reused.
    """

    store: ArtefactStore
    images: ImageSet
    seed: int
    counts: BuildCounts

    def by_method(
        self, explainer: Explainer, wanted: list[Wanted]
    ) -> Iterator[tuple[Wanted, dict[str, Any] | Exception]]:
        """Give what is known of each picture by one method: read where it is there, else made."""
        missing = []
        for one in wanted:
            known = self.store.read_sidecar(self._key(one, explainer))
            if known is None:
                missing.append(one)
            else:
                self.counts.reused += 1
                yield one, known
        targets = torch.tensor([one.target for one in missing])
        names = [one.item.digest for one in missing]
        # Opened again when its turn comes: memory must not grow with the number of pictures.
        network = explainer.network
        tensors = (network.to_tensor(self.images.open(one.item.record)) for one in missing)
        for number, outcome in explainer.explain_each(
            tensors, targets, seed=self.seed, names=names
        ):
            one = missing[number]
            if isinstance(outcome, Exception):
                yield one, outcome
            else:
                self.counts.computed += 1
                yield one, self._keep(one, explainer, outcome)

    def is_blank(self, known: dict[str, Any]) -> bool:
        """Tell whether a map is the same everywhere."""
        heat = safetensors.torch.load_file(self.store.folder / known["map"]["path"])["map"]
        return bool(heat.min() == heat.max())

    def _key(self, one: Wanted, explainer: Explainer) -> str:
        """Name what decides an explanation; numbers of another kind give other maps."""
        evaluator = explainer.evaluator
        return sha256_json(
            [
                *(explainer.name, explainer.version, explainer.parameters_for(one.target)),
                *(self.seed, explainer.network.digest, one.item.digest, one.target),
                *(evaluator.precision, evaluator.device.type),
            ]
        )

    def _keep(self, one: Wanted, explainer: Explainer, explanation: Explanation) -> dict[str, Any]:
        key = self._key(one, explainer)
        heat = self.store.add(
            explanation.map_bytes(), "maps", "safetensors", "application/octet-stream"
        )
        record = {
            **explanation.facts(),
            "key": key,
            "species": explainer.network.species[one.target],
            "image_digest": one.item.digest,
            "map": heat.model_dump(),
            "created_at": datetime.now(UTC).isoformat(),
        }
        self.store.write_sidecar(key, record)
        return record
