"""Checks of conditions and of the guide: can what is declared be shown, and is it comparable?"""

from collections.abc import Iterator, Mapping

from experiments.findings import Problem
from experiments.schema import Condition, Interaction, Protocol

_OFFERED: Mapping[str, tuple[Interaction, ...]] = {
    "heatmap": ("opacity", "flip"),
    "concepts": ("pick", "opacity", "flip"),
    "sag": ("pick", "expand", "flip"),
}


def condition_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of a condition or the guide that needs no stimulus set to be seen."""
    for key, condition in protocol.conditions.items():
        if condition.display == "none":
            yield from _nothing_shown(key, condition)
        else:
            yield from _interactions(key, condition)
        if condition.examples and condition.display != "concepts":
            yield Problem(
                ("conditions", key, "examples"),
                "only concepts have examples.",
                "Leave examples out, or set `display: concepts`.",
                code="examples-without-concepts",
            )
    yield from _placebos(protocol)
    yield from _guide(protocol)


def _nothing_shown(key: str, condition: Condition) -> Iterator[Problem]:
    if condition.interactions:
        yield Problem(
            ("conditions", key, "interactions"),
            "nothing is shown that could be faded or switched off.",
            "Leave interactions out.",
            code="interactions-without-display",
        )


def _interactions(key: str, condition: Condition) -> Iterator[Problem]:
    offered = _OFFERED[condition.display]
    for number, interaction in enumerate(condition.interactions):
        if interaction not in offered:
            yield Problem(
                ("conditions", key, "interactions", number),
                f"`{condition.display}` does not offer {interaction!r}.",
                f"Use some of {', '.join(offered)}.",
                code="interaction-not-offered",
            )
    chosen = condition.interactions
    if condition.display == "sag" and chosen and "pick" not in chosen:
        yield Problem(
            ("conditions", key, "interactions"),
            "nothing of a graph can be expanded or switched by who can't pick a node.",
            "Add pick, or leave interactions out.",
            code="graph-without-pick",
        )
    is_overlay = (condition.display, condition.layout) == ("sag", "overlay")
    if is_overlay and "pick" in chosen and "flip" not in chosen:
        yield Problem(
            ("conditions", key, "interactions"),
            "a picked node darkens the only picture, and nothing brings the whole picture back.",
            "Add flip, or set `layout: side_by_side`.",
            "warning",
            code="overlay-without-flip",
        )


def _placebos(protocol: Protocol) -> Iterator[Problem]:
    shown = {key: c for key, c in protocol.conditions.items() if c.display != "none"}
    forms = {condition.form for condition in shown.values() if not condition.is_placebo}
    for key, condition in shown.items():
        # Several true explanations may each have their placebo.
        if condition.is_placebo and forms and condition.form not in forms:
            yield Problem(
                ("conditions", key),
                "the placebo has another display, layout, other interactions, examples or advice "
                "than any true explanation, so that a comparison of the two is about more than its "
                "content.",
                "Give both the same.",
                "warning",
                code="placebo-of-another-form",
            )


def _guide(protocol: Protocol) -> Iterator[Problem]:
    guide = protocol.guide
    if guide is None:
        return
    for species in guide.marks.keys() - set(protocol.species):
        yield Problem(
            ("guide", "marks", species),
            f"{species!r} is not among the answers.",
            f"Use some of {', '.join(protocol.species)}.",
            code="guide-of-unknown-species",
        )
    missing = [species for species in protocol.species if not guide.marks.get(species)]
    if missing and (guide.marks or not guide.pictures_per_species):
        yield Problem(
            ("guide", "marks"),
            f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no field marks.",
            "Write some, so that the guide treats all species alike.",
            "warning" if guide.pictures_per_species else "error",
            code="guide-incomplete",
        )
