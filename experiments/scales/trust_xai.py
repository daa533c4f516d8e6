"""Do people trust the classifier? The scale made for explainable systems."""

from experiments.scales.agreeing import statements
from experiments.scales.scale import Scale

TRUST_XAI = Scale(
    title="Trust Scale for Explainable AI",
    source="Hoffman, Mueller, Klein & Litman (2023), Frontiers in Computer Science 5:1096257, "
    "CC BY 4.0; eight items, the sixth reversed",
    range="trust, 1 to 5; mean of eight items",
    items=statements(
        "trust_xai",
        (
            "I am confident in the program. I feel that it works well.",
            "The outputs of the program are very predictable.",
            "The program is very reliable. I can count on it to be correct all the time.",
            "I feel safe that when I rely on the program I will get the right answers.",
            "The program is efficient in that it works very quickly.",
            "I am wary of the program.",
            "The program can perform the task better than a novice human user.",
            "I like using the program for decision making.",
        ),
    ),
    reversed=frozenset({"trust_xai_6"}),
)
