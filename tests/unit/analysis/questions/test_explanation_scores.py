"""Scores of explanations against the benefit on their pictures."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.questions import CannotAnswerError, Evidence
from analysis.questions.explanation_scores import (
    explanation_scores,
    scores_table,
    spearman,
    with_scores,
)
from analysis.report.shown_explanations import shown_explanations
from experiments.scores import ExplanationScore, ScoresError, read_scores
from tests.unit.analysis.questions.studies import CONTRAST, study


def score(key, **more):
    return {
        "stimulus": "s0",
        "picture": "9" * 64,
        "explanation": "igos",
        "key": key,
        "deletion": 0.2,
        "insertion": 0.7,
        "both": 0.56,
        "curves": {"own": {}},
        **more,
    }


def helpful(seed=5, people=60, items=20):
    """A study whose heatmaps help the more, the higher their insertion."""
    generator = np.random.default_rng(seed)
    trials = study(seed, people=people, items=items, effect=0.0)
    values = {f"s{item}": (item + 0.5) / items for item in range(items)}
    good = trials["stimulus"].map(values)
    turned = (trials["arm"] == "heatmap") & (generator.random(len(trials)) < 0.9 * good)
    trials.loc[turned, "correct"] = 1.0
    scores = pd.DataFrame(
        [
            {
                "stimulus": f"s{item}",
                "explanation_key": f"{item:064d}",
                "deletion": 0.5,
                "insertion": values[f"s{item}"],
            }
            for item in range(items)
        ]
    )
    return trials, scores


def test_a_score_that_predicts_the_benefit_is_found():
    trials, scores = helpful()
    answer = explanation_scores(Evidence(trials, (CONTRAST,), scores=scores))
    model, ranks = answer.estimates  # deletion never varies
    assert (model.term, model.scale) == ("insertion", "log_odds")
    assert model.ci_low > 0
    assert (ranks.scale, ranks.n_stimuli) == ("correlation", 20)
    table = answer.tables["pictures"].set_index("stimulus")
    right = trials.groupby(["stimulus", "arm"])["correct"].mean().unstack()
    assert table["benefit"].to_dict() == pytest.approx((right["heatmap"] - right["none"]).to_dict())
    expected = stats.spearmanr(table["insertion"], table["benefit"]).statistic
    assert ranks.estimate == pytest.approx(expected)
    told = "insertion predicted the benefit: better ones helped more (one standard deviation more"
    assert f"{told} went with +" in answer.told


def test_benefits_that_are_all_alike_rank_no_picture():
    trials, scores = helpful()
    found = explanation_scores(Evidence(trials.assign(correct=1.0), (CONTRAST,), scores=scores))
    (ranks,) = [own for own in found.estimates if own.scale == "correlation"]
    assert ranks.estimate is None
    assert ranks.note == "too few pictures, or all alike: nothing can be ranked"


def test_scores_are_joined_by_the_key_of_what_was_shown():
    trials, scores = helpful(people=6, items=8)
    pair = trials.assign(treated=(trials["arm"] == "heatmap").astype(int))
    foreign = scores.assign(explanation_key=["f" * 64, *scores["explanation_key"][1:]])
    joined = with_scores(pair, foreign)
    assert set(joined["stimulus"]) == {f"s{item}" for item in range(1, 8)}
    assert (joined.groupby("stimulus")["insertion"].nunique() == 1).all()
    assert set(joined["arm"]) == {"heatmap", "none"}
    with pytest.raises(CannotAnswerError, match="7 pictures have a score; 8 are needed"):
        explanation_scores(Evidence(trials, (CONTRAST,), scores=foreign))


def test_a_map_that_a_placebo_borrows_has_the_score_of_the_picture_it_is_shown_with():
    trials, scores = helpful(people=6, items=8)
    pair = trials.assign(treated=(trials["arm"] == "heatmap").astype(int))
    lent = scores.assign(stimulus="lender-" + scores["stimulus"], insertion=0.99)
    joined = with_scores(pair, pd.concat([lent, scores], ignore_index=True))
    own = scores.set_index("stimulus")["insertion"]
    assert joined.groupby("stimulus")["insertion"].first().to_dict() == own.to_dict()
    shown = shown_explanations(
        trials.assign(phase="assessment", condition=trials["arm"]),
        [ExplanationScore.model_validate(score("a" * 64)), *_read(lent), *_read(scores)],
        0.95,
        source="here",
    )
    (mean,) = [one for one in shown.means if one.score == "insertion"]
    assert mean.mean == pytest.approx(own.mean())
    assert (shown.shown, shown.scored) == (8, 8)


def _read(table):
    return [
        ExplanationScore.model_validate(
            score(row.explanation_key, insertion=row.insertion) | {"stimulus": row.stimulus}
        )
        for row in table.itertuples()
    ]


def test_the_interval_of_the_correlation_covers_as_often_as_it_says():
    generator = np.random.default_rng(2)
    true = 6 / np.pi * np.arcsin(0.25)  # Spearman's, of a normal correlation of one half
    covered = 0
    for _ in range(300):
        one = generator.normal(size=30)
        other = 0.5 * one + np.sqrt(0.75) * generator.normal(size=30)
        found = spearman(pd.Series(one), pd.Series(other), 0.9)
        covered += found.ci_low <= true <= found.ci_high
    assert covered / 300 == pytest.approx(0.9, abs=0.05)


def test_scores_are_read_with_the_truth_above_chance(tmp_path):
    truth = {
        "rival": "x",
        "regions": {"telling": {"mass": {"value": 0.4, "shuffled": 0.1, "area": 0}}},
    }
    rows = [score("a" * 64, truth=truth), score("b" * 64, truth=None)]
    (tmp_path / "scores.json").write_text(json.dumps(rows))
    table = scores_table(read_scores(tmp_path)).set_index("explanation_key")
    assert table.loc["a" * 64, "truth"] == pytest.approx(0.3)
    assert np.isnan(table.loc["b" * 64, "truth"])
    assert table.loc["b" * 64, "both"] == 0.56


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[", "is not JSON"),
        (json.dumps([score("short")]), "0.key"),
        (json.dumps([score("a" * 64, deletion=2)]), "0.deletion"),
    ],
)
def test_what_is_no_file_of_scores_is_refused_by_name(tmp_path, text, word):
    path = tmp_path / "scores.json"
    path.write_text(text)
    with pytest.raises(ScoresError, match=word) as caught:
        read_scores(path)
    assert str(path) in str(caught.value)


def test_missing_scores_say_how_to_make_them(tmp_path):
    with pytest.raises(ScoresError, match="does not exist"):
        read_scores(tmp_path)
    with pytest.raises(CannotAnswerError, match="--scores"):
        explanation_scores(Evidence(study(people=4), (CONTRAST,)))


def two_phases(seed):
    """Training shows the better explanations, and its pictures profit more, but not from them."""
    generator = np.random.default_rng(1000 + seed)
    parts = []
    for phase, benefit in (("training", 2.0), ("assisted", 0.0)):
        own = study(seed, people=60, items=20, effect=benefit)
        own["stimulus"] = phase + own["stimulus"]
        parts.append(own.assign(phase=phase))
    trials = pd.concat(parts, ignore_index=True)
    scores = pd.DataFrame(
        [
            {
                "stimulus": f"{phase}s{item}",
                "explanation_key": f"{item:064d}",
                "insertion": generator.normal(1.0 if phase == "training" else 0.0),
            }
            for phase in ("training", "assisted")
            for item in range(20)
        ]
    )
    return trials, scores


def test_a_score_that_only_differs_between_phases_predicts_nothing():
    estimates = []
    for seed in range(6):
        trials, scores = two_phases(seed)
        found = explanation_scores(Evidence(trials, (CONTRAST,), scores=scores)).estimates
        estimates.append([own.estimate for own in found])
    assert np.abs(np.mean(estimates, axis=0)).max() < 0.15


def test_the_tests_of_all_scores_are_corrected_together():
    trials, scores = helpful()
    noise = np.random.default_rng(1).uniform(size=len(scores))
    answer = explanation_scores(Evidence(trials, (CONTRAST,), scores=scores.assign(deletion=noise)))
    models = [own for own in answer.estimates if own.scale == "log_odds"]
    raw = sorted(own.p for own in models)
    assert sorted(own.p_adjusted for own in models) == pytest.approx(
        [2 * raw[0], max(2 * raw[0], raw[1])]
    )
    assert "none of its scores" not in answer.told and "after Holm's correction" in answer.told


def test_an_arm_is_compared_with_its_own_first_answers():
    trials, scores = helpful(people=80)
    trials["first_correct"] = study(5, people=80, items=20, effect=0.0)["correct"]
    found = explanation_scores(Evidence(trials, (CONTRAST,), scores=scores)).estimates
    own = [one for one in found if one.against == "its first answers"]
    assert {one.arm for one in own} == {"heatmap"}
    model = next(one for one in own if one.scale == "log_odds")
    assert model.term == "insertion"
    assert model.ci_low > 0
    assert model.n_trials == 2 * (trials["arm"] == "heatmap").sum()
