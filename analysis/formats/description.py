"""What a data set and its columns are, in the words that every format needs."""

from analysis.load import StudyData
from experiments.columns import Column
from experiments.items import TextItem
from experiments.schema import Protocol, Questionnaire


def levels_of(column: Column, protocol: Protocol) -> tuple[str, ...]:
    """Return the values a column can take in this study, when they are few; else nothing."""
    of_protocol = {
        "arm": tuple(protocol.arms),
        "condition": tuple(protocol.conditions),
        **dict.fromkeys(("true_species", "predicted_species"), protocol.species),
        **dict.fromkeys(("choice", "first_choice", "right_choice"), _answers(protocol)),
        "stage_key": tuple(stage.key for stage in protocol.stages),
    }
    return column.levels or of_protocol.get(column.name, ())


def _answers(protocol: Protocol) -> tuple[str, ...]:
    """Every answer that some trial offers."""
    offered = (stage.task.choices(protocol.species) for stage in protocol.trials_stages())
    return tuple(dict.fromkeys(answer for answers in offered for answer in answers))


def summary(study: StudyData) -> str:
    """Say in two sentences what was studied, and how many rows there are of it."""
    protocol, rows = study.protocol, study.record.rows
    return (
        f"{protocol.title}: {rows['participants']} participants in the arms "
        f"{', '.join(protocol.arms)} classified pictures of {len(protocol.species)} species "
        f"({rows['responses']} answers to {rows['trials']} planned trials). Written by Larus "
        f"{study.record.larus_version}, frozen protocol {study.protocol_digest}, exported "
        f"{study.record.exported_at}."
    )


def cautions(study: StudyData) -> list[str]:
    """Return what to look at before the data are given to others."""
    free = [
        item.key
        for stage in study.protocol.stages
        if isinstance(stage, Questionnaire)
        for item in stage.items
        if isinstance(item, TextItem)
    ]
    told = []
    if free:
        told.append(
            f"People wrote freely in {', '.join(free)}: read these answers before you share them, "
            "for they may name somebody."
        )
    if (study.tables["sessions"]["state"] == "active").any():
        told.append(
            "Some sessions are unfinished: while the study is open, its allocation sequence and "
            "completion code are secrets."
        )
    return told
