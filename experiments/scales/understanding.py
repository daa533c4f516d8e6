"""How well do people think they understand the classifier? Asked before and after, for instance."""

from experiments.items import RatingItem
from experiments.scales.scale import Scale

UNDERSTANDING = Scale(
    title="Self-rated understanding",
    source="worded for Larus; one rating on seven points after Rozenblit & Keil (2002), asked as "
    "often as wanted: the stage tells the moment",
    range="understanding, 1 to 7",
    items=(
        RatingItem(
            kind="rating",
            key="understanding",
            text="How well do you understand how the program decides which gull it sees?",
            low="not at all",
            high="completely",
        ),
    ),
)
