"""Checks of what conditions and the guide show against the stimulus set."""

from collections.abc import Iterator
from typing import Final

from experiments.examples import strongest_examples
from experiments.findings import Problem
from experiments.manifest import Kind, Manifest
from experiments.schema import Condition, Protocol
from experiments.selection import SelectionError, select_guide, select_stimuli

# What a display is made of; every explanation has a map, so that each can be shown as colours.
KIND_OF: Final[dict[str, Kind]] = {"concepts": "concepts", "sag": "graph"}
_TOLD: Final[dict[Kind, str]] = {
    "map": "one map",
    "concepts": "concepts",
    "graph": "a graph of patches",
}
_DISPLAY: Final[dict[Kind, str]] = {"map": "heatmap", "concepts": "concepts", "graph": "sag"}


def explanation_problems(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Yield every explanation that can't be shown as declared, and what it would give away."""
    for key, condition in protocol.conditions.items():
        yield from _kind(key, condition, manifest)
        yield from _advice(key, condition, protocol, manifest)
    yield from _chosen(protocol, manifest)


def _kind(key: str, condition: Condition, manifest: Manifest) -> Iterator[Problem]:
    wanted = KIND_OF.get(condition.display)
    if wanted is None or condition.explanation is None:
        return
    entries = [
        stimulus.explanations[condition.explanation]
        for stimulus in manifest.stimuli
        if condition.explanation in stimulus.explanations
    ]
    others = {entry.kind for entry in entries} - {wanted}
    if others:
        found = min(others)
        yield Problem(
            ("conditions", key, "display"),
            f"{condition.explanation!r} is {_TOLD[found]} in the stimulus set, not "
            f"{_TOLD[wanted]}.",
            f"Set `display: {_DISPLAY[found]}`, or name an explanation that is {_TOLD[wanted]}.",
            code="display-of-another-kind",
        )


def _advice(
    key: str, condition: Condition, protocol: Protocol, manifest: Manifest
) -> Iterator[Problem]:
    if condition.advice == "none":
        return
    strange = [
        stimulus
        for stimulus in manifest.stimuli
        if stimulus.true_species in protocol.species
        and stimulus.predicted_species not in protocol.species
    ]
    if strange:
        yield Problem(
            ("conditions", key, "advice"),
            f"on {len(strange)} pictures ({', '.join(s.key for s in strange[:3])}"
            f"{', …' if len(strange) > 3 else ''}) the classifier answers a species that is not "
            "among the answers.",
            "List other pictures, or add the species.",
            "warning",
            code="advice-outside-answers",
        )


def _chosen(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """What the guide and the examples lack once the pictures that are asked are taken."""
    try:
        selection = select_stimuli(protocol, manifest)
    except (SelectionError, KeyError):
        return  # other checks say what is missing
    try:
        guide = select_guide(protocol, manifest, selection)
    except SelectionError as error:
        yield Problem(
            ("guide", "pictures_per_species"),
            f"{error}.",
            "Ask for fewer, ask about fewer train pictures, or build more stimuli.",
            code="guide-short-of-pictures",
        )
        return
    taken = {key for keys in (*selection.values(), *guide.values()) for key in keys}
    asked = {key for keys in selection.values() for key in keys}
    for key, condition in protocol.conditions.items():
        if condition.examples and condition.explanation and condition.display == "concepts":
            yield from _examples(key, condition, manifest, asked, taken | protocol.excluded_keys())


def _examples(
    key: str, condition: Condition, manifest: Manifest, asked: set[str], taken: set[str]
) -> Iterator[Problem]:
    name = str(condition.explanation)
    found = strongest_examples(manifest, name, taken, condition.examples)
    shown = {
        (entry.target, part)
        for stimulus in manifest.stimuli
        if stimulus.key in asked and (entry := stimulus.explanations.get(name))
        for part in (entry.structure.part_keys() if entry.structure else ())
    }
    lacking = sorted(
        f"{part} of {target}"
        for target, part in shown
        if len(found.get((target, part), ())) < condition.examples
    )
    if lacking:
        yield Problem(
            ("conditions", key, "examples"),
            f"{len(lacking)} of {len(shown)} concepts have fewer than {condition.examples} other "
            f"train pictures ({', '.join(lacking[:3])}{', …' if len(lacking) > 3 else ''}).",
            "Ask for fewer examples, or build more stimuli of the train split.",
            "warning",
            code="examples-short-of-pictures",
        )
