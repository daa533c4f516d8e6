"""Explanations by x-features (Qi, Khorram & Li 2021, arXiv 1709.05360)."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol, Self

import torch
from PIL import Image
from torch import Tensor

from explainers.asking import Direct, Finding, Search
from explainers.base import Case, Explainer, Explanation, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.methods.excitation import Excitation
from explainers.methods.igos import Igos
from explainers.methods.igospp import IgosPlusPlus, settings_at
from explainers.methods.mask_descent import DescentSettings
from explainers.methods.xnn.folder import FittedXnn, XnnFolder
from explainers.methods.xnn.graph import x_feature_graph
from explainers.methods.xnn.score import XFeature
from explainers.methods.xnn.significance import COVERED, significant
from explainers.networks import Network
from explainers.rendering.alt import describe_heat
from explainers.rendering.concepts import Concept, concept_panel, percent
from explainers.rendering.layer import DrawLayer, heat_layer
from explainers.rendering.part import Part


class FittedSpecies(Protocol):
    """Where the XNN of each species is: an `XnnFolder`."""

    def of(self, species: str) -> FittedXnn:
        """Return the XNN of a species."""

    def require(self, species: Sequence[str]) -> None:
        """Refuse species without an XNN that can be read."""


class XFeatures(Explainer):
    """The few concepts that a species' logit is made of, and where each is seen.

    The XNN reads the logit as a sum of contributions x_l v_l. The significant x-features, the
    smallest set with nine tenths of what speaks for the species, get a concept map each. The
    explanation's map is their sum, weighted by the contributions.

    Methods differ in how they find where an x-feature is seen. How the XNN is fitted differs from
    the programs around the paper, see `fitting.fit_species` and `autoencoder.SparseAutoencoder`.

    Parameters
    ----------
    network
        Loaded from a folder that has a fitted XNN, unless `fitted` is given.
    evaluator
        As of `Explainer`.
    cells
        Resolution of concept maps, at least.
    fitted
        XNNs by species.

    Attributes
    ----------
    usual_cells
        The resolution unless another is chosen.
    seeker
        The method that finds where an x-feature is seen.
    """

    usual_cells: int
    seeker: Explainer

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        cells: int | None = None,
        fitted: FittedSpecies | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.cells = self.usual_cells if cells is None else cells
        self.seeker = self.make_seeker()
        self.hides_by_blur = self.seeker.hides_by_blur
        self.fitted = XnnFolder(network) if fitted is None else fitted

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with concept maps of `cells` x `cells`."""
        return cls(network, evaluator, cells)

    @abstractmethod
    def make_seeker(self) -> Explainer:
        """Return the method that finds where an x-feature is seen.

        Raises
        ------
        ExplainersError
            When it can't serve the network, or not at this resolution.
        """

    @abstractmethod
    def concept(self, case: Case, xnn: FittedXnn, index: int, strength: float) -> Search:
        """Find where an x-feature, as strong as that in the clean picture, is seen."""

    def parameters(self) -> dict[str, Any]:
        """Return resolution, significance, and how concepts are sought."""
        sought = {
            "method": self.seeker.name,
            "version": self.seeker.version,
            **self.seeker.parameters(),
            "score": "x-feature",
        }
        return {"cells": self.cells, "covered": COVERED, "concepts": sought}

    def parameters_for(self, target: int) -> dict[str, Any]:
        """Return these and the digest of the species' own XNN, None where none can be read."""
        try:
            digest = self._of(target).digest
        except ExplainersError:
            digest = None  # the search of each such picture says why
        return {**self.parameters(), "xnn": digest}

    def require_targets(self, targets: Sequence[int]) -> None:
        """Refuse species whose XNN is missing or can't be read."""
        self.fitted.require([self.network.species[target] for target in targets])

    def search(self, case: Case) -> Search:
        """Return the weighted map; `concepts` (k, h, w) are those of significant x-features."""
        xnn = self._of(case.target)
        features, logits = yield Direct(partial(_read, image=case.image, layer=xnn.layer))
        with torch.no_grad():
            x_features = xnn.encoder(features)[0]
            contributions = xnn.contributions(x_features)
        chosen, found = significant(contributions), []
        for index in chosen:
            found.append((yield from self.concept(case, xnn, index, float(x_features[index]))))
        concepts = _stacked([finding.map for finding in found], self.cells)
        weighted = (contributions[chosen, None, None] * concepts).sum(0)
        counts = [finding.distinct for finding in found if finding.distinct is not None]
        return Finding(
            scaled(weighted),
            own=_facts(xnn, contributions, chosen, float(logits[0, case.target])),
            tensors={"concepts": concepts},
            distinct=sum(counts) if counts else None,
        )

    def still(self, explanation: Explanation, picture: Image.Image) -> Image.Image:
        """Return the picture beside its significant concepts."""
        return concept_panel(picture, self._concepts(explanation))

    def alt(self, explanation: Explanation) -> str:
        """Return how many concepts there are, and where."""
        concepts = self._concepts(explanation)
        if not concepts:
            return "No concept speaks for the answer."
        share = percent(sum(concept.share for concept in concepts))
        count = "One concept carries" if len(concepts) == 1 else f"{len(concepts)} concepts carry"
        told = [f"{count} {share} of the evidence.", *(concept.alt for concept in concepts)]
        return " ".join(told)

    def parts(
        self, explanation: Explanation, picture: Image.Image, draw: DrawLayer = heat_layer
    ) -> list[Part]:
        """Return a layer for each significant concept, the strongest first."""
        return [
            Part(concept.key, concept.alt, draw(concept.heat, picture.size))
            for concept in self._concepts(explanation)
        ]

    def structure(self, explanation: Explanation) -> dict[str, Any] | None:
        """Return name and share of each significant concept."""
        return {
            "kind": "concepts",
            "concepts": [
                {"part": concept.key, "name": concept.name, "share": round(concept.share, 3)}
                for concept in self._concepts(explanation)
            ],
        }

    def told(self, explanation: Explanation) -> list[str]:
        """Return how the logit is made up."""
        own = explanation.own
        lines = [
            f"logit {own['logit']:.2f}; the XNN says {own['xnn_logit']:.2f} = {own['bias']:.2f} "
            "without any evidence, and"
        ]
        xnn = self._of(explanation.target)
        for feature in own["x_features"]:
            mark = "*" if feature["significant"] else " "
            name = xnn.called(feature["index"])
            lines.append(f" {mark} {name:24} {feature['contribution']:+7.2f}")
        return [*lines, f"* significant: {percent(own['covered'])} of the evidence for the species"]

    def _of(self, target: int) -> FittedXnn:
        return self.fitted.of(self.network.species[target])

    def _concepts(self, explanation: Explanation) -> list[Concept]:
        xnn = self._of(explanation.target)
        shown = [feature for feature in explanation.own["x_features"] if feature["significant"]]
        return [
            Concept(
                key=f"x{feature['index'] + 1}",
                name=xnn.called(feature["index"]),
                share=feature["share"],
                heat=heat,
                place=describe_heat(heat),
            )
            for feature, heat in zip(shown, explanation.tensors["concepts"], strict=True)
        ]


class Xnn(XFeatures):
    """Concepts by contrastive Excitation Backprop from each x-feature, as `Excitation` has it."""

    name = "xnn"
    version = "1"
    usual_cells = 14
    seeker: Excitation

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        cells: int | None = None,
        fitted: FittedSpecies | None = None,
    ) -> None:
        super().__init__(network, evaluator, cells, fitted)
        self._of_species: dict[str, Excitation] = {}

    def make_seeker(self) -> Excitation:
        """Return the method for the network as it is; species share its layers."""
        return Excitation(self.network, self.evaluator, self.cells)

    def concept(self, case: Case, xnn: FittedXnn, index: int, strength: float) -> Search:
        """Find the winners of an x-feature's activation."""
        species = xnn.card.origin.species
        if species not in self._of_species:
            graph = x_feature_graph(self.seeker.graph, xnn.layer, xnn.encoder)
            self._of_species[species] = Excitation(self.network, self.evaluator, self.cells, graph)
        return self._of_species[species].search_output(case, index)


class XnnIgos(XFeatures):
    """Concepts by I-GOS: the smallest smooth region whose hiding silences the x-feature.

    The x-feature is divided by its activation for the clean picture, so that the weights of I-GOS,
    which suppose a score of 1 or less, hold.
    """

    name = "xnn_igos"
    version = "1"
    usual_cells = 28
    seeker: Igos

    def make_seeker(self) -> Igos:
        """Return I-GOS at this resolution."""
        return Igos(self.network, self.evaluator, DescentSettings(resolution=self.cells))

    def concept(self, case: Case, xnn: FittedXnn, index: int, strength: float) -> Search:
        """Find what the x-feature needs."""
        return self.seeker.search_score(case, XFeature(xnn.layer, xnn.encoder, index, strength))


class XnnIgosPlusPlus(XFeatures):
    """Concepts by iGOS++: silenced when hidden, brought back when shown alone; as `XnnIgos`."""

    name = "xnn_igospp"
    version = "1"
    usual_cells = 28
    seeker: IgosPlusPlus

    def make_seeker(self) -> IgosPlusPlus:
        """Return iGOS++ at this resolution."""
        return IgosPlusPlus(self.network, self.evaluator, settings_at(self.cells))

    def concept(self, case: Case, xnn: FittedXnn, index: int, strength: float) -> Search:
        """Find what the x-feature needs."""
        return self.seeker.search_score(case, XFeature(xnn.layer, xnn.encoder, index, strength))


def _read(evaluator: Evaluator, image: Tensor, layer: str) -> tuple[Tensor, Tensor]:
    return evaluator.read(image[None], layer)


def _stacked(maps: list[Tensor], cells: int) -> Tensor:
    return torch.stack(maps) if maps else torch.zeros(0, cells, cells)


def _facts(
    xnn: FittedXnn, contributions: Tensor, chosen: list[int], logit: float
) -> dict[str, Any]:
    """Return how the logit is made up; significant x-features first, in the order of their maps."""
    total = float(contributions.clamp(min=0).sum())
    shares = (contributions / total).tolist() if total > 0 else [0.0] * len(contributions)
    others = [index for index in range(len(shares)) if index not in chosen]
    return {
        "x_features": [
            {
                "index": index,
                "contribution": float(contributions[index]),
                "share": shares[index],
                "significant": index in chosen,
                "top_pictures": [top.key for top in xnn.card.x_features[index].own],
            }
            for index in (*chosen, *others)
        ],
        "logit": logit,
        "xnn_logit": float(contributions.sum()) + xnn.bias,
        "bias": xnn.bias,
        "covered": sum(shares[index] for index in chosen),
        "xnn": xnn.digest,
    }
