"""Sessions of a study that nobody has run: planned by the code that plans real ones.

Pictures are made up, for a protocol names only how many it wants; so is every task, for order
doesn't depend on what is asked. All that a simulated answer can depend on is kept as arrays: which
picture, how many answers are offered, how much feedback and how many questions came before. Which
order a session gets is drawn from a pool of planned ones.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from analysis.errors import PowerError
from analysis.glmm.coding import Floats
from experiments.digest import derive_seed
from experiments.manifest import ManifestStimulus, Picture
from experiments.schema import PerSpecies, Protocol, Quiz, Trials
from experiments.selection import Selection
from experiments.sequencing import CATCH, TrialPlan, plan_session
from experiments.tasks.classification import Classification

Integers = npt.NDArray[np.int64]

# Orders to draw from. They differ only in where a picture stands.
POOL = 64
_NOTHING_TO_SEE = Picture(
    path="made-up", sha256="0" * 64, bytes=1, media_type="image/png", width=1, height=1
)


@dataclass(frozen=True)
class StudyDesign:
    """A study of some size, before anybody takes part.

    Attributes
    ----------
    protocol
        With as many pictures as the design has.
    participants
        Who consent, over all arms.
    pictures
        Names of the pictures of the assessment.
    stimulus
        (orders, trials): the place in `pictures` of each trial of the assessment.
    practice
        (orders, trials): logarithm of 1 + answers with feedback before the trial.
    chance
        (orders, trials): one in the number of answers offered.
    position
        (orders, trials): how many questions come before the one whose answer counts. A trial that
        asks before and after an explanation has two.
    checks, check_chance
        (orders, attention checks): the same of the attention checks.
    session_length
        Questions of a whole session, attention checks included.
    luck
        Probability of passing every quiz by answering at random.
    """

    protocol: Protocol
    participants: int
    pictures: tuple[str, ...]
    stimulus: Integers
    practice: Floats
    chance: Floats
    position: Integers
    checks: Integers
    check_chance: Floats
    session_length: int
    luck: float


def plan_design(
    protocol: Protocol, participants: int, pictures: int, *, orders: int = POOL
) -> StudyDesign:
    """Plan a pool of sessions.

    Parameters
    ----------
    protocol
        The study; its seed draws the orders.
    participants
        Who consent, over all arms.
    pictures
        That one participant meets in the assessment.
    orders
        How many sessions to plan.

    Raises
    ------
    PowerError
        When the assessment can't have that many pictures.
    """
    if pictures != pictures_of(protocol):
        protocol = with_pictures(protocol, pictures)
    selection, made_up = made_up_pictures(protocol)
    phase = protocol.analysis.phase
    arm = next(iter(protocol.arms))
    named = _with_species_to_name(protocol)
    planned = [
        plan_session(
            named, made_up, selection, arm=arm, seed=derive_seed(protocol.seed, "power", number)
        )
        for number in range(orders)
    ]
    names = tuple(key for stage in _assessments(protocol) for key in selection[stage.key])
    place = {name: index for index, name in enumerate(names)}
    asked = [_asked(protocol, order) for order in planned]
    assessed = [
        [own for own in order if own.plan.phase == phase and not own.is_check] for order in asked
    ]
    checks = [[own for own in order if own.is_check] for order in asked]
    return StudyDesign(
        protocol=protocol,
        participants=participants,
        pictures=names,
        stimulus=np.array([[place[str(own.plan.stimulus)] for own in order] for order in assessed]),
        practice=np.log1p([[own.taught for own in order] for order in assessed]),
        chance=np.array([[own.chance for own in order] for order in assessed]),
        position=np.array([[own.position for own in order] for order in assessed]),
        checks=np.array([[own.position for own in order] for order in checks], dtype=np.int64),
        check_chance=np.array([[own.chance for own in order] for order in checks]),
        session_length=asked[0][-1].position + 1,
        luck=_luck(protocol),
    )


def pictures_of(protocol: Protocol) -> int:
    """Return how many pictures one participant meets in the assessment."""
    selection, _ = made_up_pictures(protocol)
    return sum(len(selection[stage.key]) for stage in _assessments(protocol))


def with_pictures(protocol: Protocol, pictures: int) -> Protocol:
    """Return a protocol whose assessment shows another number of pictures.

    Raises
    ------
    PowerError
        When it has several stages of assessment, or species would differ in number.
    """
    stages = _assessments(protocol)
    if len(stages) != 1:
        keys = ", ".join(stage.key for stage in stages)
        raise PowerError(
            f"The assessment has {len(stages)} stages ({keys}), so --pictures can't tell which to "
            "change. Change the protocol file instead, and leave --pictures out."
        )
    each, rest = divmod(pictures, len(protocol.species))
    if rest or each < 1:
        below = max(1, each) * len(protocol.species)
        raise PowerError(
            f"{pictures} pictures can't be shared equally by {len(protocol.species)} species. "
            f"Use {below} or {below + len(protocol.species)}."
        )
    stimuli = PerSpecies(per_species=each)
    changed = tuple(
        stage.model_copy(update={"stimuli": stimuli}) if stage is stages[0] else stage
        for stage in protocol.stages
    )
    return protocol.model_copy(update={"stages": changed})


def made_up_pictures(protocol: Protocol) -> tuple[Selection, dict[str, ManifestStimulus]]:
    """Return a selection of pictures that don't exist, and those pictures.

    They have a key and a species and nothing to look at. Pictures that a protocol lists keep their
    keys; their species, which only the stimulus set knows, is given in turn.
    """
    selection: Selection = {}
    made_up: dict[str, ManifestStimulus] = {}
    for stage in protocol.trials_stages():
        if isinstance(stage.stimuli, PerSpecies):
            count = stage.stimuli.per_species * len(protocol.species)
            keys = tuple(f"{stage.key}-{number}" for number in range(count))
        else:
            keys = stage.stimuli.keys
        selection[stage.key] = keys
        for number, key in enumerate(keys):
            made_up[key] = _picture(key, protocol.species[number % len(protocol.species)])
    return selection, made_up


def _picture(key: str, species: str) -> ManifestStimulus:
    return ManifestStimulus(
        key=key,
        origin="made up",
        split="test",
        true_species=species,
        predicted_species=species,
        predicted_probability=1.0,
        true_probability=1.0,
        blurred_probability=0.0,
        picture=_NOTHING_TO_SEE,
        explanations={},
    )


@dataclass(frozen=True)
class _Asked:
    """A planned trial, and what comes before the answer to it that counts."""

    plan: TrialPlan
    is_check: bool
    chance: float
    taught: int
    position: int


def _asked(protocol: Protocol, order: list[TrialPlan]) -> list[_Asked]:
    stages = {stage.key: stage for stage in protocol.trials_stages()}
    found = []
    taught = questions = 0
    for plan in order:
        stage, is_check = stages[plan.stage_key], plan.trial_type == CATCH
        questions += stage.task.asks_first and not is_check
        chance = 1 / len(stage.task.choices(protocol.species))
        found.append(_Asked(plan, is_check, chance, taught, questions))
        questions += 1
        taught += stage.feedback and not is_check
    return found


def _with_species_to_name(protocol: Protocol) -> Protocol:
    """Return a protocol whose every task is to name the species, which any picture can be asked."""
    stages = tuple(
        stage.model_copy(update={"task": Classification()}) if isinstance(stage, Trials) else stage
        for stage in protocol.stages
    )
    return protocol.model_copy(update={"stages": stages})


def _assessments(protocol: Protocol) -> list[Trials]:
    return [own for own in protocol.trials_stages() if own.phase == protocol.analysis.phase]


def _luck(protocol: Protocol) -> float:
    luck = 1.0
    for quiz in protocol.stages:
        if isinstance(quiz, Quiz):
            once = prod(1 / len(question.choices) for question in quiz.questions)
            luck *= 1 - (1 - once) ** quiz.attempts
    return luck
