"""Are people satisfied with the explanations?"""

from experiments.scales.agreeing import statements
from experiments.scales.scale import Scale

EXPLANATION_SATISFACTION = Scale(
    title="Explanation Satisfaction Scale",
    source="Hoffman, Mueller, Klein & Litman (2023), Frontiers in Computer Science 5:1096257, "
    "CC BY 4.0; the eight items of arXiv 1812.04608, about the program's explanations",
    range="satisfaction, 1 to 5; mean of eight items",
    items=statements(
        "explanation_satisfaction",
        (
            "From the explanations, I understand how the program works.",
            "These explanations of how the program works are satisfying.",
            "These explanations of how the program works have sufficient detail.",
            "These explanations of how the program works seem complete.",
            "These explanations of how the program works tell me how to use it.",
            "These explanations of how the program works are useful to my goals.",
            "These explanations show me how accurate the program is.",
            "These explanations let me judge when I should trust and not trust the program.",
        ),
    ),
)
