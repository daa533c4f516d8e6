"""What a frozen network makes of an image set: the features to encode, and the logits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explainers.evaluator import Evaluator
from explainers.images import ImageRecord, ImageSet
from explainers.training import load_examples

Report = Callable[[str, int, int], None]
# Pictures held in memory at a time.
_CHUNK = 64


@dataclass(frozen=True)
class Activations:
    """Features and logits of some pictures.

    Attributes
    ----------
    features
        Z (N, D).
    logits
        (N, species).
    species
        Position of each picture's species among the outputs (N).
    """

    features: Tensor
    logits: Tensor
    species: Tensor


def collect(
    evaluator: Evaluator,
    layer: str,
    images: ImageSet,
    records: Sequence[ImageRecord],
    report: Report,
) -> Activations:
    """Ask the network about pictures, exactly.

    Parameters
    ----------
    evaluator
        Of the frozen network.
    layer
        From `layers.encoded_layer`.
    images, records
        What is asked about.
    report
        Told of every step.
    """
    network = evaluator.network
    features: list[Tensor] = []
    logits: list[Tensor] = []
    for start in range(0, len(records), _CHUNK):
        chunk = records[start : start + _CHUNK]
        read = load_examples(images, chunk, network.preprocessing, lambda *_: None)
        given, said = evaluator.read(read.images, layer)
        features.append(given)
        logits.append(said)
        report("reading the network's features", start + len(chunk), len(records))
    positions = torch.tensor([network.species.index(record.species) for record in records])
    return Activations(torch.cat(features), torch.cat(logits), positions)
