"""The answers of a whole simulated study at once.

The same response model as `experiments.respondents.Respondent`, in arrays: equal people, pictures
and trials have equal probabilities of a right answer. Only what the confirmatory analysis can see
is drawn: the answers of the assessment, attention checks, and who leaves before the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.glmm.coding import Floats
from analysis.glmm.covariance import Booleans
from analysis.power.assumptions import guessing
from analysis.power.design import Integers, StudyDesign
from experiments.allocation.slots import arms_of_arrivals
from experiments.respondents import ResponseModel
from experiments.schema import Protocol


@dataclass(frozen=True)
class People:
    """Who takes part in one simulated study, one entry a participant.

    Attributes
    ----------
    arm
        Place among the protocol's arms.
    order
        Place in the design's pool of orders.
    leaves_after
        Trials after which they leave; more than a session has for who stays.
    """

    arm: Integers
    order: Integers
    ability: Floats
    learning: Floats
    is_careless: Booleans
    leaves_after: Integers


@dataclass(frozen=True)
class Pictures:
    """How difficult the pictures are, in logits.

    Attributes
    ----------
    difficulty
        (arms, pictures): arms that show the same condition share it.
    """

    difficulty: Floats


def simulate_study(
    design: StudyDesign,
    response_model: ResponseModel,
    shift_by_arm: Mapping[str, float],
    *,
    seed: int,
) -> pd.DataFrame:
    """Draw the analysed trials of one study.

    Parameters
    ----------
    design
        Its size and orders.
    response_model
        Of the people.
    shift_by_arm
        Logits that an arm adds in the assessment.
    seed
        The same seed, the same study.

    Returns
    -------
    DataFrame
        participant, stimulus, arm, condition, correct: what is left by the plan's exclusions.
    """
    generator = np.random.default_rng(seed)
    people = draw_people(design, response_model, generator, seed)
    pictures = draw_pictures(design, response_model, generator)
    shift = np.array([shift_by_arm.get(arm, 0.0) for arm in design.protocol.arms])
    probabilities = right_probabilities(design, response_model, people, pictures, shift)
    correct = generator.random(probabilities.shape) < probabilities
    is_kept = _kept(design, people, generator)
    is_answered = design.position[people.order] < people.leaves_after[:, None]
    rows = is_kept[:, None] & is_answered
    return _table(design, people, correct, rows)


def draw_people(
    design: StudyDesign, response_model: ResponseModel, generator: np.random.Generator, seed: int
) -> People:
    """Draw the people of one study, allocated as real ones are."""
    drawn, count = response_model, design.participants
    leaves = np.full(count, design.session_length + 1)
    if drawn.abandon > 0:
        leaves = np.minimum(leaves, generator.geometric(drawn.abandon, count) - 1)
    return People(
        arm=_allocate(design, seed),
        order=generator.integers(len(design.stimulus), size=count),
        ability=generator.normal(drawn.mean_ability, drawn.ability_sd, count),
        learning=generator.normal(drawn.learning, drawn.learning_sd, count),
        is_careless=generator.random(count) < drawn.careless,
        leaves_after=leaves,
    )


def draw_pictures(
    design: StudyDesign, response_model: ResponseModel, generator: np.random.Generator
) -> Pictures:
    """Draw the pictures of one study."""
    protocol = design.protocol
    shown = _shown(protocol)
    conditions = list(dict.fromkeys(shown))
    count = len(design.pictures)
    own = generator.normal(0.0, response_model.item_sd, count)
    reactions = generator.normal(0.0, response_model.item_condition_sd, (len(conditions), count))
    return Pictures(own + reactions[[conditions.index(condition) for condition in shown]])


def right_probabilities(
    design: StudyDesign,
    response_model: ResponseModel,
    people: People,
    pictures: Pictures,
    shift: Floats,
) -> Floats:
    """Return the probability of a right answer, (participants, trials of the assessment).

    Parameters
    ----------
    shift
        Logits that each arm adds.
    """
    chance = design.chance[people.order]
    guess = guessing(response_model, chance)
    logit = people.ability[:, None] + people.learning[:, None] * design.practice[people.order]
    logit += shift[people.arm][:, None]
    logit -= pictures.difficulty[people.arm[:, None], design.stimulus[people.order]]
    attentive = guess + (1 - guess - response_model.lapse) * expit(logit)
    return np.where(people.is_careless[:, None], chance, attentive)


def _shown(protocol: Protocol) -> list[str]:
    """The condition of each arm; those that meet several are refused before (`questions`)."""
    return [arm.conditions_in(protocol.analysis.phase)[0] for arm in protocol.arms.values()]


def _allocate(design: StudyDesign, seed: int) -> Integers:
    """Return each participant's arm, as the protocol's method gives it to people who all stay.

    Who belongs to which stratum is not known before the study: they are taken for one.
    """
    protocol = design.protocol
    arms = arms_of_arrivals(protocol.allocation, protocol.weights(), design.participants, seed)
    place = {name: index for index, name in enumerate(protocol.arms)}
    return np.array([place[arm] for arm in arms])


def _kept(design: StudyDesign, people: People, generator: np.random.Generator) -> Booleans:
    """Say who is analysed, by the plan's exclusions (`analysis.exclusions` says the same)."""
    rules = design.protocol.analysis.exclusions
    kept = np.ones(design.participants, dtype=bool)
    if rules.incomplete:
        kept &= people.leaves_after >= design.session_length
    # Who answers at random may fail the questions about the instructions, and never begins.
    kept &= ~people.is_careless | (generator.random(len(kept)) < design.luck)
    if rules.failed_catch_trials is not None and people.is_careless.any():
        met = design.checks[people.order] < people.leaves_after[:, None]
        misses = generator.random(met.shape) >= design.check_chance[people.order]
        failed = (met & misses & people.is_careless[:, None]).sum(axis=1)
        kept &= failed < rules.failed_catch_trials
    return kept


def _table(
    design: StudyDesign,
    people: People,
    correct: Booleans,
    rows: Booleans,
) -> pd.DataFrame:
    protocol = design.protocol
    person, trial = np.nonzero(rows)
    names = [f"p{number}" for number in range(design.participants)]
    arms = list(protocol.arms)
    shown = _shown(protocol)
    codes = people.arm[person]
    return pd.DataFrame(
        {
            "participant": np.array(names, dtype=object)[person],
            "stimulus": np.array(design.pictures, dtype=object)[
                design.stimulus[people.order[person], trial]
            ],
            "arm": np.array(arms, dtype=object)[codes],
            "condition": np.array(shown, dtype=object)[codes],
            "correct": correct[person, trial].astype(np.float64),
        }
    )
