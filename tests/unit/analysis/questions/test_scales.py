"""Questionnaire scales: reliability by another road, scores and their differences."""

import numpy as np
import pandas as pd
import pytest

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.evidence import QuestionnaireScale
from analysis.questions.reliability import cronbach_alpha, mcdonald_omega
from analysis.questions.scales import item_table, scales
from tests.unit.analysis.questions.studies import CONTRAST, study

TRUST = QuestionnaireScale("trust", ("t1", "t2", "t3", "t4"), reversed_items=("t3",))


def answered(seed=3, people=60, gain=0.8):
    """Four items of one factor; the third is asked the other way round."""
    generator = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        trust = 3 + gain * (person % 2) + generator.normal(0, 0.7)
        for item in TRUST.items:
            value = int(np.clip(round(trust + generator.normal(0, 0.6)), 1, 5))
            value = 6 - value if item in TRUST.reversed_items else value
            rows.append({"participant": f"p{person}", "item": item, "value": value})
    return pd.DataFrame(rows)


def hoyt(answers):
    """Reliability by analysis of variance (Hoyt 1941), which is alpha."""
    people, items = answers.shape
    grand = answers.mean()
    between = items * ((answers.mean(axis=1) - grand) ** 2).sum() / (people - 1)
    rest = answers - answers.mean(axis=1, keepdims=True) - answers.mean(axis=0) + grand
    return 1 - (rest**2).sum() / ((people - 1) * (items - 1)) / between


def test_alpha_is_that_of_the_analysis_of_variance():
    answers = item_table(answered(), TRUST).to_numpy(float)
    found = cronbach_alpha(answers, 0.95)
    assert found.alpha == pytest.approx(hoyt(answers))
    assert found.low < found.alpha < found.high


def test_the_interval_covers_as_often_as_it_says():
    """Of normal answers of known reliability: 4 items of correlation 1/2 have 0.8."""
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(400):
        common = generator.normal(size=(25, 1))
        found = cronbach_alpha(common + generator.normal(size=(25, 4)), 0.9)
        covered += found.low <= 0.8 <= found.high
    assert covered / 400 == pytest.approx(0.9, abs=0.045)


def test_omega_of_known_loadings_is_found():
    generator = np.random.default_rng(6)
    loadings = np.array([1.0, 0.8, 0.6, 1.2])
    answers = generator.normal(size=(20_000, 1)) * loadings + generator.normal(size=(20_000, 4))
    assert mcdonald_omega(answers) == pytest.approx(
        loadings.sum() ** 2 / (loadings.sum() ** 2 + 4), abs=0.01
    )
    assert mcdonald_omega(answers[:, :2]) is None


def test_answers_that_have_nothing_in_common_have_no_omega(recwarn):
    answers = np.random.default_rng(2).integers(1, 22, (20, 6)).astype(float)
    assert mcdonald_omega(answers) is None
    assert not recwarn.list


def test_scores_are_turned_round_averaged_and_compared():
    questionnaire = answered()
    evidence = Evidence(
        study(people=60, items=4), (CONTRAST,), questionnaire=questionnaire, scales=(TRUST,)
    )
    answer = scales(evidence)
    wide = questionnaire.pivot_table(index="participant", columns="item", values="value")
    expected = (wide["t1"] + wide["t2"] + 6 - wide["t3"] + wide["t4"]) / 4
    scores = answer.tables["scores"].set_index("participant")["score"]
    assert scores.to_dict() == pytest.approx(expected.to_dict())
    alpha, none, heatmap, difference = answer.estimates
    assert (alpha.scale, alpha.term) == ("reliability", "alpha")
    assert difference.estimate == pytest.approx(heatmap.estimate - none.estimate)
    assert difference.ci_low > 0
    assert answer.told.startswith("trust: Cronbach's alpha 0.")


def test_who_left_an_item_out_has_no_score():
    questionnaire = answered()
    questionnaire = questionnaire.drop(questionnaire.index[0])
    assert "p0" not in item_table(questionnaire, TRUST).index


def test_a_study_without_scales_says_so():
    with pytest.raises(CannotAnswerError, match="declares no scale"):
        scales(Evidence(study(people=4), (CONTRAST,)))
    with pytest.raises(CannotAnswerError, match="Nobody answered item t4"):
        item_table(answered().query("item != 't4'"), TRUST)
