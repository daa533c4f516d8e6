"""Do people trust the classifier? The checklist made for automation of any kind."""

from experiments.items import RatingItem
from experiments.scales.scale import Scale

_STATEMENTS = (
    "The program is deceptive.",
    "The program behaves in an underhanded manner.",
    "I am suspicious of the program's intent, action, or outputs.",
    "I am wary of the program.",
    "The program's actions will have a harmful or injurious outcome.",
    "I am confident in the program.",
    "The program provides security.",
    "The program has integrity.",
    "The program is dependable.",
    "The program is reliable.",
    "I can trust the program.",
    "I am familiar with the program.",
)
_OF_DISTRUST = 5

TRUST_IN_AUTOMATION = Scale(
    title="Checklist for Trust between People and Automation",
    source="Jian, Bisantz & Drury (2000), International Journal of Cognitive Ergonomics 4:53-71; "
    'first a report of the US Air Force Research Laboratory; "the system" is the program here',
    range="trust, 1 to 7; mean of twelve items, the first five (distrust) reversed",
    items=tuple(
        RatingItem(
            kind="rating",
            key=f"trust_in_automation_{number}",
            text=text,
            low="not at all",
            high="extremely",
        )
        for number, text in enumerate(_STATEMENTS, start=1)
    ),
    reversed=frozenset(f"trust_in_automation_{n}" for n in range(1, _OF_DISTRUST + 1)),
)
