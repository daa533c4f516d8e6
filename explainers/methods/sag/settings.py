"""How a Structured Attention Graph is searched and grown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from explainers.errors import ExplainersError
from explainers.settings import Count, NoneOrMore, Share, Weight

RESOLUTIONS = (7, 14)
# What a method's name may choose after its colons, and which setting that is.
CHOICES = {
    **{"blur": "hidden", "zero": "hidden"},
    **{"crisp": "patches", "bilinear": "patches"},
    **{"beam": "search", "combinatorial": "search"},
}


@dataclass(frozen=True)
class SagSettings:
    """The paper's defaults, but for what is shown where a patch is hidden and for its edges.

    Attributes
    ----------
    cells
        Patches in each direction (r), one of `RESOLUTIONS`.
    sufficient
        A set of patches suffices when it keeps this share of the clean picture's probability, or
        more (P_h).
    worth_expanding
        Sets that keep less than this share get no children (P_l).
    successors, width
        Patches that a state of the beam may grow by (q), and states kept (w).
    explored
        Once a set is found, states that show more than this share of the patches are not followed:
        ten of 49, which suffice for four pictures in five in the paper.
    relevant
        Patches that the combinatorial search combines (m).
    most_roots
        The beam search ends when it has found so many sufficient sets.
    chosen, most_overlap
        Roots of the graph (c), and patches that two of them may share.
    most_nodes, widest
        Of the graph: nodes in all, and sets of one size.
    hidden
        What hidden parts show: the strongly blurred picture, or black (`zero`, the paper's).
    patches
        Squares with sharp edges as on the screen, or the paper's peaks that fade bilinearly.
    search
        Which of the paper's two searches.
    """

    cells: int = 7
    sufficient: Share = 0.9
    worth_expanding: Weight = 0.4
    successors: Count = 15
    width: Count = 3
    explored: Share = 0.205
    relevant: Count = 10
    most_roots: Count = 12
    chosen: Count = 3
    most_overlap: NoneOrMore = 1
    most_nodes: Count = 60
    widest: Count = 18
    hidden: Literal["blur", "zero"] = "blur"
    patches: Literal["crisp", "bilinear"] = "crisp"
    search: Literal["beam", "combinatorial"] = "beam"

    def __post_init__(self) -> None:
        if self.cells not in RESOLUTIONS:
            told = " or ".join(str(cells) for cells in RESOLUTIONS)
            raise ExplainersError(f"sag:{self.cells} is not offered: use {told} patches a side.")


def chosen_settings(cells: int | None, choices: Sequence[str]) -> SagSettings:
    """Return the settings that a name spells, such as `sag:14:zero` with 14 and [`zero`].

    Raises
    ------
    ExplainersError
        When a word is none of `CHOICES`, or two choose the same.
    """
    chosen: dict[str, Any] = {} if cells is None else {"cells": cells}
    for word in choices:
        if word not in CHOICES or CHOICES[word] in chosen:
            raise ExplainersError(
                f"sag has no choice {word}, or it was made before: after sag stand 7 or 14, blur "
                "or zero, crisp or bilinear, beam or combinatorial, such as sag:14:zero:bilinear."
            )
        chosen[CHOICES[word]] = word
    return SagSettings(**chosen)
