"""How much work was it?"""

from experiments.items import RatingItem
from experiments.scales.scale import Scale

_ASKED = (
    ("mental", "How mentally demanding was the task?"),
    ("physical", "How physically demanding was the task?"),
    ("temporal", "How hurried or rushed was the pace of the task?"),
    ("performance", "How successful were you in accomplishing what you were asked to do?"),
    ("effort", "How hard did you have to work to accomplish your level of performance?"),
    ("frustration", "How insecure, discouraged, irritated, stressed, and annoyed were you?"),
)


def _item(name: str, text: str) -> RatingItem:
    # The one whose low end is the good one: it is not reversed.
    low, high = ("perfect", "failure") if name == "performance" else ("very low", "very high")
    return RatingItem(
        kind="rating",
        key=f"nasa_tlx_{name}",
        text=text,
        minimum=0,
        maximum=100,
        step=5,
        low=low,
        high=high,
    )


NASA_TLX = Scale(
    title="NASA Task Load Index, raw",
    source="Hart & Staveland (1988), NASA Ames Research Center; work of the US government, in the "
    "public domain. Raw: without weights (Hart 2006)",
    range="workload, 0 (none) to 100; mean of six ratings on 21 points",
    items=tuple(_item(*asked) for asked in _ASKED),
)
