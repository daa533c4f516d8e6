"""From an export to what the questions are asked of."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from analysis.load import StudyData
from analysis.population import chance_of, classification_trials, explained_trials
from analysis.questions.advice import with_advice
from analysis.questions.evidence import ArmPair, Evidence, QuestionnaireScale
from analysis.questions.explanation_scores import scores_table
from experiments.items import LikertItem, RatingItem
from experiments.scales import SCALES
from experiments.scales.scale import Scale
from experiments.schema import Protocol, Questionnaire
from experiments.scores import ExplanationScore


def evidence_of(
    study: StudyData,
    analysed: pd.DataFrame,
    *,
    scores: Sequence[ExplanationScore] = (),
) -> Evidence:
    """Gather what is known of the analysed participants of a study.

    Parameters
    ----------
    study
        As exported.
    analysed
        The trials of its analysed sessions with their answers, of all phases, from
        `population.trials_with_answers`.
    scores
        Of the explanations, where somebody has them.
    """
    plan = study.protocol.analysis
    analysed = _with_first_answers(analysed, study.tables["responses"])
    analysed = with_advice(analysed, study.protocol)
    training = classification_trials(analysed, "training")
    people = analysed["participant"].unique()
    events = study.tables["events"]
    answers = study.tables["answers"]
    return Evidence(
        trials=classification_trials(analysed, plan.phase),
        contrasts=tuple(ArmPair(own.arm, own.against) for own in plan.contrasts),
        level=1 - plan.alpha,
        explained=explained_trials(analysed, plan.phase),
        training=training if len(training) else None,
        events=events[events["trial"].isin(analysed["trial"])],
        questionnaire=ratings(study.protocol, answers[answers["participant"].isin(people)]),
        scales=declared_scales(study.protocol),
        scores=scores_table(scores) if scores else None,
        confidence_levels=_confidence_levels(study.protocol, plan.phase),
        chance=chance_of(study.protocol),
    )


def _with_first_answers(trials: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Add what was answered before explanation and advice were shown, where that was asked."""
    names = map(str, responses.columns)
    first = [name for name in names if name.startswith("first_") and name not in trials]
    counting = responses.loc[~responses["is_conflict"], ["trial", *first]]
    return trials.merge(counting, on="trial", how="left", validate="one_to_one")


def ratings(protocol: Protocol, answers: pd.DataFrame) -> pd.DataFrame:
    """Return the answers to rating items as numbers: a level's position, from 1, or a point.

    Parameters
    ----------
    answers
        `participant`, `stage_key`, `item`, `value`.

    Returns
    -------
    DataFrame
        `participant`, `stage_key`, `item`, `value`.
    """
    rated = {
        (stage.key, item.key)
        for stage in protocol.stages
        if isinstance(stage, Questionnaire)
        for item in stage.items
        if isinstance(item, LikertItem | RatingItem)
    }
    asked = zip(answers["stage_key"], answers["item"], strict=True)
    is_rated = pd.Series([place in rated for place in asked], index=answers.index, dtype=bool)
    own = answers[is_rated].dropna(subset=["value"])
    return own[["participant", "stage_key", "item"]].assign(value=own["value"].astype(int))


def declared_scales(protocol: Protocol) -> tuple[QuestionnaireScale, ...]:
    """Return the published scales that the questionnaires of a protocol ask.

    One that is asked in several stages is a scale in each, and named with its stage.
    """
    asked = [
        (stage.scale, stage.key)
        for stage in protocol.stages
        if isinstance(stage, Questionnaire) and stage.scale is not None
    ]
    times = Counter(name for name, _ in asked)
    return tuple(
        _scale(f"{name} ({stage})" if times[name] > 1 else name, stage, SCALES[name])
        for name, stage in asked
    )


def _scale(name: str, stage: str, scale: Scale) -> QuestionnaireScale:
    lowest, highest = scale.items[0].ends
    keys = tuple(item.key for item in scale.items)
    turned = tuple(key for key in keys if key in scale.reversed)
    return QuestionnaireScale(name, keys, turned, lowest, highest, stage)


def _confidence_levels(protocol: Protocol, phase: str) -> int | None:
    """Return how many ratings the trials of a phase offer; None where they differ or offer none."""
    offered = {
        len(stage.confidence.levels)
        for stage in protocol.trials_stages()
        if stage.phase == phase and stage.confidence is not None
    }
    return offered.pop() if len(offered) == 1 else None
