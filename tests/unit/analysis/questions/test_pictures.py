"""Effects of single pictures: their spread is found, and their uncertainty is right."""

import numpy as np
import pytest

from analysis.glmm.fitting import fit
from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.pictures import pictures
from tests.unit.analysis.questions.studies import CONTRAST, study


def test_the_spread_of_the_effect_is_found():
    answer = pictures(Evidence(study(7, people=160, items=30, item_effect_sd=1.0), (CONTRAST,)))
    spread, ease = answer.estimates
    assert spread.scale == "sd"
    assert spread.estimate == pytest.approx(1.0, abs=0.35)
    assert spread.p < 0.001
    assert ease.scale == "correlation"
    table = answer.tables["caterpillar"]
    assert table["effect"].is_monotonic_increasing
    assert len(table) == 30
    observed = np.corrcoef(table["effect"], table["share"] - table["share_against"])[0, 1]
    assert observed > 0.9
    assert (
        f"of 30 pictures the interval lies above zero for {(table['low'] > 0).sum()}" in answer.told
    )


def test_without_spread_none_is_found():
    answer = pictures(Evidence(study(8, people=80), (CONTRAST,)))
    spread = answer.estimates[0]
    assert spread.p > 0.05
    assert spread.estimate < 0.4


def test_uncertainty_of_the_effects_is_that_of_dense_algebra():
    trials = study(9, people=24, items=8)
    trials["treated"] = (trials["arm"] == "heatmap") - 0.5
    found = fit("correct ~ treated + (1 | participant) + (1 + treated | stimulus)", trials)
    structure, factors = found.problem.structure, found.problem.covariance.factors(found.theta)
    scaled = np.zeros((structure.effects, structure.effects))
    for start, (levels, width), factor in zip(
        structure.starts, structure.sizes, factors, strict=False
    ):
        for level in range(levels):
            own = slice(start + level * width, start + (level + 1) * width)
            scaled[own, own] = factor
    random = structure.random_columns.toarray() @ scaled
    eta = found.problem.fixed @ found.beta + random @ found.modes
    share = 1 / (1 + np.exp(-eta))
    precision = random.T @ (random * (share * (1 - share))[:, None]) + np.eye(random.shape[1])
    sds = np.sqrt(np.diag(scaled @ np.linalg.inv(precision) @ scaled.T))
    table = found.conditional_sds()["stimulus"]
    place = [own.name for own in found.problem.design.groupings].index("stimulus")
    start = structure.starts[place]
    assert table.to_numpy().ravel() == pytest.approx(sds[start : start + table.size], abs=1e-8)
    # Random and fixed effects together: the inverse of all that is known of both, but that beta's
    # own covariance is the fit's, in which the scales of the random effects are estimates, too.
    fixed = found.problem.fixed
    crossed = np.linalg.solve(precision, random.T @ (fixed * (share * (1 - share))[:, None]))
    for level in range(8):
        effect = scaled[start + 2 * level + 1]
        away = np.array([0.0, 1.0]) - crossed.T @ effect
        variance = effect @ np.linalg.solve(precision, effect)
        variance += away @ found.beta_covariance @ away
        total = found.total_sds("stimulus", "treated").iloc[level]
        assert total == pytest.approx(np.sqrt(variance), abs=1e-8)


def test_the_interval_of_a_picture_covers_its_effect_as_often_as_it_says():
    covered, pictures_seen = 0, 0
    for seed in range(12):
        trials = study(100 + seed, people=40, items=16, effect=0.6, item_effect_sd=0.0)
        table = pictures(Evidence(trials, (CONTRAST,), level=0.9)).tables["caterpillar"]
        covered += int(((table["low"] <= 0.6) & (table["high"] >= 0.6)).sum())
        pictures_seen += len(table)
    assert covered / pictures_seen > 0.8


def test_pictures_of_one_arm_alone_can_not_be_compared():
    trials = study(people=12)
    trials["stimulus"] += trials["arm"]
    with pytest.raises(CannotAnswerError, match="fewer than 6 pictures were shown in both arms"):
        pictures(Evidence(trials, (CONTRAST,)))
