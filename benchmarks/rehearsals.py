"""How often planted effects are covered by their intervals, over rehearsals of whole studies.

Each rehearsal is a study from the allocation of its people to an export, without a server
(`tests/unit/analysis/simulated_exports.py`), that is read, checked and analysed as a real one.
People are those of fitted response models; what is planted is known exactly on the scale it is told
in.

Run: OMP_NUM_THREADS=1 python -m benchmarks.rehearsals [REHEARSALS]
"""

import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.comparisons import WALD, answered
from analysis.estimates import Estimate
from analysis.load import StudyData, load_study
from analysis.mixed import ArmModel
from analysis.population import choose_stage, sessions_of, trials_with_answers
from analysis.questions import Evidence, evidence_of
from analysis.questions.discrimination import judgement_model, judgements, model_differences
from analysis.questions.evidence import ArmPair, estimate_of, pairs_of
from analysis.questions.reliance import reliance
from analysis.questions.two_answers import two_answers
from experiments.digest import derive_seed
from experiments.fitted_respondents import response_model_named
from experiments.loading import load_protocol
from experiments.respondents import ResponseModel
from experiments.schema import Protocol
from experiments.tasks.agreement import Agreement
from experiments.templates import TEMPLATES_FOLDER
from tests.unit.analysis.simulated_exports import simulate_export

_PEOPLE_AN_ARM = 30
_LEARNING, _SECOND, _SENSITIVITY, _CRITERION = 0.5, 1.0, 0.8, -0.6


@dataclass(frozen=True)
class Study:
    """A study to rehearse.

    Attributes
    ----------
    name, protocol, people
        What is planted is in `people`.
    errors
        Share of pictures on which the network is wrong.
    truths
        By name, what was planted.
    estimates
        From the evidence of an export, estimates by the same names.
    """

    name: str
    protocol: Protocol
    people: ResponseModel
    errors: float
    truths: Mapping[str, float]
    estimates: Callable[[StudyData, Evidence], Iterator[tuple[str, Estimate]]]


def main() -> None:
    """Print coverage, mean estimate and mean width of every planted effect."""
    rehearsals = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"{rehearsals} rehearsals a study, {_PEOPLE_AN_ARM} people an arm")
    print(f"{'study':16}{'planted':42}{'true':>8}{'mean':>8}{'covered':>10}{'found':>7}")
    for study in _studies():
        found: dict[str, list[Estimate]] = defaultdict(list)
        for number in range(rehearsals):
            with tempfile.TemporaryDirectory() as folder:
                export = simulate_export(
                    Path(folder) / "export",
                    participants=_PEOPLE_AN_ARM * len(study.protocol.arms),
                    seed=derive_seed(17, study.name, number),
                    protocol=study.protocol,
                    people=study.people,
                    errors=study.errors,
                )
                data = load_study(export)
                for name, estimate in study.estimates(data, _evidence(data)):
                    found[name].append(estimate)
        for name, true in study.truths.items():
            print(f"{study.name:16}{name:42}{_told(found[name], true)}", flush=True)


def _told(estimates: list[Estimate], true: float) -> str:
    known = [own for own in estimates if own.ci_low is not None and own.ci_high is not None]
    covered = sum(own.ci_low <= true <= own.ci_high for own in known)
    mean = sum(own.estimate or 0.0 for own in known) / max(1, len(known))
    significant = sum(own.p is not None and own.p < 0.05 for own in known)
    return f"{true:8.2f}{mean:8.2f}{covered:5} of {len(known):2}{significant:7}"


def _evidence(data: StudyData) -> Evidence:
    sessions = sessions_of(data, choose_stage(data.tables["sessions"], None))
    return evidence_of(data, trials_with_answers(data, sessions))


def _studies() -> Iterator[Study]:
    teaching, judging = (
        response_model_named(name) for name in ("teaching", "visual-correspondence")
    )
    protocol = _template("training-only")
    before, during = (_answers_with_feedback(protocol, phase) for phase in ("practice", "training"))
    taught = math.log((1 + before + during) / (1 + before))
    yield Study(
        "learning",
        protocol,
        replace(teaching, learning_effects={"heatmap": _LEARNING}),
        0.2,
        {"transfer to pictures without it, log odds": _LEARNING * taught},
        _transfer,
    )
    yield Study(
        "counterfactual",
        _template("counterfactual"),
        replace(teaching, mean_ability=0.0, effects={"graph": _SECOND}),
        0.2,
        {"second answer, log odds": _SECOND, "change between answers, log odds": _SECOND},
        _second_answers,
    )
    advice = _template("advice")
    arm = "advice_explained"
    planted = {
        "belief_effects": {arm: -_CRITERION},
        "sensitivity_effects": {arm: _SENSITIVITY},
    }
    people = replace(teaching, **planted)
    yield Study("advice", advice, people, 0.4, _reliance_truths(people, arm), _reliance)
    yield Study(
        "judged advice",
        _with_agreement(advice),
        replace(judging, **planted),
        0.5,
        {"sensitivity, log odds": _SENSITIVITY, "criterion, log odds": _CRITERION},
        _judgements,
    )


def _template(name: str) -> Protocol:
    protocol = load_protocol(TEMPLATES_FOLDER / f"{name}.yaml").protocol
    if protocol is None:
        raise SystemExit(f"the template {name} can't be read")
    return protocol


def _with_agreement(protocol: Protocol) -> Protocol:
    stages = tuple(
        stage.model_copy(update={"task": Agreement()})
        if stage.kind == "trials" and stage.phase == "assessment"
        else stage
        for stage in protocol.stages
    )
    return protocol.model_copy(update={"stages": stages})


def _answers_with_feedback(protocol: Protocol, phase: str) -> int:
    return sum(
        stage.stimuli.per_species * len(protocol.species)
        for stage in protocol.trials_stages()
        if stage.phase == phase and stage.feedback
    )


def _reliance_truths(people: ResponseModel, arm: str) -> dict[str, float]:
    """How much more often first answers follow right advice, and stand against wrong advice."""

    def taken(sign: float, condition: str) -> float:
        insight = people.switching_insight + people.sensitivity_effects.get(condition, 0.0)
        logit = people.switching + people.belief_effects.get(condition, 0.0) + sign * insight / 2
        return 1 / (1 + math.exp(-logit))

    return {
        "right advice taken after a wrong answer": taken(1, arm) - taken(1, ""),
        "right answer kept against wrong advice": taken(-1, "") - taken(-1, arm),
    }


def _transfer(data: StudyData, evidence: Evidence) -> Iterator[tuple[str, Estimate]]:
    yield "transfer to pictures without it, log odds", _log_odds(evidence, "training_only", "never")


def _second_answers(data: StudyData, evidence: Evidence) -> Iterator[tuple[str, Estimate]]:
    yield "second answer, log odds", _log_odds(evidence, "graph", "none")
    # The planted effect is of right answers: ratings, times and the other arm take long to model.
    trials = evidence.trials.drop(columns=["confidence", "rt_ms"])
    asked = replace(evidence, trials=trials, contrasts=(ArmPair("graph", "none"),))
    (change,) = (own for own in two_answers(asked).estimates if own.term == "change")
    yield "change between answers, log odds", change


def _log_odds(evidence: Evidence, arm: str, against: str) -> Estimate:
    """The confirmatory model's own estimate, as the report's row of Wald's t has it."""
    trials = evidence.trials[evidence.trials["arm"].isin([arm, against])]
    blank = estimate_of(trials, "accuracy", "correct", "", "log_odds", arm=arm, against=against)
    model = ArmModel(trials, "correct", "binomial", reference=against)
    return answered(blank, WALD, model.wald(), evidence.level)


def _reliance(data: StudyData, evidence: Evidence) -> Iterator[tuple[str, Estimate]]:
    names = {
        "rair": "right advice taken after a wrong answer",
        "rsr": "right answer kept against wrong advice",
    }
    for own in reliance(evidence).estimates:
        if own.against and own.outcome in names:
            yield names[own.outcome], own


def _judgements(data: StudyData, evidence: Evidence) -> Iterator[tuple[str, Estimate]]:
    judged = judgements(evidence.trials)
    [(contrast, pair)], _ = pairs_of(judged, evidence.contrasts)
    rows = model_differences(judgement_model(judged, "binomial"), pair, contrast, evidence.level)
    for own in rows:
        yield f"{own.term}, log odds", own


if __name__ == "__main__":
    main()
