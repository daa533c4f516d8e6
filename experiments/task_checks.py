"""Checks of the tasks that trials set: can they be answered, and does the answer mean something?"""

from collections.abc import Iterator

from experiments.findings import Location, Problem
from experiments.manifest import Manifest
from experiments.schema import Condition, Protocol, Trials
from experiments.selection import SelectionError, select_stimuli
from experiments.stimulus_checks import numbered_trials
from experiments.tasks.agreement import YES, Agreement
from experiments.tasks.distinction import Distinction
from experiments.tasks.forward_simulation import ForwardSimulation

Shown = list[tuple[str, Condition]]
# Whoever always gives the same answer should not be right oftener than this.
_MOST_OF_ONE_ANSWER = 0.75


def task_problems(protocol: Protocol) -> Iterator[Problem]:
    """Yield every problem of a task with the conditions it is set in."""
    assessed: set[str] = set()
    for index, stage in numbered_trials(protocol):
        where: Location = ("stages", index, "task")
        shown = _shown(protocol, stage)
        assessed |= {stage.task.kind} if stage.phase == "assessment" else set()
        if stage.phase == "assessment" and len(assessed) > 1:
            yield Problem(
                where,
                f"assessments set different tasks ({', '.join(sorted(assessed))}), whose answers "
                "the analysis takes together.",
                "Assess by one task, and make the other stages practice or training.",
                "warning",
                code="tasks-differ",
            )
        if isinstance(stage.task, Distinction):
            yield from _nothing_to_distinguish(stage, shown, where)
        if isinstance(stage.task, ForwardSimulation):
            yield from _given_away(stage, shown, where)
        if stage.task.asks_first and all(
            c.explanation is None and c.advice == "none" for _, c in shown
        ):
            yield Problem(
                (*where, "first_answer"),
                "no arm shows anything between the two answers.",
                "Give an arm a condition that shows something, or set first_answer to false.",
                "warning",
                code="first-answer-idle",
            )


def _shown(protocol: Protocol, stage: Trials) -> Shown:
    """The conditions that arms meet in a stage, with the arm; undeclared ones aside."""
    met = [(key, c) for key, arm in protocol.arms.items() for c in arm.conditions_in(stage.phase)]
    return [(arm, protocol.conditions[c]) for arm, c in met if c in protocol.conditions]


def _nothing_to_distinguish(stage: Trials, shown: Shown, where: Location) -> Iterator[Problem]:
    for arm, condition in shown:
        if condition.explanation is None:
            yield Problem(
                where,
                f"arm {arm!r} shows no explanation in {stage.phase}, so that there is none to "
                "choose.",
                "Give the arm a condition with an explanation in this phase.",
                code="nothing-to-distinguish",
            )
        elif condition.is_placebo:
            yield Problem(
                where,
                f"arm {arm!r} shows a placebo in {stage.phase}, which explains no answer of its "
                "picture.",
                "Give the arm a true explanation in this phase.",
                code="placebo-to-distinguish",
            )


def _given_away(stage: Trials, shown: Shown, where: Location) -> Iterator[Problem]:
    for arm, condition in shown:
        if condition.advice != "none":
            yield Problem(
                where,
                f"arm {arm!r} is told in {stage.phase} what the classifier answers, which is what "
                "the task asks.",
                "Set `advice: none` for its condition, or set another task.",
                code="answer-given-away",
            )


def too_few_species(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Yield where more explanations are to be told apart than the network has answers."""
    answers = len(manifest.network.species)
    for index, stage in numbered_trials(protocol):
        if isinstance(stage.task, Distinction) and stage.task.options > answers:
            yield Problem(
                ("stages", index, "task", "options"),
                f"{stage.task.options} explanations are offered, each of another species, and the "
                f"network knows {answers}.",
                f"Offer {answers} or fewer.",
                code="more-options-than-species",
            )


def balance_problems(protocol: Protocol, manifest: Manifest) -> Iterator[Problem]:
    """Yield where always agreeing, or never, would pay."""
    try:
        selection = select_stimuli(protocol, manifest)
    except (SelectionError, KeyError):
        return
    stimuli = {stimulus.key: stimulus for stimulus in manifest.stimuli}
    for index, stage in numbered_trials(protocol):
        chosen = [stimuli[key] for key in selection[stage.key] if key in stimuli]
        if not isinstance(stage.task, Agreement) or not chosen:
            continue
        right = sum(one.predicted_species == one.true_species for one in chosen)
        if max(right, len(chosen) - right) > _MOST_OF_ONE_ANSWER * len(chosen):
            said = YES if 2 * right > len(chosen) else "no"
            yield Problem(
                ("stages", index, "stimuli"),
                f"the network is right on {right} of {len(chosen)} pictures: always saying {said} "
                "pays.",
                "List pictures by key, about as many that it gets wrong as right (see the "
                "overview: wrong answers come first).",
                "warning",
                code="one-answer-pays",
            )
