"""A small protocol, and studies simulated person by person with the code that runs real ones."""

from pathlib import Path

import pandas as pd

from analysis.exclusions import ANALYSED, exclusion_reasons
from analysis.power.design import made_up_pictures
from experiments.allocation.slots import arms_of_arrivals
from experiments.digest import derive_seed
from experiments.loading import load_protocol
from experiments.respondents import Question, Respondent, ResponseModel, draw_respondents
from experiments.schema import Protocol
from experiments.sequencing import CATCH, TrialPlan, plan_session

DEMO = Path(__file__).parents[4] / "experiments" / "protocols" / "gulls-demo.yaml"
# Every part of the response model at work.
LIVELY = ResponseModel(
    mean_ability=0.2,
    ability_sd=0.7,
    item_sd=0.8,
    item_condition_sd=0.4,
    learning=0.3,
    learning_sd=0.2,
    lapse=0.03,
)


def demo(**plan) -> Protocol:
    """Return the demo study; `plan` changes its analysis."""
    protocol = load_protocol(DEMO).protocol
    return protocol.model_copy(update={"analysis": protocol.analysis.model_copy(update=plan)})


def question_of(protocol: Protocol, trial: TrialPlan) -> Question:
    """Return a planned trial as a respondent meets it."""
    return Question(
        right_choice=trial.right_choice,
        choices=trial.choice_order,
        stimulus=trial.stimulus,
        condition=trial.condition,
        instructed_choice=trial.instructed_choice,
        has_feedback=protocol.stage(trial.stage_key).feedback,
    )


def study_by_people(
    protocol: Protocol, response_model: ResponseModel, participants: int, *, seed: int
) -> pd.DataFrame:
    """Return the analysed trials of one study: each person answers each trial in turn."""
    selection, made_up = made_up_pictures(protocol)
    arms = arms_of_arrivals(protocol.allocation, protocol.weights(), participants, seed)
    sessions, rows = [], []
    for number, person in enumerate(draw_respondents(response_model, participants, seed)):
        arm = arms[number]
        plans = plan_session(protocol, made_up, selection, arm=arm, seed=derive_seed(seed, number))
        left = person.abandons_after is not None and person.abandons_after < len(plans)
        for trial in plans[: person.abandons_after]:
            rows.append(_row(protocol, person, trial, number, arm))
        sessions.append({"session": number, "state": "active" if left else "completed"})
    trials = pd.DataFrame(rows)
    reasons = exclusion_reasons(
        pd.DataFrame(sessions).set_index("session", drop=False), trials, protocol.analysis
    )
    counts = trials["session"].isin(reasons.index[reasons == ANALYSED])
    wanted = (trials["phase"] == "assessment") & (trials["trial_type"] != CATCH)
    return trials[counts & wanted]


def _row(
    protocol: Protocol,
    person: Respondent,
    trial: TrialPlan,
    number: int,
    arm: str,
) -> dict:
    question = question_of(protocol, trial)
    return {
        "session": number,
        "participant": f"p{number}",
        "arm": arm,
        "stimulus": trial.stimulus,
        "phase": trial.phase,
        "trial_type": trial.trial_type,
        "is_answered": True,
        "correct": float(person.answer(question).choice == trial.right_choice),
    }
