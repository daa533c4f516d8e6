"""The method: guide, search, roots, graph."""

from collections.abc import Generator, Sequence
from dataclasses import asdict
from typing import Any, Self

import torch
from PIL import Image
from torch import Tensor

from explainers.asking import Ask, Finding, Probability, Search, Told
from explainers.base import Case, Explainer, Explanation
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.masking import MaskedPicture
from explainers.methods.igos import Igos
from explainers.methods.sag.beam import beam_search
from explainers.methods.sag.choosing import choose_roots
from explainers.methods.sag.combinatorial import combinatorial_search
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.elsewhere import search_elsewhere
from explainers.methods.sag.graph import grow
from explainers.methods.sag.guide import guide_map, guide_settings, ranking
from explainers.methods.sag.heat import importance
from explainers.methods.sag.record import describe
from explainers.methods.sag.settings import SagSettings, chosen_settings
from explainers.networks import Network
from explainers.perturbation import blurred, in_squares, upsampled
from explainers.rendering.layer import DrawLayer, heat_layer
from explainers.rendering.part import Part
from explainers.rendering.sag import graph_picture, graph_svg
from explainers.rendering.sag.nodes import gone_from, node_layer
from explainers.rendering.sag.words import describe_graph, describe_node, percent


class Sag(Explainer):
    """A graph of sets of patches: roots keep the answer, each edge takes one patch away.

    A root is a minimal sufficient set: shown alone, it keeps 90 % of the picture's probability, and
    no part of it does. Below it stand the sets that lack one patch, then two, with what is left of
    the probability. The map tells how much a patch's removal from a root loses, averaged over the
    roots.

    Differences from the paper and the released program:

    - The search drops states that are there already and supersets of what was found, and keeps
      exactly `width` states; the released beam fills up with copies of one state.
    - Once a set was found, none of more than ten of 49 patches is looked for: these show much of
      the picture and take most of the time.
    - A sufficient set is reduced patch by patch until every removal fails. For roots of up to ten
      patches, every proper subset is then asked about, for confidence is not monotone; where a
      smaller one suffices, that takes its place. `own` says which roots were proven so.
    - The graph is a graph and not a tree: equal sets are one node. A set of n patches has n
      children, where the released program shows three at most.
    - Hidden patches show the strongly blurred picture and have sharp edges, as participants see
      them; the paper's are black and fade bilinearly (`sag:zero:bilinear`).
    - Where fewer roots differ enough than are wanted, further sets are looked for among the patches
      that none of them uses.
    - The greedy choice of roots begins with the smallest set, which the paper leaves open.

    The graph is cut off where it would have more than `most_nodes` nodes, or more than `widest` of
    one size; each node tells how many children were left out.

    Both thresholds, P_h and P_l, are shares of what the clean picture gives the explained species,
    be it the network's answer or another.

    The search asks the network's fast copy. What reaches a threshold, or misses it by less than .2
    in log-odds (.8 where a set is to be proven minimal), is asked about again exactly, and so is
    everything that is shown. Log-odds serve likely and unlikely species alike: of a probability of
    .9 they are .02 and .1, of .01 they are .002 and .005.
    """

    name = "sag"
    version = "2"

    def __init__(
        self,
        network: Network,
        evaluator: Evaluator | None = None,
        settings: SagSettings | None = None,
    ) -> None:
        super().__init__(network, evaluator)
        self.settings = settings or SagSettings()
        self.hides_by_blur = self.settings.hidden == "blur"

    @classmethod
    def of_resolution(
        cls, network: Network, evaluator: Evaluator | None, cells: int | None
    ) -> Self:
        """Return the method with `cells` x `cells` patches."""
        return cls(network, evaluator, chosen_settings(cells, ()))

    @classmethod
    def with_choices(
        cls,
        network: Network,
        evaluator: Evaluator | None,
        cells: int | None,
        choices: Sequence[str],
    ) -> Self:
        """Return the method as its name spells it, such as `sag:14:zero:bilinear`.

        Raises
        ------
        ExplainersError
            When a word is no choice of `settings.CHOICES`, or two are of one kind.
        """
        return cls(network, evaluator, chosen_settings(cells, choices))

    def parameters(self) -> dict[str, Any]:
        """Return the settings, the guide and the score."""
        return {
            **asdict(self.settings),
            "guide": {
                "method": Igos.name,
                "version": Igos.version,
                **asdict(guide_settings(self.settings.cells)),
            },
            "score": "probability",
        }

    def search(self, case: Case) -> Search:
        """Return the map (cells, cells), and the graph as the method's own part."""
        settings, score = self.settings, Probability(case.target)
        baseline = (
            blurred(case.image) if settings.hidden == "blur" else torch.zeros_like(case.image)
        )
        guided = MaskedPicture(case.image, score, baseline)
        enlarged = in_squares if settings.patches == "crisp" else upsampled
        picture = MaskedPicture(case.image, score, baseline, enlarged)
        fast = self.evaluator.precision != "float32"
        confidence = Confidence(picture, settings.cells, case.probability, fast=fast)
        yield from self._refuse_needless(confidence)
        spread = self.network.preprocessing.std
        guide = yield from guide_map(guided, settings.cells, spread, case.generator)
        found = yield from self._sufficient(confidence, guide)
        proven = found if settings.search == "combinatorial" else ()
        roots = yield from choose_roots(confidence, found, proven, settings)
        graph = yield from grow(confidence, roots.chosen, settings)
        heat = yield from importance(confidence, roots.chosen)
        own = yield from describe(confidence, guide, roots, graph, settings)
        return Finding(heat, own, distinct=guided.distinct + picture.distinct)

    def still(self, explanation: Explanation, picture: Image.Image) -> Image.Image:
        """Return the graph with a picture for each node."""
        return graph_picture(explanation, picture)

    def svg(self, explanation: Explanation, picture: Image.Image) -> str:
        """Return the same as a drawing."""
        return graph_svg(explanation, picture)

    def alt(self, explanation: Explanation) -> str:
        """Return what the graph says, in words that name no species."""
        return describe_graph(explanation.own)

    def parts(
        self, explanation: Explanation, picture: Image.Image, draw: DrawLayer = heat_layer
    ) -> list[Part]:
        """Return a layer for each node, named by its id; nodes are no maps."""
        graph = explanation.own
        return [
            Part(
                key=node["id"],
                alt=describe_node(graph, node),
                layer=node_layer(
                    *(node["patches"], graph["cells"], picture.size),
                    gone_from(graph, node["id"]),
                ),
            )
            for node in graph["nodes"]
        ]

    def structure(self, explanation: Explanation) -> dict[str, Any]:
        """Return nodes with their places, edges and roots."""
        own = explanation.own
        # How sure the network is of the whole picture is not for everybody to see.
        nodes = [{k: v for k, v in node.items() if k != "probability"} for node in own["nodes"]]
        shown = {name: own[name] for name in ("cells", "edges", "roots")}
        return {"kind": "graph", "nodes": nodes, **shown}

    def told(self, explanation: Explanation) -> list[str]:
        """Return the formula, and what each root keeps."""
        graph = explanation.own
        kept = [percent(node["confidence"]) for node in graph["nodes"] if node["root"]]
        return [graph["dnf"], f"roots keep {', '.join(kept)} of the network's confidence"]

    def _refuse_needless(self, confidence: Confidence) -> Generator[Ask, Told, None]:
        """Refuse a picture whose answer needs no patch: the empty set explains nothing."""
        (nothing,) = yield from confidence.probabilities([0], exact=True)
        if nothing >= self.settings.sufficient * confidence.clean:
            other = {"blur": "zero", "zero": "blur"}[self.settings.hidden]
            raise ExplainersError(
                f"With every patch hidden the network's probability is {nothing:.3f}, with none "
                f"hidden {confidence.clean:.3f}: the answer needs no patch, so that no set of them "
                f"explains it. Leave this picture out, or try sag:{other}."
            )

    def _sufficient(self, confidence: Confidence, guide: Tensor) -> Generator[Ask, Told, list[int]]:
        ranked = ranking(guide)
        if self.settings.search == "beam":
            found = yield from beam_search(confidence, ranked, self.settings)
            return (yield from search_elsewhere(confidence, ranked, found, self.settings))
        found = yield from combinatorial_search(confidence, ranked, self.settings)
        if not found:
            raise ExplainersError(
                f"No combination of the {self.settings.relevant} most relevant patches keeps "
                f"{self.settings.sufficient:.0%} of the probability: "
                "take sag without :combinatorial, or set its parameter `relevant` higher."
            )
        return found
