"""A graph, its roots and its figures as JSON."""

from collections.abc import Generator
from typing import Any

from torch import Tensor

from explainers.asking import Ask, Told
from explainers.methods.sag.choosing import Roots
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.diversity import MOST_SEARCHED, largest_family
from explainers.methods.sag.dnf import dnf
from explainers.methods.sag.graph import Graph
from explainers.methods.sag.guide import ranking
from explainers.methods.sag.layout import layered
from explainers.methods.sag.patch_sets import patches_of
from explainers.methods.sag.prefix import shortest_prefix
from explainers.methods.sag.settings import SagSettings

_DIGITS = 5


def describe(
    confidence: Confidence, guide: Tensor, roots: Roots, graph: Graph, settings: SagSettings
) -> Generator[Ask, Told, dict[str, Any]]:
    """Return the method's own part.

    Returns
    -------
    dict
        `cells`; `nodes` with id, patches, confidence (relative to the clean picture's),
        probability, place (x, y) in [0, 1], whether it is a root, and how many children were left
        out to keep the graph small; `edges` with the patch that is taken away and the fall in
        confidence; `roots`, their ids; `dnf`; `hidden`, the relative confidence without any patch;
        `sufficient_sets`, every minimal sufficient set that was found, with whether all its subsets
        or single removals were tried; `statistics`; `flags`.
    """
    (nothing,) = yield from confidence.probabilities([0], exact=True)
    hottest = yield from shortest_prefix(confidence, ranking(guide), settings.sufficient)
    sets = sorted(roots.probabilities, key=lambda one: (one.bit_count(), one))
    ids = {one: f"n{number}" for number, one in enumerate(graph.probabilities)}
    return {
        "cells": settings.cells,
        "nodes": _nodes(confidence, graph, roots, ids),
        "edges": _edges(confidence, graph, ids),
        "roots": [ids[root] for root in roots.chosen],
        "dnf": dnf(roots.chosen),
        "hidden": round(nothing / confidence.clean, _DIGITS),
        "sufficient_sets": [
            {
                "patches": patches_of(one),
                "confidence": round(roots.probabilities[one] / confidence.clean, _DIGITS),
                "minimal": "all subsets" if one in roots.proven else "single removals",
            }
            for one in sets
        ],
        "statistics": {
            "sets": len(sets),
            "smallest": sets[0].bit_count(),
            "disjoint": largest_family(sets, 0),
            "near_disjoint": largest_family(sets, 1),
            "patches_for_coverage": hottest.bit_count(),
        },
        "flags": {
            "flat_guide": bool(guide.max() <= guide.min()),
            "nodes_not_expanded": len(graph.cut),
            "unproven_roots": sum(root not in roots.proven for root in roots.chosen),
            "families_exact": len(sets) <= MOST_SEARCHED,
        },
    }


def _nodes(
    confidence: Confidence, graph: Graph, roots: Roots, ids: dict[int, str]
) -> list[dict[str, Any]]:
    places = layered(list(graph.probabilities), graph.edges)
    return [
        {
            "id": ids[one],
            "patches": patches_of(one),
            "confidence": round(probability / confidence.clean, _DIGITS),
            "probability": round(probability, _DIGITS),
            "x": round(places[one][0], _DIGITS),
            "y": round(places[one][1], _DIGITS),
            "root": one in roots.chosen,
            "left_out": one.bit_count() if one in graph.cut else 0,
        }
        for one, probability in graph.probabilities.items()
    ]


def _edges(confidence: Confidence, graph: Graph, ids: dict[int, str]) -> list[dict[str, Any]]:
    known = graph.probabilities
    return [
        {
            "parent": ids[parent],
            "child": ids[child],
            "patch": (parent ^ child).bit_length() - 1,
            "drop": round((known[parent] - known[child]) / confidence.clean, _DIGITS),
        }
        for parent, child in graph.edges
    ]
