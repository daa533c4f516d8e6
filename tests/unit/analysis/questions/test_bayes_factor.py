"""The JZS Bayes factor, held against R's ttestBF and against its other integral."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.questions import Evidence, ask_all
from analysis.questions.bayes_factor import (
    TStatistic,
    accuracy_t,
    bayes_factor,
    jzs_bayes_factor,
)
from analysis.questions.evidence import ArmPair

REFERENCE = Path(__file__).parents[3] / "reference"
R = json.loads((REFERENCE / "questions.json").read_text(encoding="utf-8"))["bf10_ttest"]


CONTRAST = ArmPair(arm="saliency", against="control")


@pytest.fixture(scope="module")
def trials():
    table = pd.read_csv(REFERENCE / "gull_between.csv")
    return table.rename(columns={"item": "stimulus", "condition": "arm"})


def slowly(observed, width):
    """The same ratio by an integral over the standardised difference itself."""
    t, df = observed.t, observed.df
    area, _ = integrate.quad(
        lambda d: (
            stats.nct.pdf(t, df, d * np.sqrt(observed.size)) * stats.cauchy.pdf(d, scale=width)
        ),
        -6,
        6,
        points=[0, t / np.sqrt(observed.size)],
        limit=400,
    )
    return area / stats.t.pdf(t, df)


def test_it_is_what_r_gives(trials):
    answer = bayes_factor(Evidence(trials, (CONTRAST,)))
    by_width = answer.tables["prior_widths"].set_index("prior")["bayes_factor"]
    assert by_width["medium"] == pytest.approx(R["medium"], rel=1e-9)
    assert by_width["wide"] == pytest.approx(R["wide"], rel=1e-9)
    (estimate,) = answer.estimates
    assert estimate.role == "exploratory"
    assert estimate.estimate == by_width["medium"]
    assert "2.05 times as likely under no difference (hardly any evidence" in answer.told


@pytest.mark.parametrize(("t", "size", "df"), [(0.0, 10, 18), (2.3, 20, 38), (-5.0, 8, 7)])
def test_it_is_its_other_integral(t, size, df):
    observed = TStatistic(t, size, df)
    assert jzs_bayes_factor(observed, 0.7) == pytest.approx(slowly(observed, 0.7), rel=2e-3)


def test_very_strong_evidence_neither_overflows_nor_vanishes():
    assert 1e30 < jzs_bayes_factor(TStatistic(25.0, 100, 198), 0.707) < np.inf


def test_people_who_met_both_arms_are_compared_with_themselves():
    rows = [
        {"participant": person, "stimulus": f"s{item}", "arm": arm, "correct": float(right)}
        for person, (ours, theirs) in enumerate([(3, 1), (2, 2), (4, 1), (3, 2)])
        for arm, count in (("saliency", ours), ("control", theirs))
        for item, right in enumerate([1] * count + [0] * (4 - count))
    ]
    table = pd.DataFrame(rows)
    observed = accuracy_t(table.assign(treated=(table["arm"] == "saliency").astype(int)))
    found = stats.ttest_rel([3, 2, 4, 3], [1, 2, 1, 2])
    assert (observed.t, observed.size, observed.df) == pytest.approx((found.statistic, 4, 3))


def test_what_can_not_be_answered_says_why(trials):
    found = ask_all(Evidence(trials[trials["arm"] == "control"], (CONTRAST,)))
    reason = next(one.reason for one in found.not_answered if one.question == "bayes_factor")
    assert reason == "Arm saliency has 0 participants; 2 are needed."
