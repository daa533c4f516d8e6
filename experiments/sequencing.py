"""In which order, and under which conditions, one session meets the pictures of a study."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.counterbalancing import conditions_of, order_of
from experiments.digest import derive_seed
from experiments.manifest import ManifestStimulus
from experiments.schema import Phase, Protocol, Trials
from experiments.selection import SelectionError
from experiments.tasks.kind import Asked, Option

# The type of a trial that only checks that instructions are read; it sets no task.
CATCH = "catch"


@dataclass(frozen=True)
class TrialPlan:
    """One trial of a session, before it happens."""

    index: int
    stage_key: str
    phase: Phase
    trial_type: str
    condition: str
    explanation: str | None
    stimulus: str | None
    instructed_choice: str | None
    choice_order: tuple[str, ...]
    options: tuple[Option, ...]
    right_choice: str
    asks_first: bool
    offers_break: bool


def plan_session(
    protocol: Protocol,
    stimuli: Mapping[str, ManifestStimulus],
    selection: Mapping[str, Sequence[str]],
    *,
    arm: str,
    seed: int,
    place: int = 0,
) -> list[TrialPlan]:
    """Plan every trial of a session.

    Parameters
    ----------
    protocol
        The study.
    stimuli
        The pictures, by key.
    selection
        Stimulus keys by stage, from `select_stimuli`.
    arm
        The participant's arm.
    seed
        The session's seed; the same seed gives the same plan.
    place
        Of the participant in their arm, from 0: gives the counterbalanced list where the arm meets
        several conditions.

    Returns
    -------
    list of TrialPlan
        In order, indexed from 0 over the session. Species are offered in one order, drawn
        once for the session, so that nobody has to search for a name anew on each trial.
    """
    species = list(protocol.species)
    random.Random(derive_seed(seed, "choices")).shuffle(species)
    plans: list[TrialPlan] = []
    for stage in protocol.trials_stages():
        plans += _plan_stage(
            protocol,
            stage,
            [stimuli[key] for key in selection[stage.key]],
            conditions=protocol.arms[arm].conditions_in(stage.phase),
            place=place,
            species=tuple(species),
            seed=derive_seed(seed, stage.key),
            first=len(plans),
        )
    return plans


def _plan_stage(
    protocol: Protocol,
    stage: Trials,
    stimuli: Sequence[ManifestStimulus],
    *,
    conditions: tuple[str, ...],
    place: int,
    species: tuple[str, ...],
    seed: int,
    first: int,
) -> list[TrialPlan]:
    generator = random.Random(seed)
    assigned = _assigned(stimuli, conditions, place)
    blocks = order_of(conditions, place) if stage.condition_order == "blocks" else (None,)
    sequence: list[str | None] = []
    for block in blocks:
        pairs = [
            (stimulus.key, stimulus.true_species)
            for stimulus in stimuli
            if block in (None, assigned[stimulus.key])
        ]
        sequence += spaced_order(pairs, stage.max_same_species_in_a_row, generator)
    for position in catch_positions(len(stimuli), stage.catch_trials, generator):
        sequence.insert(position, None)
    choices = stage.task.choices(species)
    by_key = {stimulus.key: stimulus for stimulus in stimuli}
    plans = []
    for offset, key in enumerate(sequence):
        common = {
            "stimulus": key,
            "index": first + offset,
            "stage_key": stage.key,
            "phase": stage.phase,
            "offers_break": bool(stage.break_every and offset and offset % stage.break_every == 0),
        }
        if key is None:
            plans.append(_catch_trial(choices, generator.choice(choices), common))
            continue
        condition = assigned[key]
        explanation = protocol.conditions[condition].explanation
        asked = stage.task.ask(
            by_key[key],
            choices=choices,
            explanation=explanation,
            # Of the picture alone, so that it is the same in every arm and condition.
            generator=random.Random(derive_seed(seed, "options", key)),
        )
        plans.append(_picture_trial(stage, condition, explanation, asked, common))
    return plans


def _assigned(
    stimuli: Sequence[ManifestStimulus], conditions: tuple[str, ...], place: int
) -> dict[str, str]:
    """The condition of each picture; species, and what the network makes of them, are balanced."""
    alike = sorted(
        stimuli, key=lambda one: (one.true_species, one.predicted_species == one.true_species)
    )
    return conditions_of([one.key for one in alike], conditions, place)


def _catch_trial(choices: tuple[str, ...], instructed: str, place: dict[str, Any]) -> TrialPlan:
    return TrialPlan(
        trial_type=CATCH,
        condition="none",
        explanation=None,
        instructed_choice=instructed,
        choice_order=choices,
        options=(),
        right_choice=instructed,
        asks_first=False,
        **place,
    )


def _picture_trial(
    stage: Trials, condition: str, explanation: str | None, asked: Asked, place: dict[str, Any]
) -> TrialPlan:
    return TrialPlan(
        trial_type=stage.task.kind,
        condition=condition,
        explanation=explanation if stage.task.shows_explanation else None,
        instructed_choice=None,
        choice_order=asked.choices,
        options=asked.options,
        right_choice=asked.right_choice,
        asks_first=stage.task.asks_first,
        **place,
    )


def spaced_order(
    stimuli: Sequence[tuple[str, str]], max_run: int, generator: random.Random
) -> list[str]:
    """Order stimuli at random with at most `max_run` of one species in a row.

    Each next picture is drawn from all that remain, except those after which the rest could no
    longer be ordered.

    Parameters
    ----------
    stimuli
        Pairs of stimulus key and species.
    max_run
        Longest run of one species.
    generator
        Source of randomness.

    Raises
    ------
    SelectionError
        When no such order exists.
    """
    left = list(stimuli)
    counts = Counter(species for _, species in left)
    order: list[str] = []
    run_species, run = "", 0
    while left:
        allowed = {
            species
            for species in counts
            if _can_follow(counts, species, 1 + run * (species == run_species), max_run)
        }
        pool = [pair for pair in left if pair[1] in allowed]
        if not pool:
            raise SelectionError(f"no order has at most {max_run} pictures of a species in a row")
        key, species = generator.choice(pool)
        left.remove((key, species))
        counts[species] -= 1
        run_species, run = species, 1 + run * (species == run_species)
        order.append(key)
    return order


def _can_follow(counts: Counter[str], species: str, run: int, max_run: int) -> bool:
    """Tell whether the rest can be ordered once this species comes next with that run length."""
    if counts[species] == 0 or run > max_run:
        return False
    after = counts - Counter({species: 1})
    total = after.total()
    for other, count in after.items():
        room = max_run - run if other == species else max_run
        if count > room + max_run * (total - count):
            return False
    return True


def catch_positions(trials: int, checks: int, generator: random.Random) -> list[int]:
    """Return where to insert attention checks: spread out, never first, one in each stretch.

    Positions are ready for repeated `list.insert` in the order given (from the back).
    """
    if not checks:
        return []
    stretch = trials / checks
    places = [
        max(1, int(stretch * check) + generator.randrange(max(1, int(stretch))))
        for check in range(checks)
    ]
    return sorted(places, reverse=True)
