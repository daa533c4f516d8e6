"""Questionnaire scales that a protocol declares, and the answers to them, as numbers."""

import pandas as pd

from analysis.questions.gathering import declared_scales, ratings
from analysis.questions.scales import item_table
from experiments.loading import load_protocol
from experiments.scales import SCALES
from experiments.schema import Questionnaire
from tests.unit.analysis.exports import DEMO


def protocol_asking(*names):
    protocol = load_protocol(DEMO).protocol
    asked = tuple(
        Questionnaire(kind="questionnaire", key=name, title=name, scale=name) for name in names
    )
    return protocol.model_copy(update={"stages": (*protocol.stages[:-1], *asked)})


def test_every_published_scale_is_scored_as_in_the_export():
    names = tuple(SCALES)
    protocol = protocol_asking(*names)
    declared = declared_scales(protocol)
    assert [own.key for own in declared] == list(names)
    for own in declared:
        scale = SCALES[own.key]
        given = {
            item.key: item.ends[number % 2] for number, item in enumerate(scale.items, start=1)
        }
        answers = pd.DataFrame(
            {"participant": "p", "stage_key": own.key, "item": key, "value": str(value)}
            for key, value in given.items()
        )
        found = item_table(ratings(protocol, answers), own).mean(axis=1)
        assert found["p"] == scale.score(given), own.key


def test_a_scale_asked_before_and_after_is_scored_at_both_times():
    name = next(iter(SCALES))
    stages = [
        Questionnaire(kind="questionnaire", key=key, title=key, scale=name)
        for key in ("before", "after")
    ]
    protocol = protocol_asking()
    protocol = protocol.model_copy(update={"stages": (*protocol.stages, *stages)})
    before, after = declared_scales(protocol)
    assert (before.key, after.key) == (f"{name} (before)", f"{name} (after)")
    answers = pd.DataFrame(
        {"participant": "p", "stage_key": stage, "item": item.key, "value": str(item.ends[end])}
        for stage, end in (("before", 0), ("after", 1))
        for item in SCALES[name].items
    )
    for own, end in ((before, 0), (after, 1)):
        given = {item.key: item.ends[end] for item in SCALES[name].items}
        found = item_table(ratings(protocol, answers), own).mean(axis=1)
        assert found["p"] == SCALES[name].score(given)


def test_a_study_without_a_scale_declares_none():
    assert declared_scales(load_protocol(DEMO).protocol) == ()
