"""Signal detection, held against R's figures, the textbook's arithmetic and the real CUB study."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.discrimination import (
    d_prime_and_c,
    discrimination,
    judgement_model,
    judgements,
    model_differences,
    sensitivity_of_people,
)
from analysis.questions.evidence import ArmPair
from analysis.questions.reliance import reliance
from analysis.tidy_table import TidyColumns, read_trials

REFERENCE = Path(__file__).parents[3] / "reference"
REAL = Path(
    os.environ.get("LARUS_REFERENCE", REFERENCE.parents[2] / "shared" / "reference" / "statistics")
)
FIGURES = json.loads((REFERENCE / "questions.json").read_text(encoding="utf-8"))
CONTRAST = ArmPair(arm="heatmap", against="none")


def test_people_who_all_answer_alike_get_a_sentence_and_no_error():
    rows = [
        {"participant": f"p{person}", "stimulus": f"s{item}", "arm": arm, "said_yes": item % 2}
        for person, arm in enumerate(["none", "heatmap"] * 4)
        for item in range(6)
    ]
    judged = pd.DataFrame(rows).assign(signal=lambda table: table["said_yes"], correct=1)
    told = discrimination(Evidence(judged, (CONTRAST,))).told
    assert "heatmap against none" in told
    assert "nan" not in told


def simulated(seed=1, people=60, items=40, shift=0.5, gain=0.6):
    """Judgements of two arms whose d' differ by `gain` and whose c by `shift`."""
    generator = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        treated = person % 2
        own = generator.normal(0, 0.3)
        for item in range(items):
            signal = item % 2
            center = (1.0 + gain * treated) * (signal - 0.5) - shift * treated + own
            rows.append(
                {
                    "participant": f"p{person}",
                    "stimulus": f"s{item}",
                    "arm": "heatmap" if treated else "none",
                    "said_yes": int(center + generator.normal() > 0),
                    "signal": signal,
                }
            )
    return pd.DataFrame(rows)


def test_the_correction_gives_rs_figures():
    r = FIGURES["sdt"]
    d_prime, c = d_prime_and_c(r["hits"], r["hits"] + r["misses"], r["fa"], r["fa"] + r["cr"])
    assert d_prime == pytest.approx(r["dprime"], abs=1e-12)
    assert c == pytest.approx(r["c"], abs=1e-12)


def test_every_persons_values_are_those_of_plain_counting():
    judged = simulated(people=6)
    found = sensitivity_of_people(judged).set_index("participant")
    for person, own in judged.groupby("participant"):
        counts = dict.fromkeys(("hit", "miss", "false", "reject"), 0.5)
        for row in own.itertuples():
            kinds = ("hit", "miss") if row.signal else ("false", "reject")
            counts[kinds[0] if row.said_yes else kinds[1]] += 1
        hit = counts["hit"] / (counts["hit"] + counts["miss"])
        false = counts["false"] / (counts["false"] + counts["reject"])
        z = stats.norm.ppf
        assert found.loc[person, "d_prime"] == pytest.approx(z(hit) - z(false))
        assert found.loc[person, "c"] == pytest.approx(-0.5 * (z(hit) + z(false)))


def test_both_ways_find_what_was_simulated():
    answer = discrimination(Evidence(simulated(people=120), (CONTRAST,)))
    for method in ("Welch t on participants' values", "probit mixed model"):
        found = {own.term: own for own in answer.estimates if own.method == method and own.against}
        for term, true in (("sensitivity", 0.6), ("criterion", 0.5)):
            assert abs(found[term].estimate - true) < 3 * found[term].se
            assert found[term].scale == "probit"
            assert found[term].role == "exploratory"
            assert found[term].p < 0.01
    assert answer.told.startswith("heatmap against none: d' differs by +0.")


def test_advice_is_judged_by_taking_it():
    trials = pd.DataFrame(
        {
            "participant": ["a", "a", "b"],
            "stimulus": ["1", "2", "3"],
            "arm": "none",
            "choice": ["ivory", "herring", "ivory"],
            "advice_species": ["ivory", "ivory", None],
            "advice_correct": [True, False, None],
        }
    )
    judged = judgements(trials)
    assert judged["said_yes"].tolist() == [1, 0]
    assert judged["signal"].tolist() == [1, 0]


def test_yes_or_no_answers_are_judgements():
    trials = pd.DataFrame(
        {
            "participant": ["a", "a", "b"],
            "stimulus": ["1", "2", "3"],
            "arm": "none",
            "choice": ["yes", "yes", "ivory_gull"],
            "right_choice": ["yes", "no", "ivory_gull"],
        }
    )
    judged = judgements(trials)
    assert judged["said_yes"].tolist() == [1, 1]
    assert judged["signal"].tolist() == [1, 0]


def test_without_noise_nothing_can_be_told():
    with pytest.raises(CannotAnswerError, match="Signal and noise must both occur"):
        discrimination(Evidence(simulated().query("signal == 1"), (CONTRAST,)))


@pytest.mark.real_data
@pytest.mark.slow
def test_the_cub_study_shows_a_shift_of_the_criterion():
    """Taesiri, Nguyen & Nguyen (2022): accept or refuse an answer, 362 sessions."""
    path = REAL / "case11_cub_human.csv"
    if not path.is_file():
        pytest.skip(f"the CUB human study is not at {path} (set LARUS_REFERENCE)")
    table = pd.read_csv(path).rename(
        columns={"item": "stimulus", "condition": "arm", "ai_correct": "signal"}
    )
    judged = judgements(table)
    found = judgement_model(judged, "binomial", "(1 | participant) + (1 | stimulus)")
    r = FIGURES["cub_said_yes"]
    assert found.deviance <= r["deviance"] + 1e-4
    for arm in ("CHM-Corr", "EMD-Corr", "kNN", "CHM-NN", "EMD-NN"):
        contrast = ArmPair(arm=arm, against="ResNet-50")
        sensitivity, criterion = model_differences(found, judged, contrast, 0.95)
        assert -criterion.estimate == pytest.approx(r["shift"][arm][0], abs=1e-4)
        assert criterion.se == pytest.approx(r["shift"][arm][1], rel=0.01)
        assert sensitivity.estimate == pytest.approx(r["sensitivity"][arm][0], abs=1e-4)
        assert sensitivity.se == pytest.approx(r["sensitivity"][arm][1], rel=0.01)


@pytest.mark.real_data
@pytest.mark.slow
def test_the_published_table_of_the_cub_study_gives_rs_figures_too(real_data):
    """As `report --table … --judged ClassifierCorrectness` reads it; R knew sessions as people."""
    path = real_data / "studies" / "cub_visual_correspondence" / "trials.csv"
    columns = TidyColumns("UID", "Query", "Correctness", "Method", judged="ClassifierCorrectness")
    trials, _ = read_trials(path, columns)
    judged = judgements(trials)
    found = judgement_model(judged, "binomial", "(1 | participant) + (1 | stimulus)")
    r = FIGURES["cub_said_yes"]
    for arm, (shift, se) in r["shift"].items():
        contrast = ArmPair(arm=arm, against="ResNet-50")
        sensitivity, criterion = model_differences(found, judged, contrast, 0.95)
        assert (-criterion.estimate, criterion.se) == pytest.approx((shift, se), rel=0.01)
        assert sensitivity.estimate == pytest.approx(r["sensitivity"][arm][0], abs=1e-3)
    taken = reliance(Evidence(trials, (ArmPair("CHM-Corr", "ResNet-50"),)))
    over, under = (own for own in taken.estimates if own.against)
    assert over.estimate < 0 < under.estimate
