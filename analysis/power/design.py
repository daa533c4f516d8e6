"""Sessions of a study that nobody has run: planned by the code that plans real ones.

Pictures are made up, for a protocol names only how many it wants. All that a simulated answer can
depend on is kept as arrays: which picture, how much feedback came before, how many trials came
before. Which order a session gets is drawn from a pool of planned ones.
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
from experiments.sequencing import Selection, TrialPlan, plan_session

Integers = npt.NDArray[np.int64]

# Orders to draw from. They differ only in where a picture stands.
POOL = 64


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
    position
        (orders, trials): how many trials of the session come before it.
    checks
        (orders, attention checks): the same of the attention checks.
    session_length
        Trials of a whole session, attention checks included.
    luck
        Probability of passing every quiz by answering at random.
    """

    protocol: Protocol
    participants: int
    pictures: tuple[str, ...]
    stimulus: Integers
    practice: Floats
    position: Integers
    checks: Integers
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
    selection, stimuli = made_up_pictures(protocol)
    phase = protocol.analysis.phase
    arm = next(iter(protocol.arms))
    planned = [
        plan_session(
            protocol,
            stimuli,
            selection,
            arm=arm,
            seed=derive_seed(protocol.seed, "power", number),
        )
        for number in range(orders)
    ]
    names = tuple(
        key
        for stage in protocol.trials_stages()
        if stage.phase == phase
        for key in selection[stage.key]
    )
    place = {name: index for index, name in enumerate(names)}
    assessed = [_assessed(order, phase) for order in planned]
    return StudyDesign(
        protocol=protocol,
        participants=participants,
        pictures=names,
        stimulus=np.array([[place[str(t.stimulus)] for t in own] for own in assessed]),
        practice=np.array(
            [_practice(protocol, order, own) for order, own in zip(planned, assessed, strict=True)]
        ),
        position=np.array([[t.index for t in own] for own in assessed]),
        checks=np.array([[t.index for t in own if t.trial_type == "catch"] for own in planned]),
        session_length=len(planned[0]),
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
    """Return a selection of pictures that don't exist, and the pictures.

    Pictures that a protocol lists keep their names; their species, which only the stimulus set
    knows, is given in turn.

    Raises
    ------
    PowerError
        When a stage sets another task than classification: its answers aren't simulated here.
    """
    selection: Selection = {}
    stimuli: dict[str, ManifestStimulus] = {}
    for stage in protocol.trials_stages():
        if stage.task.kind != "classification":
            raise PowerError(
                f"The stage {stage.key} asks for {stage.task.kind}. Power is simulated for "
                "classification only; rehearse this study with `manage.py run_bots` instead."
            )
        if isinstance(stage.stimuli, PerSpecies):
            count = stage.stimuli.per_species * len(protocol.species)
            keys = tuple(f"{stage.key}-{number}" for number in range(count))
        else:
            keys = stage.stimuli.keys
        selection[stage.key] = keys
        for number, key in enumerate(keys):
            stimuli[key] = _made_up(key, protocol.species[number % len(protocol.species)])
    return selection, stimuli


def _made_up(key: str, species: str) -> ManifestStimulus:
    nowhere = Picture(
        path="made-up", sha256="0" * 64, bytes=1, media_type="image/png", width=1, height=1
    )
    return ManifestStimulus(
        key=key,
        origin="made-up",
        split="test",
        true_species=species,
        predicted_species=species,
        predicted_probability=1.0,
        true_probability=1.0,
        blurred_probability=0.0,
        picture=nowhere,
        explanations={},
    )


def _assessments(protocol: Protocol) -> list[Trials]:
    return [own for own in protocol.trials_stages() if own.phase == protocol.analysis.phase]


def _assessed(order: list[TrialPlan], phase: str) -> list[TrialPlan]:
    return [own for own in order if own.phase == phase and own.trial_type == "classification"]


def _luck(protocol: Protocol) -> float:
    luck = 1.0
    for quiz in protocol.stages:
        if isinstance(quiz, Quiz):
            once = prod(1 / len(question.choices) for question in quiz.questions)
            luck *= 1 - (1 - once) ** quiz.attempts
    return luck


def _practice(protocol: Protocol, order: list[TrialPlan], assessed: list[TrialPlan]) -> list[float]:
    tells = {stage.key for stage in protocol.trials_stages() if stage.feedback}
    taught = [own.stage_key in tells and own.trial_type == "classification" for own in order]
    before = np.cumsum([0, *taught])
    return [float(np.log1p(before[own.index])) for own in assessed]
