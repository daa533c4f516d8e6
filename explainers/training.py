"""Fitting a network to an image set: its head alone, or all of it."""

import copy
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  torch's own convention

from explainers.images import ImageRecord, ImageSet
from explainers.networks.architectures import head_name
from explainers.networks.card import Evaluation
from explainers.networks.network import Preprocessing

Progress = Callable[[str, int, int], None]
# One picture in so many is held back to choose by: more where few pictures fit a head.
_HELD_BACK_OF_HEAD, _HELD_BACK_OF_NETWORK = 5, 10
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1)
_PATIENCE = 6


@dataclass(frozen=True)
class Fitted:
    """What a fit did: epochs run (1 for a head), and accuracy on the part it stopped by."""

    epochs: int
    validation_accuracy: float


@dataclass(frozen=True)
class Examples:
    """Pictures (N, 3, H, W) in [0, 1] with the positions of their species (N)."""

    images: Tensor
    species: Tensor

    def take(self, rows: Tensor) -> "Examples":
        """Return some of the examples."""
        return Examples(self.images[rows], self.species[rows])


def load_examples(
    images: ImageSet,
    records: Sequence[ImageRecord],
    preprocessing: Preprocessing,
    progress: Progress,
) -> Examples:
    """Read pictures at a network's size, as many at a time as there are cores."""
    tensors = []
    with ThreadPoolExecutor(os.cpu_count()) as readers:
        for done, picture in enumerate(readers.map(images.open, records), start=1):
            tensors.append(preprocessing.to_tensor(picture))
            progress("reading pictures", done, len(records))
    return Examples(torch.stack(tensors), torch.tensor(images.labels(records)))


def fit_head(
    module: nn.Module, train: Examples, preprocessing: Preprocessing, seed: int, progress: Progress
) -> Fitted:
    """Fit the last layer by penalised logistic regression on the features before it.

    The penalty is the one of four that does best on a fifth of the training pictures.
    """
    classes = int(train.species.max()) + 1
    head = module.get_submodule(head_name(module, classes))
    assert isinstance(head, nn.Linear)
    features = _features(module, head, train.images, preprocessing, progress)
    fitting, checking = _two_parts(len(features), seed, _HELD_BACK_OF_HEAD)
    scores = {}
    for penalty in _PENALTIES:
        _regress(head, features[fitting], train.species[fitting], penalty)
        scores[penalty] = _accuracy(head(features[checking]), train.species[checking])
    best = max(_PENALTIES, key=lambda penalty: (scores[penalty], penalty))
    _regress(head, features, train.species, best)
    return Fitted(1, scores[best])


def _features(
    module: nn.Module,
    head: nn.Linear,
    images: Tensor,
    preprocessing: Preprocessing,
    progress: Progress,
) -> Tensor:
    seen: list[Tensor] = []
    handle = head.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].flatten(1)))
    try:
        with torch.no_grad():
            for done, batch in enumerate(images.split(8), start=1):
                module.eval()(preprocessing.normalise(batch))
                progress("computing features", min(done * 8, len(images)), len(images))
    finally:
        handle.remove()
    return torch.cat(seen)


def _regress(head: nn.Linear, features: Tensor, species: Tensor, penalty: float) -> None:
    with torch.no_grad():
        head.weight.zero_()
        head.bias.zero_()
    parameters = [head.weight, head.bias]
    optimiser = torch.optim.LBFGS(parameters, max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(head(features), species) + penalty * head.weight.square().sum() / 2
        value.backward()
        return value

    optimiser.step(loss)


def fit_network(
    module: nn.Module,
    train: Examples,
    preprocessing: Preprocessing,
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    seed: int,
    progress: Progress,
) -> Fitted:
    """Fit every weight, and keep those of the epoch that did best on a tenth held back.

    Stops early when `_PATIENCE` epochs bring nothing. Pictures are flipped, shifted and made noisy.
    """
    # Either makes a step about half as long, where the processor has the instructions.
    has_bfloat16 = torch.cpu._is_avx512_bf16_supported()
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    generator = torch.Generator().manual_seed(seed)
    fitting, checking = _two_parts(len(train.species), seed, _HELD_BACK_OF_NETWORK)
    optimiser = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=1e-2)
    steps = epochs * -(-len(fitting) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, learning_rate, steps)
    best, best_state, best_epoch, epoch = -1.0, copy.deepcopy(module.state_dict()), 0, 0
    for epoch in range(1, epochs + 1):
        module.train()
        order = fitting[torch.randperm(len(fitting), generator=generator)]
        for rows in order.split(batch):
            examples = train.take(rows)
            shown = _shown(examples.images, preprocessing, generator)
            with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16):
                logits = module(shown)
            loss = F.cross_entropy(logits.float(), examples.species, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        accuracy = _accuracy(
            predict(module, train.images[checking], preprocessing), train.species[checking]
        )
        progress(f"training, validation accuracy {accuracy:.2f}", epoch, epochs)
        if accuracy >= best:
            best_epoch = epoch if accuracy > best else best_epoch
            best, best_state = accuracy, copy.deepcopy(module.state_dict())
        if epoch - best_epoch >= _PATIENCE and best > 0.9:
            break
    module.load_state_dict(best_state)
    return Fitted(epoch, best)


def predict(module: nn.Module, images: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Return logits (N, species) of pictures in [0, 1], in evaluation mode."""
    module.eval()
    with torch.no_grad():
        return torch.cat([module(preprocessing.normalise(batch)) for batch in images.split(8)])


def evaluate(
    module: nn.Module, test: Examples, preprocessing: Preprocessing, classes: int
) -> Evaluation:
    """Count right and wrong answers on held-out pictures."""
    predicted = predict(module, test.images, preprocessing).argmax(1)
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    confusion.index_put_((test.species, predicted), torch.tensor(1), accumulate=True)
    return Evaluation(
        accuracy=float(confusion.diagonal().sum()) / len(test.species),
        pictures=len(test.species),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
    )


def _shown(images: Tensor, preprocessing: Preprocessing, generator: torch.Generator) -> Tensor:
    normalised = preprocessing.normalise(_augmented(images, generator))
    return normalised.contiguous(memory_format=torch.channels_last)


def _augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    flips = torch.rand(len(images), generator=generator) < 0.5
    flipped = torch.where(flips[:, None, None, None], images.flip(3), images)
    reach = images.shape[-1] // 16
    down, right = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
    # Explanations ask about blurred and noisy pictures: the network must have seen some.
    noise = torch.randn(images.shape, generator=generator)
    strength = 0.15 * torch.rand(len(images), 1, 1, 1, generator=generator)
    return (flipped.roll((down, right), (2, 3)) + strength * noise).clamp(0, 1)


def _two_parts(count: int, seed: int, one_in: int) -> tuple[Tensor, Tensor]:
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    held = max(1, count // one_in)
    return order[held:], order[:held]


def _accuracy(logits: Tensor, species: Tensor) -> float:
    return float((logits.argmax(1) == species).float().mean())
