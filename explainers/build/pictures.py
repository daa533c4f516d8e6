"""Pictures ready to be explained: stored, and with what the network says of them."""

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from experiments.digest import sha256_json
from experiments.manifest import Picture
from explainers.artefacts import ArtefactStore
from explainers.evaluator import Evaluator
from explainers.images import ImageRecord, picture_digest
from explainers.perturbation import blurred
from explainers.rendering.shown import shown_picture


@dataclass(frozen=True)
class Prepared:
    """A picture ready to be explained."""

    record: ImageRecord
    digest: str
    picture: Picture
    probabilities: tuple[float, ...]
    blurred_probabilities: tuple[float, ...]

    @property
    def target(self) -> int:
        """Return the position of the predicted species."""
        return self.likeliest(1)[0]

    def likeliest(self, count: int) -> list[int]:
        """Return so many species by what the network makes of them, the predicted one first."""
        order = sorted(range(len(self.probabilities)), key=lambda n: -self.probabilities[n])
        return order[:count]


def prepare(
    record: ImageRecord, image: Image.Image, evaluator: Evaluator, store: ArtefactStore
) -> Prepared:
    """Return a picture as it is known to the store, or ask the network about it."""
    digest = picture_digest(image)
    key = sha256_json(["picture", "2", evaluator.network.digest, digest])
    known = store.read_sidecar(key)
    if known is None:
        known = _predicted(image, evaluator, store)
        store.write_sidecar(key, known)
    return Prepared(
        *(record, digest, Picture(**known["picture"])),
        tuple(known["probabilities"]),
        tuple(known["blurred_probabilities"]),
    )


def _predicted(image: Image.Image, evaluator: Evaluator, store: ArtefactStore) -> dict[str, Any]:
    tensor = evaluator.network.to_tensor(image)
    both = torch.stack([tensor, blurred(tensor)])
    clean, hidden = evaluator.probabilities(both).tolist()
    return {
        "picture": store.add_picture(shown_picture(image)).model_dump(),
        "probabilities": clean,
        "blurred_probabilities": hidden,
    }
