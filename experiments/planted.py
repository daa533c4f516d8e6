"""What a rehearsal plants: what conditions add to how people answer, by kind of effect.

The kinds are the options of `run_bots`, with hyphens there: `--learning-effect heatmap=0.3`.
"""

from collections.abc import Mapping
from dataclasses import replace

from experiments.respondents import ResponseModel

# In logits but the last, which is a share of the scale.
KINDS: Mapping[str, str] = {
    "effect": "the log-odds of a right answer while it is shown (where people answer twice, of the "
    "second)",
    "learning_effect": "what feedback teaches while it is shown, which stays",
    "sensitivity": "the difference of log-odds between taking right and wrong advice (d')",
    "criterion": "how unwilling people are to take advice or to say yes (c)",
    "insight": "how much surer people are when right than when wrong",
}

# By kind, by condition; kinds may be left out.
Planted = Mapping[str, Mapping[str, float]]


def with_planted(response_model: ResponseModel, planted: Planted) -> ResponseModel:
    """Return people who differ from others by what is planted."""
    unwilling = planted.get("criterion", {}).items()
    return replace(
        response_model,
        effects=planted.get("effect", {}),
        learning_effects=planted.get("learning_effect", {}),
        sensitivity_effects=planted.get("sensitivity", {}),
        belief_effects={condition: -logits for condition, logits in unwilling},
        insight_effects=planted.get("insight", {}),
    )


def option_of(kind: str) -> str:
    """Return the option of `run_bots` that plants a kind of effect."""
    return f"--{kind.replace('_', '-')}"


def options_of(planted: Planted) -> tuple[str, ...]:
    """Return the words by which `run_bots` plants the same."""
    return tuple(
        word
        for kind, effects in planted.items()
        for condition, size in effects.items()
        for word in (option_of(kind), f"{condition}={size}")
    )
