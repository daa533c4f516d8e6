"""What stands beside the numbered picture, for whoever sees a graph for the first time."""

import textwrap
from typing import TYPE_CHECKING

from explainers.rendering.sag.words import percent

if TYPE_CHECKING:
    from explainers.base import Explanation

# Falls in confidence with what their lines say.
EXAMPLES = ((0.1, "10 points lost"), (0.4, "40"), (0.8, "80"), (-0.1, "gained"))
_LETTERS = 105
_MOST_LINES = 3


def sentences(explanation: "Explanation") -> list[str]:
    """Return the lines of the legend."""
    graph = explanation.own
    formula = textwrap.wrap(graph["dnf"], _LETTERS, max_lines=_MOST_LINES, placeholder=" ...")
    share = percent(explanation.parameters["sufficient"])
    told = (
        f"Blue frames: sets of patches that keep {share} of the network's confidence or more, and "
        "lose that when any patch is taken away. Each line takes one patch away; an orange square "
        "is the patch that was just taken away. Percentages tell what remains of the confidence."
    )
    if left_out := graph["flags"]["nodes_not_expanded"]:
        told += f" {left_out} sets could be taken apart further; the drawing leaves that out."
    return [*formula, *textwrap.wrap(told, _LETTERS)]
