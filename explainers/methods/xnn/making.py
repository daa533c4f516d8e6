"""Making the XNN of one species: fit, measure, look at it, write its folder."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import torch
from torch import Tensor

from experiments.digest import derive_seed
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.images import ImageRecord, ImageSet
from explainers.imagesets.gulls import DrawnGulls
from explainers.imagesets.gulls.drawing import Drawing
from explainers.methods.excitation import Excitation
from explainers.methods.winner_take_all import traced
from explainers.methods.xnn.activations import Activations, Report, collect
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.card import Origin, RoundCard, TopPicture, XFeatureCard, XnnCard
from explainers.methods.xnn.choosing import choose_x_features
from explainers.methods.xnn.fitting import (
    LOSSES,
    VERSION,
    Fit,
    Task,
    fit_species,
    pretrained,
    scale_of,
)
from explainers.methods.xnn.folder import FOLDER_NAME, write_fitted
from explainers.methods.xnn.graph import x_feature_graph
from explainers.methods.xnn.metrics import area_of_half, measure, spread_over_parts
from explainers.methods.xnn.settings import XnnSettings
from explainers.networks import Network
from explainers.quality.drawn import visible_parts
from explainers.rendering.layer import enlarged, png
from explainers.rendering.strong_pictures import StrongPicture, strong_pictures
from explainers.rendering.training_curves import training_curves

# Pictures of the species, and of others, on the sheet of an x-feature.
_TOP = 4


@dataclass
class Maker:
    """Fits the species of one network to one image set.

    Parameters
    ----------
    evaluator
        Of the frozen network, which was loaded from a folder.
    layer
        From `layers.encoded_layer`.
    images
        Fitted to the train split, measured on the test split.
    settings, x_features, seed
        Of the fit; `auto` x-features are chosen for each species.
    report
        Told of every step.
    """

    evaluator: Evaluator
    layer: str
    images: ImageSet
    settings: XnnSettings
    x_features: int | Literal["auto"]
    seed: int
    report: Report
    _splits: dict[str, Activations] = field(default_factory=dict)
    _starts: dict[tuple[int, int], SparseAutoencoder] = field(default_factory=dict)
    _drawing: Callable[[ImageRecord], Drawing] | None = None

    def __post_init__(self) -> None:
        # A sheet shows a drawn picture, and the bird's parts are asked for right after.
        if isinstance(self.images, DrawnGulls):
            self._drawing = lru_cache(maxsize=2 * _TOP)(self.images.truth)

    @property
    def network(self) -> Network:
        """Return what is explained."""
        return self.evaluator.network

    def origin(self, species: str) -> Origin:
        """Return everything that decides the fit of a species."""
        return Origin(
            species=species,
            network=self.network.digest,
            layer=self.layer,
            image_set=self.images.digest,
            seed=self.seed,
            settings=self.settings,
            x_features=self.x_features,
            version=VERSION,
        )

    def make(self, species: str) -> XnnCard:
        """Fit a species and write its folder, whole or not at all; an older one goes then."""
        assert self.network.folder is not None
        train, test = self._activations("train"), self._activations("test")
        position = self.network.species.index(species)
        fit = self._fit(species, train, position)
        pictures = {"training.png": png(training_curves(LOSSES, [r.history for r in fit.rounds]))}
        features = self._looked_at(fit.autoencoder, train, position, pictures)
        card = XnnCard(
            origin=self.origin(species),
            licence=self.images.licence,
            features=train.features.shape[1],
            rectified=_rectified(train),
            count=len(features),
            rounds=tuple(
                RoundCard(
                    sparsity=r.sparsity,
                    orthogonality=r.orthogonality,
                    means=r.means,
                    ratio=r.ratio,
                )
                for r in fit.rounds
            ),
            kept=fit.kept,
            accepted=fit.accepted,
            measures=measure(fit.autoencoder, test, position),
            x_features=features,
        )
        with _in_place_of(self.network.folder / FOLDER_NAME / species) as making:
            write_fitted(making, fit.autoencoder, card, pictures)
        return card

    def _activations(self, split: str) -> Activations:
        if split not in self._splits:
            records = self.images.of_split(split)  # type: ignore[arg-type]
            if not records:
                raise ExplainersError(f"This image set has no pictures in its {split} split.")
            self._splits[split] = collect(
                self.evaluator, self.layer, self.images, records, self.report
            )
        return self._splits[split]

    def _fit(self, species: str, train: Activations, position: int) -> Fit:
        scale, seed = scale_of(train.features), derive_seed(self.seed, species)
        task = Task(train.features / scale, train.logits[:, position], train.species == position)

        def start_of(count: int, number: int) -> SparseAutoencoder:
            if (count, number) not in self._starts:
                sized = replace(self.settings, x_features=count)
                made = pretrained(task.features, sized, self.seed, number)
                self._starts[count, number] = made
            return self._starts[count, number]

        count = self.x_features
        if count == "auto":

            def choosing(done: int, total: int) -> None:
                self.report(f"{species}: choosing a number", done, total)

            count = choose_x_features(task, start_of, self.settings, seed, choosing)

        def fitting(done: int, total: int) -> None:
            self.report(f"{species}: epochs", done, total)

        sized = replace(self.settings, x_features=count)
        fit = fit_species(task, partial(start_of, count), sized, seed, fitting)
        fit.autoencoder.in_units_of(scale)
        return fit

    def _looked_at(
        self,
        model: SparseAutoencoder,
        train: Activations,
        position: int,
        pictures: dict[str, bytes],
    ) -> tuple[XFeatureCard, ...]:
        """Return what each x-feature stands for, and add a sheet of its pictures."""
        with torch.no_grad():
            contributions = model.contributions(model.encoder(train.features))
        excitation, own = self._excitation(model), train.species == position
        cards = []
        for index in range(contributions.shape[1]):
            added = contributions[:, index]
            tops = [self._strongest(added, which) for which in (own, ~own)]
            shown = [[self._shown(*one, excitation, index) for one in top] for top in tops]
            mean = float(added[own].mean())
            title = f"x{index + 1}: adds {mean:.2f} to its species on average"
            pictures[f"x{index + 1}.png"] = png(strong_pictures(title, *shown))
            heats = [(record, one.heat) for (record, _), one in zip(tops[0], shown[0], strict=True)]
            seen = [(record, heat) for record, heat in heats if heat is not None]
            cards.append(
                XFeatureCard(
                    mean_contribution=mean,
                    own=_top_pictures(tops[0]),
                    others=_top_pictures(tops[1]),
                    area=_mean([area_of_half(heat) for _, heat in seen]),
                    spread=_mean([self._spread(record, heat) for record, heat in seen]),
                )
            )
        return tuple(cards)

    def _strongest(self, added: Tensor, which: Tensor) -> list[tuple[ImageRecord, float]]:
        """Return the pictures among `which` (N) to which an x-feature adds most, with what (N)."""
        records = self.images.of_split("train")
        order = torch.where(which, added, 0).argsort(descending=True, stable=True)[:_TOP].tolist()
        return [(records[row], float(added[row])) for row in order if which[row] and added[row] > 0]

    def _spread(self, record: ImageRecord, heat: Tensor) -> float | None:
        """Return how evenly the heat lies on the bird's parts, where they are known."""
        if self._drawing is None:
            return None
        drawing = self._drawing(record)
        return spread_over_parts(enlarged(heat, drawing.picture.size), visible_parts(drawing))

    def _excitation(self, model: SparseAutoencoder) -> Excitation | None:
        """Return what finds where x-features are seen, or None where it can't serve the network."""
        try:
            graph = x_feature_graph(traced(self.network.module), self.layer, model.encoder)
            return Excitation(self.network, self.evaluator, graph=graph)
        except ExplainersError:
            return None

    def _shown(
        self, record: ImageRecord, value: float, excitation: Excitation | None, index: int
    ) -> StrongPicture:
        drawing = self._drawing
        picture = self.images.open(record) if drawing is None else drawing(record).picture
        heat = None
        if excitation is not None:
            heat = excitation.heat(self.evaluator, self.network.to_tensor(picture), index)
        return StrongPicture(picture, f"{record.key}  {value:.2f}", heat)


@contextmanager
def _in_place_of(target: Path) -> Iterator[Path]:
    """Give a temporary folder that takes the place of `target` only when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary:
        making = Path(temporary) / "new"
        making.mkdir()
        yield making
        if target.exists():
            target.replace(Path(temporary) / "old")
        making.replace(target)


def _top_pictures(top: Sequence[tuple[ImageRecord, float]]) -> tuple[TopPicture, ...]:
    return tuple(TopPicture(key=record.key, contribution=value) for record, value in top)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _rectified(train: Activations) -> bool:
    return bool((train.features >= 0).all())
