"""A questionnaire as BIDS phenotypic data: a row a participant, a column an item."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.load import StudyData
from experiments.items import ChoiceItem, Item, LikertItem, RatingItem
from experiments.schema import Questionnaire

QUESTIONNAIRES = "phenotype"


def questionnaire(
    study: StudyData, stage: Questionnaire, labels: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the answers to a questionnaire, and what describes them.

    Parameters
    ----------
    labels
        BIDS label by participant.

    Returns
    -------
    DataFrame
        `participant_id`, then a column an item; who did not reach the stage has no row.
    dict
        Description, and levels where an item has them.
    """
    answers = study.tables["answers"]
    own = answers[answers["stage_key"] == stage.key]
    wide = own.pivot(index="participant", columns="item", values="value")
    wide = wide.reindex(columns=[item.key for item in stage.items]).sort_index()
    wide.insert(0, "participant_id", [labels[name] for name in wide.index])
    sidecar = {
        "MeasurementToolMetadata": {"Description": stage.title},
        "participant_id": {"Description": "label of the participant's folder"},
        **{item.key: _described(item) for item in stage.items},
    }
    return wide.reset_index(drop=True), sidecar


def _described(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {"Description": item.text}
    if isinstance(item, LikertItem):
        told["Levels"] = {str(number): word for number, word in enumerate(item.levels, start=1)}
    if isinstance(item, RatingItem):
        told["Levels"] = {str(item.points[0]): item.low, str(item.points[-1]): item.high}
    if isinstance(item, ChoiceItem):
        told["Levels"] = {choice: choice for choice in item.choices}
    return told
