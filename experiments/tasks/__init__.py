"""The kinds of task a trial can set, each declared in one file: its registry.

A protocol names one by `task: {kind: …}` in a stage of trials; everything else that differs between
kinds (the answers offered, which is right, what the stimulus set must hold, what columns mean, how
bots answer) is asked of the kind. To add one, write its file and list it here.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from experiments.tasks.agreement import Agreement
from experiments.tasks.classification import Classification
from experiments.tasks.counterfactual import CounterfactualChoice
from experiments.tasks.distinction import Distinction
from experiments.tasks.forward_simulation import ForwardSimulation
from experiments.tasks.kind import TaskKind

Task = Annotated[
    Classification | ForwardSimulation | CounterfactualChoice | Agreement | Distinction,
    Field(discriminator="kind"),
]
TASKS: Mapping[str, type[TaskKind]] = {
    declared.model_fields["kind"].default: declared
    for declared in (
        Classification,
        ForwardSimulation,
        CounterfactualChoice,
        Agreement,
        Distinction,
    )
}


def meaning_by_kind(column: str) -> str:
    """Return what a column means in trials of each kind, for the codebook."""
    return "; ".join(f"{kind}: {declared.means[column]}" for kind, declared in TASKS.items())
