"""What a participant may see of an explanation: what is shown, and nothing of where it is from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from experiments.examples import ConceptKey, Example, strongest_examples
from experiments.structures import Concepts, Graph
from studyapp.models import Artefact, Stimulus, Study, Trial
from studyapp.selectors.graph_view import GraphView, graph_view
from studyapp.selectors.studies import manifest_of, protocol_of

Layout = Literal["side_by_side", "overlay"]
Kind = Literal["map", "concepts", "graph"]
Examples = Mapping[ConceptKey, tuple[Example, ...]]
# Of `Condition.display`; every explanation has a map, so that each can be shown as one.
_SHOWN_AS: dict[str, Kind] = {"heatmap": "map", "concepts": "concepts", "sag": "graph"}
# Files of the player; their names must not tell the condition.
_WIDGETS: dict[Kind, str] = {"map": "layer", "concepts": "concepts", "graph": "graph"}


@dataclass(frozen=True)
class Media:
    """A file to load before a trial begins, and how long it is."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class ExampleView:
    """Another picture with a concept over it."""

    picture: Media
    layer: Media
    alt: str


@dataclass(frozen=True)
class ConceptView:
    """One concept: its layer over the picture, and how much of the evidence it carries."""

    key: str
    name: str
    percent: int
    alt: str
    layer: Media
    examples: tuple[ExampleView, ...]


@dataclass(frozen=True)
class ExplanationView:
    """An explanation as its page shows it.

    `layer` is the whole map: of a graph, whose nodes are drawn from their patches, it is not shown.
    """

    kind: Kind
    layout: Layout
    interactions: tuple[str, ...]
    style: str
    alt: str
    layer: Media | None
    concepts: tuple[ConceptView, ...] = ()
    graph: GraphView | None = None
    # The file of the player that lets a participant act on it; empty where it stands still.
    widget: str = ""

    @property
    def media(self) -> tuple[Media, ...]:
        """Every file that the page shows."""
        layers = [self.layer] if self.layer else []
        for concept in self.concepts:
            layers.append(concept.layer)
            layers += [file for one in concept.examples for file in (one.picture, one.layer)]
        return tuple(layers)


def explanation_view(trial: Trial, *, is_live: bool) -> ExplanationView | None:
    """The explanation of a trial, None where its condition shows none."""
    artefact, study = trial.artefact, trial.session.study
    if artefact is None or trial.stimulus is None:
        return None
    condition = protocol_of(study).conditions[trial.condition]
    return artefact_view(
        artefact,
        trial.stimulus,
        kind=_SHOWN_AS[condition.display],
        layout=condition.layout,
        interactions=condition.interactions if is_live else (),
        examples=_examples_of(study.digest, artefact.name, condition.examples),
    )


def artefact_view(
    artefact: Artefact,
    stimulus: Stimulus,
    *,
    kind: Kind,
    layout: Layout = "side_by_side",
    interactions: tuple[str, ...] = (),
    examples: Examples | None = None,
) -> ExplanationView:
    """An explanation of a picture, as one of the kinds in which it can be shown."""
    return ExplanationView(
        kind=kind,
        layout=layout,
        interactions=interactions,
        style=artefact.style,
        alt=artefact.alt,
        layer=None if kind == "graph" else _media(artefact),
        concepts=_concepts(artefact, examples or {}) if kind == "concepts" else (),
        graph=_graph(artefact, stimulus) if kind == "graph" else None,
        widget=_WIDGETS[kind] if interactions else "",
    )


def _media(row: Artefact) -> Media:
    return Media(row.layer.sha256, row.layer.bytes)


def _concepts(artefact: Artefact, examples: Examples) -> tuple[ConceptView, ...]:
    structure = Concepts.model_validate(artefact.structure)
    parts = {part.key: part for part in artefact.parts.all()}
    views = []
    for concept in structure.concepts:
        part = parts[concept.part]
        shown = examples.get((artefact.target, concept.part), ())
        views.append(
            ConceptView(
                key=part.key,
                name=concept.name,
                percent=round(100 * concept.share),
                alt=part.alt,
                layer=Media(part.layer.sha256, part.layer.bytes),
                examples=tuple(_example(one) for one in shown),
            )
        )
    return tuple(views)


def _example(one: Example) -> ExampleView:
    picture, layer = one.picture, one.layer
    return ExampleView(
        Media(picture.sha256, picture.bytes), Media(layer.sha256, layer.bytes), one.alt
    )


def _graph(artefact: Artefact, stimulus: Stimulus) -> GraphView:
    alts = {part.key: part.alt for part in artefact.parts.all()}
    structure = Graph.model_validate(artefact.structure)
    return graph_view(structure, alts, stimulus.width / stimulus.height)


@lru_cache(maxsize=64)
def _examples_of(
    study_digest: str, explanation: str, most: int
) -> dict[ConceptKey, tuple[Example, ...]]:
    """A frozen study and its set never change, nor do the examples."""
    if most == 0:
        return {}
    study = Study.objects.select_related("stimulus_set").get(digest=study_digest)
    taken = set(study.planned_stimuli.values_list("stimulus__key", flat=True))
    taken |= protocol_of(study).excluded_keys()
    return strongest_examples(manifest_of(study.stimulus_set), explanation, taken, most)
