"""Fitting the autoencoder of one species: layer by layer, then together, until it is accepted."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  torch's own convention

from experiments.digest import derive_seed
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.losses import faithfulness, pull_away, sparse_reconstruction
from explainers.methods.xnn.settings import XnnSettings

# Raise it when equal settings, pictures and seed would give other x-features than before: after a
# change of the losses, the autoencoder, the schedule, what a fit begins from, or how a number of
# x-features is chosen.
VERSION = "1"

Report = Callable[[int, int], None]
# What a round of that number begins from.
StartOf = Callable[[int], SparseAutoencoder]
# An x-feature that is weaker than this on average begins with no larger weight.
_SILENT = 0.01
LOSSES = ("faithfulness", "sparse reconstruction", "pull-away")


@dataclass(frozen=True)
class Task:
    """What an autoencoder is fitted to.

    Attributes
    ----------
    features
        Z (N, D), divided by `scale_of`.
    logits
        The network's own, of one species (N).
    own
        Which pictures show the species (N), boolean.
    """

    features: Tensor
    logits: Tensor
    own: Tensor

    def take(self, rows: Tensor) -> "Task":
        """Return the task with some of the pictures."""
        return Task(self.features[rows], self.logits[rows], self.own[rows])


@dataclass(frozen=True)
class Round:
    """One fit with fixed weights of the losses.

    Attributes
    ----------
    sparsity, orthogonality
        The weights.
    means
        Mean contribution of each x-feature to the species' own pictures (L).
    ratio
        Second largest of them over the largest; 0 where fewer than two are positive.
    history
        The three losses of each epoch, in the order of `LOSSES`, without their weights.
    """

    sparsity: float
    orthogonality: float
    means: tuple[float, ...]
    ratio: float
    history: tuple[tuple[float, float, float], ...] = field(repr=False)


@dataclass(frozen=True)
class Fit:
    """The autoencoder that was kept, and every round that was tried."""

    autoencoder: SparseAutoencoder
    rounds: tuple[Round, ...]
    kept: int
    accepted: bool


def pretrained(
    features: Tensor, settings: XnnSettings, seed: int, number: int
) -> SparseAutoencoder:
    """Return an autoencoder whose layers were fitted one after the other to reconstruct.

    It knows nothing of any species, so that all species of a network may begin from it.

    Parameters
    ----------
    features
        Z (N, D), divided by `scale_of`.
    settings, seed
        Of the fit.
    number
        Of the round that begins from it.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "pretraining", number))
        rectified = bool((features >= 0).all())
        model = SparseAutoencoder(features.shape[1], settings, rectified=rectified)
        down = [layer for layer in model.encoder if isinstance(layer, nn.Linear)]
        up = [layer for layer in model.decoder if isinstance(layer, nn.Linear)][::-1]
        codes = features
        for encoder, decoder in zip(down, up, strict=True):
            linear = decoder is up[0] and not rectified
            _reconstruct(encoder, decoder, codes, settings, linear=linear)
            with torch.no_grad():
                codes = encoder(codes).relu()
    return model


def scale_of(features: Tensor) -> float:
    """Return the root mean square of features (N, D).

    The weights of the losses suppose features of about 1; an average-pooled layer has others.
    """
    return max(float(features.double().square().mean().sqrt()), torch.finfo(torch.float32).tiny)


def fit_species(
    task: Task, start_of: StartOf, settings: XnnSettings, seed: int, report: Report
) -> Fit:
    """Fit an autoencoder to a species' logit.

    A round is accepted when two x-features add to the logit on average, and the second strongest
    adds at least `least_ratio` of what the strongest does. Otherwise the weight of sparsity grows,
    that of orthogonality falls, and another round begins from another start: an x-feature that
    fell silent would do so again from the same one. Where no round is accepted, the one with the
    largest ratio is kept.

    Differences from the programs around the paper. Evidence counts from the picture that has the
    least: that logit is the read-out's bias and stays so, and each x-feature begins with an equal
    share of what the others have more. A read-out regressed on codes that know nothing of the
    species began, and ended, with x-features that speak against it, which are never shown. The
    average is over the species' own pictures: those are explained.

    Parameters
    ----------
    task
        What it is fitted to.
    start_of
        Gives what `pretrained` made for a round; it is left as it is.
    settings, seed
        Of the fit.
    report
        Told of epochs done, and of how many at most.
    """
    tried: list[tuple[Round, SparseAutoencoder]] = []
    most = settings.rounds * settings.epochs
    for number in range(settings.rounds):
        weights = (
            settings.sparsity * settings.sparsity_growth**number,
            settings.orthogonality * settings.orthogonality_decay**number,
        )
        model = copy.deepcopy(start_of(number))
        _share_out(model, task)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(derive_seed(seed, "round", number))
            history = []
            for losses in _fine_tune(model, task, settings, weights):
                history.append(losses)
                report(number * settings.epochs + len(history), most)
        means = mean_contributions(model, task.features[task.own])
        ratio = balance(means)
        tried.append((Round(*weights, tuple(means.tolist()), ratio, tuple(history)), model))
        if ratio >= settings.least_ratio:
            break
    report(most, most)
    kept = max(range(len(tried)), key=lambda index: tried[index][0].ratio)
    rounds = tuple(one for one, _ in tried)
    return Fit(tried[kept][1], rounds, kept, rounds[kept].ratio >= settings.least_ratio)


def mean_contributions(model: SparseAutoencoder, features: Tensor) -> Tensor:
    """Return the mean of x_l v_l over pictures, (L)."""
    with torch.no_grad():
        return model.eval().contributions(model.encoder(features)).mean(0)


def balance(means: Tensor) -> float:
    """Return the second largest mean contribution over the largest, 0 unless both are positive."""
    first, second = means.topk(2).values.tolist()
    return second / first if second > 0 else 0.0


def _reconstruct(
    encoder: nn.Linear, decoder: nn.Linear, codes: Tensor, settings: XnnSettings, *, linear: bool
) -> None:
    """Fit one layer and its mirror to reconstruct what the layer is given."""
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=settings.learning_rate, fused=True)
    for _ in range(settings.pretraining_epochs):
        for rows in torch.randperm(len(codes)).split(settings.batch):
            given = codes[rows]
            back = decoder(encoder(given).relu())
            loss = F.mse_loss(back if linear else back.relu(), given)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


def _share_out(model: SparseAutoencoder, task: Task) -> None:
    """Give each x-feature an equal share of the evidence above the least."""
    with torch.no_grad():
        strength = model.eval().encoder(task.features).mean(0).clamp(min=_SILENT)
        least = task.logits.min()
        share = (task.logits.mean() - least) / len(strength)
        model.readout.weight.copy_((share / strength)[None])
        model.readout.bias.fill_(least)
    model.readout.bias.requires_grad_(False)


def _fine_tune(
    model: SparseAutoencoder, task: Task, settings: XnnSettings, weights: tuple[float, float]
) -> Iterator[tuple[float, float, float]]:
    """Fit everything together, and give the mean losses of each epoch."""
    optimiser = torch.optim.Adam(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.StepLR(
        optimiser, max(1, round(settings.slower_after * settings.epochs)), settings.slower_by
    )
    model.train()
    for _ in range(settings.epochs):
        sums, order = torch.zeros(len(LOSSES)), torch.randperm(len(task.features))
        for rows in order.split(settings.batch):
            losses = _losses(model, task.features[rows], task.logits[rows], settings.steepness)
            loss = losses[0] + weights[0] * losses[1] + weights[1] * losses[2]
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            sums += losses.detach() * len(rows)
        schedule.step()
        faithful, sparse, apart = (sums / len(task.features)).tolist()
        yield faithful, sparse, apart
    model.eval()


def _losses(model: SparseAutoencoder, features: Tensor, logits: Tensor, steepness: float) -> Tensor:
    x_features, reconstructed, predicted = model(features)
    return torch.stack(
        [
            faithfulness(predicted, logits),
            sparse_reconstruction(reconstructed, features, steepness),
            pull_away(model.contributions(x_features)),
        ]
    )
