import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analysis import inference
from analysis.equivalence import equivalence
from tests.unit.analysis.simulated import simulate

REFERENCE = Path(__file__).parents[2] / "reference"


def slow_two_way_variance(trials, design, residuals, bread):
    """Cameron, Gelbach & Miller, cluster by cluster, as plainly as it can be written."""

    def one_way(keys):
        meat = np.zeros((2, 2))
        groups = sorted(set(keys))
        for group in groups:
            rows = [row for row, key in enumerate(keys) if key == group]
            score = sum(design[row] * residuals[row] for row in rows)
            meat += np.outer(score, score)
        return (bread @ meat @ bread)[1, 1] * len(groups) / (len(groups) - 1)

    people, pictures = list(trials["participant"]), list(trials["stimulus"])
    return one_way(people) + one_way(pictures) - one_way(list(zip(people, pictures, strict=True)))


def test_two_way_errors_equal_a_slow_reimplementation():
    trials = simulate(3, participants=20, stimuli=12, effect=0.5)
    design = sm.add_constant(trials["treated"].to_numpy(float))
    fit = sm.Logit(trials["correct"], design).fit(disp=False)
    fitted = np.asarray(fit.predict())
    bread = np.linalg.inv(design.T @ np.diag(fitted * (1 - fitted)) @ design)
    variance = slow_two_way_variance(trials, design, trials["correct"] - fitted, bread)
    found = inference.two_way_logit(trials)
    assert found.estimate == pytest.approx(
        fit.params.iloc[1] if hasattr(fit.params, "iloc") else fit.params[1]
    )
    assert found.se == pytest.approx(np.sqrt(variance))
    assert found.df == 11


def test_one_way_part_equals_statsmodels_clustered_errors():
    trials = simulate(4, participants=20, stimuli=12)
    design = sm.add_constant(trials["treated"].to_numpy(float))
    codes = trials["participant"].astype("category").cat.codes
    fit = sm.OLS(trials["correct"].to_numpy(), design).fit(
        cov_type="cluster",
        cov_kwds={"groups": codes, "use_correction": False, "df_correction": False},
    )
    bread = np.linalg.inv(design.T @ design)
    scores = design * np.asarray(fit.resid)[:, None]
    ours = inference._clustered(bread, scores, trials["participant"]) * 19 / 20
    assert ours == pytest.approx(fit.bse[1] ** 2)


def test_welch_equals_scipy():
    trials = simulate(5, effect=0.4)
    ours, theirs = inference.participant_means(trials)
    expected = stats.ttest_ind(ours, theirs, equal_var=False)
    found = inference.welch(trials)
    interval = expected.confidence_interval()
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval(0.95) == pytest.approx((interval.low, interval.high))


def test_permutation_is_seeded_never_zero_and_close_to_welch():
    trials = simulate(6, effect=0.4)
    first = inference.permutation_p(trials, seed=1)
    assert first == inference.permutation_p(trials, seed=1)
    assert first == pytest.approx(inference.welch(trials).p, abs=0.02)
    assert inference.permutation_p(simulate(6, effect=6.0), seed=1, permutations=99) == 0.01


def test_holm_equals_statsmodels():
    p_values = [0.03, 0.001, 0.2, 0.04]
    assert inference.holm(p_values) == pytest.approx(
        list(multipletests(p_values, method="holm")[1])
    )


def test_gee_estimates_the_marginal_odds_of_a_balanced_study():
    trials = simulate(8, effect=0.8)
    assert inference.gee(trials).estimate == pytest.approx(
        inference.two_way_logit(trials).estimate, abs=1e-6
    )


@pytest.mark.parametrize(("item_by_arm", "bound"), [(0.0, 0.085), (0.5, 0.10)])
def test_no_effect_is_seldom_called_significant(item_by_arm, bound):
    p_values = [
        inference.two_way_logit(simulate(seed, item_by_arm=item_by_arm)).p for seed in range(200)
    ]
    rate = np.mean(np.array(p_values) < 0.05)
    assert rate <= bound
    assert np.mean(np.array(p_values) < 0.5) > 0.3


def test_a_planted_effect_is_found():
    found = inference.two_way_logit(simulate(1, participants=120, effect=1.0))
    assert found.p < 0.01
    assert found.interval(0.95)[0] > 0


def two_arms(arm):
    trials = pd.read_csv(REFERENCE / "gull_between.csv").rename(columns={"item": "stimulus"})
    pair = trials[trials["condition"].isin(["control", arm])]
    return pair.assign(treated=(pair["condition"] == arm).astype(int))


@pytest.mark.parametrize(("arm", "place"), [("prototype", 1), ("saliency", 2)])
def test_estimates_and_errors_equal_those_of_r(arm, place):
    found_by_r = json.loads((REFERENCE / "gull_between.json").read_text())
    by_person, by_item, by_both = (
        found_by_r[f"glm_vcovCL_{ways}_HC0"]["se"][place] ** 2
        for ways in ("participant", "item", "both")
    )
    trials = two_arms(arm)
    people, items, rows = 40, 40, len(trials)
    # R's errors come without our G / (G - 1), so each of the three parts is corrected here.
    by_row = by_person + by_item - by_both
    variance = (
        by_person * people / (people - 1)
        + by_item * items / (items - 1)
        - by_row * rows / (rows - 1)
    )
    found = inference.two_way_logit(trials)
    estimate = found_by_r["glm_vcovCL_both_HC0"]["est"][place]
    assert found.estimate == pytest.approx(estimate, rel=1e-9)
    assert found.se == pytest.approx(np.sqrt(variance), rel=1e-9)
    geeglm = found_by_r["gee_exchangeable"]["estimate"][place]
    assert inference.gee(trials).estimate == pytest.approx(geeglm, rel=1e-6)


def test_welch_with_holm_equals_r():
    in_r = json.loads((REFERENCE / "gull_between.json").read_text())["welch_holm"]
    saliency = pd.read_csv(REFERENCE / "gull_between.csv").query("condition == 'saliency'")
    between = pd.concat(
        [
            saliency.rename(columns={"item": "stimulus"}).assign(treated=1),
            two_arms("prototype").query("treated == 1").assign(treated=0),
        ]
    )
    p_values = [
        inference.welch(trials).p
        for trials in (two_arms("prototype"), two_arms("saliency"), between)
    ]
    adjusted = inference.holm(p_values)
    expected = [in_r["prototype"], in_r["saliency"], in_r["saliency_prototype"]]
    assert adjusted == pytest.approx(expected, rel=1e-6)


R = json.loads((REFERENCE / "questions.json").read_text(encoding="utf-8"))


def test_welch_and_equivalence_are_rs():
    table = pd.read_csv(REFERENCE / "gull_between.csv")
    pair = table[table["condition"].isin(["control", "saliency"])]
    trials = pair.assign(treated=(pair["condition"] == "saliency").astype(int))
    found, wanted = inference.welch(trials), R["welch"]
    assert found.estimate == pytest.approx(wanted["mean_diff"], rel=1e-9)
    assert found.df == pytest.approx(wanted["df"], rel=1e-9)
    assert found.p == pytest.approx(wanted["p"], rel=1e-9)
    assert found.interval(0.95) == pytest.approx(wanted["ci"], rel=1e-9)
    tested = equivalence(found.estimate, found.se, found.df, margin=0.05, alpha=0.05)
    assert tested.p == pytest.approx(wanted["tost_p"], rel=1e-9)
    assert (tested.low, tested.high) == pytest.approx(wanted["ci90"], rel=1e-9)


def test_holms_adjustment_is_rs():
    assert inference.holm(R["padjust"]["p"]) == pytest.approx(R["padjust"]["holm"], rel=1e-12)
