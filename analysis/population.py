"""Who and what counts, before any exclusion.

* One recruitment stage at a time, because pilot data never mix with main data: `main` when it has
  a session, else `pilot`, unless the analyst names one.
* An answer counts once. A later, different answer to the same trial is a conflict and never counts.
* The outcome is read from trials that set a task in the plan's phase (`assessment`); catch trials
  only serve exclusions, practice and training only description.
* Simulated participants are left out as soon as one person took part in the stage, unless the
  analyst asks for them; the flow counts them. With bots only the stage is a rehearsal and they are
  analysed; the report says so loudly.
"""

import pandas as pd

from analysis.errors import ExportError
from analysis.exclusions import ANALYSED, exclusion_reasons
from analysis.load import StudyData
from experiments.schema import Protocol, RecruitmentStage
from experiments.sequencing import CATCH

_OF_AN_ANSWER = ["trial", "choice", "correct", "confidence", "rt_ms"]
_OF_AN_ANSWER += ["first_choice", "first_correct", "first_confidence"]


def choose_stage(sessions: pd.DataFrame, wanted: RecruitmentStage | None) -> RecruitmentStage:
    """Return the recruitment stage to analyse.

    Raises
    ------
    ExportError
        When nobody took part in it.
    """
    present = set(sessions["recruitment_stage"])
    if not present:
        raise ExportError("The export has no session: nobody has taken part.")
    stage: RecruitmentStage = wanted or ("main" if "main" in present else "pilot")
    if stage not in present:
        others = ", ".join(sorted(present))
        raise ExportError(f"The export has no session of stage {stage}. It has the stage {others}.")
    return stage


def sessions_of(study: StudyData, stage: RecruitmentStage) -> pd.DataFrame:
    """Return the sessions of one recruitment stage, indexed by session."""
    sessions = study.tables["sessions"]
    return sessions[sessions["recruitment_stage"] == stage].set_index("session", drop=False)


def without_bots(sessions: pd.DataFrame, *, with_bots: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide the sessions of one stage into those that count and the simulated ones left out."""
    if with_bots or sessions["is_bot"].all():
        return sessions, sessions.iloc[:0]
    return sessions[~sessions["is_bot"]], sessions[sessions["is_bot"]]


def trials_with_answers(study: StudyData, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return every planned trial of some sessions beside the answer that counts.

    Returns
    -------
    DataFrame
        The columns of `trials`, then `choice`, `correct` (float: 0, 1 or missing), `confidence`,
        `rt_ms` and, of trials that ask twice, `first_choice`, `first_correct` (as `correct`) and
        `first_confidence`; `is_answered`. Where the plan compares conditions within participants,
        `arm` is the condition of the trial.
    """
    trials = study.tables["trials"]
    trials = trials[trials["session"].isin(sessions["session"])]
    responses = study.tables["responses"]
    counting = responses.loc[~responses["is_conflict"], _OF_AN_ANSWER]
    joined = trials.merge(counting, on="trial", how="left", validate="one_to_one")
    joined["is_answered"] = joined["choice"].notna()
    for column in ("correct", "first_correct"):
        joined[column] = joined[column].astype("float64")
    if study.protocol.analysis.factor == "condition":
        joined["arm"] = joined["condition"]
    return joined


def classification_trials(trials: pd.DataFrame, phase: str) -> pd.DataFrame:
    """Return the answered trials of a phase that set a task, of whichever kind."""
    wanted = (trials["phase"] == phase) & (trials["trial_type"] != CATCH)
    return trials[wanted & trials["is_answered"]].reset_index(drop=True)


def explained_trials(trials: pd.DataFrame, phase: str) -> pd.DataFrame:
    """Return the answered trials of the phases in which explanations were shown.

    Where the given phase, which the plan analyses, shows some, it alone counts. Where it shows
    none, as a test after training may, all others do but practice. Empty where none was shown.
    """
    shown = trials[trials["explanation_key"].notna()]["phase"].unique()
    phases = [phase] if phase in shown else [own for own in shown if own != "practice"]
    kept = [classification_trials(trials, own) for own in phases]
    return pd.concat(kept, ignore_index=True) if kept else trials.iloc[:0]


def analysed_trials(study: StudyData) -> pd.DataFrame:
    """Return the trials that the frozen plan analyses: one answer each, after its exclusions.

    Raises
    ------
    ExportError
        When nobody took part, or the plan's exclusions leave nobody.
    """
    plan = study.protocol.analysis
    stage = choose_stage(study.tables["sessions"], None)
    sessions, _ = without_bots(sessions_of(study, stage), with_bots=False)
    trials = trials_with_answers(study, sessions)
    reasons = exclusion_reasons(sessions, trials, plan)
    kept = trials["session"].isin(reasons.index[reasons == ANALYSED])
    if not kept.any():
        raise ExportError(f"The plan's exclusions leave nobody of stage {stage} to analyse.")
    return classification_trials(trials[kept], plan.phase)


def chance_of(protocol: Protocol) -> float | None:
    """Return how often guessing is right in the plan's phase; None where its tasks differ."""
    offered = {
        len(stage.task.choices(protocol.species))
        for stage in protocol.trials_stages()
        if stage.phase == protocol.analysis.phase
    }
    return 1 / offered.pop() if len(offered) == 1 else None
