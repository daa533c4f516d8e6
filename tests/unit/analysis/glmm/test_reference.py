"""Every mixed model of the reference cases, held against R.

Yardsticks are lme4's `glmer` with tight tolerances, `lmer` with lmerTest, ordinal's `clmm`, blme's
`bglmer` and emmeans; `tests/reference/README.md` says how they were made. Real data sets are not
part of the repository: LARUS_REFERENCE names their folder.
"""

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.glmm.coding import Coding
from analysis.glmm.fitting import fit
from analysis.glmm.hypotheses import joint_tests, likelihood_ratio
from analysis.glmm.margins import marginal_means, mean_contrasts

REFERENCE = Path(__file__).parents[3] / "reference"
REAL = Path(
    os.environ.get("LARUS_REFERENCE", REFERENCE.parents[2] / "shared" / "reference" / "statistics")
)
FIGURES = json.loads((REFERENCE / "mixed_models.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    table: str
    formula: str
    family: str = "binomial"
    reference: dict = field(default_factory=dict)
    factors: tuple = ()
    order: tuple | None = None
    is_reml: bool = True
    # Relative, of standard errors.
    se: float = 5e-3


VERBAGG = "btype + situ + mode + Anger + Gender"
VERBAGG_LEVELS = {"mode": "want", "situ": "other"}
FHCH = {"task": "naming", "stimulus": "word"}
LEXDEC = {"stimulus": "word", "frequency": "low"}
CROSSED = "(1 | participant) + (1 | item)"
CUB = {"condition": "ResNet-50"}
SLEEP = {"table": "sleepstudy", "family": "gaussian", "factors": ("Subject",)}
CBPP = {"table": "cbpp", "factors": ("period",)}
# R's optimiser stops short here: the criteria are lower than R's by up to 5e-7.
SHORT = {"se": 5e-5}

CASES = {
    "cbpp": Case(formula="cbind(incidence, healthy) ~ period + (1 | herd)", **CBPP),
    "cbpp_olre": Case(
        formula="cbind(incidence, healthy) ~ period + (1 | herd) + (1 | obs)", **CBPP
    ),
    "verbagg": Case("verbagg", f"y ~ {VERBAGG} + (1 | id) + (1 | item)", reference=VERBAGG_LEVELS),
    "verbagg_correlated": Case(
        "verbagg",
        "y ~ btype + situ + mode + (1 + mode | id) + (1 | item)",
        reference=VERBAGG_LEVELS,
    ),
    "verbagg_uncorrelated": Case(
        "verbagg",
        "y ~ btype + situ + m01 + g01 + (1 + m01 || id) + (1 + g01 || item)",
        reference={"situ": "other"},
    ),
    "verbagg_ordinal": Case(
        "verbagg",
        f"resp ~ {VERBAGG} + (1 | id) + (1 | item)",
        "ordinal",
        reference=VERBAGG_LEVELS,
        order=("no", "perhaps", "yes"),
    ),
    "fhch_lexdec": Case(
        "lexdec", "y ~ stimulus * frequency + (1 | id) + (1 | item)", reference=LEXDEC
    ),
    "fhch_lexdec_slope": Case(
        "lexdec",
        "y ~ s01 * frequency + (1 + s01 | id) + (1 | item)",
        reference={"frequency": "low"},
    ),
    "fhch_rt": Case(
        "fhch_right",
        "log_rt ~ task * stimulus + (1 | id) + (1 | item)",
        "gaussian",
        reference=FHCH,
        se=1e-5,
    ),
    "fhch_rt_ml": Case(
        "fhch_right",
        "log_rt ~ task * stimulus + (1 | id) + (1 | item)",
        "gaussian",
        reference=FHCH,
        is_reml=False,
        se=1e-5,
    ),
    "fhch_rt_slopes": Case(
        "fhch_right",
        "log_rt ~ task * stimulus + (1 + stimulus | id) + (1 + task | item)",
        "gaussian",
        reference=FHCH,
        **SHORT,
    ),
    "sleepstudy_corr_reml": Case(formula="Reaction ~ Days + (Days | Subject)", se=1e-5, **SLEEP),
    "sleepstudy_corr_ml": Case(
        formula="Reaction ~ Days + (Days | Subject)", is_reml=False, **SHORT, **SLEEP
    ),
    "sleepstudy_uncorr_reml": Case(formula="Reaction ~ Days + (Days || Subject)", se=1e-5, **SLEEP),
    "sleepstudy_uncorr_ml": Case(
        formula="Reaction ~ Days + (Days || Subject)", is_reml=False, se=1e-5, **SLEEP
    ),
    "sleepstudy_int_reml": Case(formula="Reaction ~ Days + (1 | Subject)", se=1e-5, **SLEEP),
    "sleepstudy_int_ml": Case(
        formula="Reaction ~ Days + (1 | Subject)", is_reml=False, se=1e-5, **SLEEP
    ),
    "sleepstudy_log_corr_reml": Case(
        formula="log(Reaction) ~ Days + (Days | Subject)", se=1e-5, **SLEEP
    ),
    "penicillin": Case(
        "penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", "gaussian", **SHORT
    ),
    "gull": Case("gull_between", f"correct ~ condition + {CROSSED}"),
    "gull_rt": Case(
        "gull_between", f"log(rt) ~ condition + correct + {CROSSED}", "gaussian", **SHORT
    ),
    "gull_ordinal": Case(
        "gull_between", f"confidence ~ condition + correct + {CROSSED}", "ordinal"
    ),
    "zero_item_variance": Case("zero_item_variance", f"correct ~ condition + {CROSSED}"),
    "tiny": Case("tiny", f"correct ~ condition + {CROSSED}"),
    "cub_all": Case("cub", f"correct ~ condition + {CROSSED}", reference=CUB),
    "cub_kept": Case("cub_kept", f"correct ~ condition + {CROSSED}", reference=CUB),
    "cub_gulls": Case("cub_gulls", f"correct ~ condition + {CROSSED}", reference=CUB),
    "cub_by_ai": Case("cub", f"correct ~ condition * ai + {CROSSED}", reference=CUB),
    "cub_said_yes": Case("cub", f"said_yes ~ condition * ai + {CROSSED}", reference=CUB),
}
SEPARATED = {
    "separation": Case("separation", f"correct ~ condition + {CROSSED}"),
    "fhch_separated": Case("fhch", "y ~ task * stimulus + (1 | id) + (1 | item)", reference=FHCH),
}


def _real(name):
    path = REAL / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"REAL DATA SET ABSENT: {path}; set LARUS_REFERENCE to its folder")
    return pd.read_csv(path)


@cache
def table(name):
    if (REFERENCE / f"{name}.csv").is_file():
        return pd.read_csv(REFERENCE / f"{name}.csv")
    return PARTS[name]() if name in PARTS else _real(name)


def _cub():
    found = _real("case11_cub_human")
    return found.assign(ai=found["ai_correct"] - 0.5)


def _cbpp():
    found = _real("case01_cbpp")
    return found.assign(healthy=found["size"] - found["incidence"])


def _verbagg():
    found = _real("case02_verbagg")
    return found.assign(m01=(found["mode"] == "do") - 0.5, g01=(found["Gender"] == "M") - 0.5)


def _lexdec():
    found = _real("case03_fhch2010").query("task == 'lexdec'")
    return found.assign(s01=(found["stimulus"] == "nonword") - 0.5)


PARTS = {
    "cub": _cub,
    "cub_kept": lambda: _cub().query("kept_by_authors == 1"),
    "cub_gulls": lambda: _cub().query("is_gull == 1"),
    "verbagg": _verbagg,
    "cbpp": _cbpp,
    "sleepstudy": lambda: _real("case04_sleepstudy"),
    "penicillin": lambda: _real("case04b_penicillin"),
    "lexdec": _lexdec,
    "fhch": lambda: _real("case03_fhch2010"),
    "fhch_right": lambda: _real("case03_fhch2010").query("correct"),
}


@cache
def fitted(name):
    case = CASES.get(name) or SEPARATED[name]
    return fit(
        case.formula,
        table(case.table),
        case.family,
        coding=Coding(reference=case.reference, factors=case.factors),
        order=case.order,
        is_reml=case.is_reml,
    )


@pytest.mark.parametrize("name", CASES)
def test_fixed_effects_are_those_of_r(name):
    case, expected, found = CASES[name], FIGURES[name], fitted(name)
    rows = {row.term: row for row in found.coefficients()}
    assert set(rows) == {row["term"] for row in expected["fixed"]}
    is_linear = case.family == "gaussian"
    for row in expected["fixed"]:
        own = rows[row["term"]]
        near = {"rel": 1e-5, "abs": 1e-8} if is_linear else {"abs": 1e-4}
        assert own.estimate == pytest.approx(row["estimate"], **near)
        assert own.se == pytest.approx(row["se"], rel=case.se)
        assert (own.df is None) == ("df" not in row)
        if own.df is not None:
            assert own.df == pytest.approx(row["df"], rel=1e-3)


@pytest.mark.parametrize("name", [*CASES, *SEPARATED])
def test_no_deviance_is_above_the_one_r_found(name):
    # R may stop short of the minimum, or run on where an estimate is infinite.
    lower = 1e-4 if name in CASES else 0.05
    assert -lower < fitted(name).deviance - FIGURES[name]["deviance"] < 1e-4


@pytest.mark.parametrize("name", CASES)
def test_random_effects_are_those_of_r(name):
    expected, found = FIGURES[name], fitted(name)
    if CASES[name].family == "ordinal":
        sds = sorted(row.sd for row in found.random_effects())
        assert sds == pytest.approx(sorted(expected["random_sds"]), abs=1e-4)
        return
    sds = {(row.group, row.term): row.sd for row in found.random_effects()}
    assert sds == pytest.approx(
        {(row["group"], row["term"]): row["sd"] for row in expected["random"]},
        rel=5e-5,
        abs=1e-4 * found.sigma,
    )
    assert found.singular == expected["singular"]
    assert (found.n, found.groups) == (expected["n"], expected["groups"])
    for row in expected["correlations"]:
        names = next(g.names for g in found.problem.design.groupings if g.name == row["group"])
        first, second = (names.index(term) for term in row["terms"])
        own = found.correlations()[row["group"]][first, second]
        assert own == pytest.approx(row["correlation"], abs=1e-3)


def test_predicted_effects_of_groups_are_those_of_r():
    modes = fitted("cbpp").conditional_modes()["herd"]["(Intercept)"]
    expected = {row["level"]: row["value"] for row in FIGURES["cbpp"]["modes"]["herd"]}
    assert modes.to_dict() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("cbpp", "period"),
        ("verbagg", "btype"),
        ("gull", "condition"),
        ("zero_item_variance", "condition"),
        ("tiny", "condition"),
        ("cub_all", "condition"),
        ("cub_kept", "condition"),
        ("cub_gulls", "condition"),
        ("separation", "condition"),
    ],
)
def test_likelihood_ratios_are_those_of_r(name, term):
    case, larger = (CASES.get(name) or SEPARATED[name]), fitted(name)
    formula = larger.problem.design.formula.without((term,))
    smaller = fit(
        formula,
        table(case.table),
        coding=Coding(
            reference={key: own for key, own in case.reference.items() if key != term},
        ),
    )
    found, expected = likelihood_ratio(larger, smaller), FIGURES[name]["lrt"]
    assert found.statistic == pytest.approx(expected["chisq"], abs=1e-3)
    assert found.numerator == expected["df"]
    assert found.p == pytest.approx(expected["p"], rel=1e-3)


@pytest.mark.parametrize("name", ["fhch_rt", "fhch_rt_slopes", "gull_rt"])
def test_type_three_tests_are_those_of_lmertest(name):
    found = {test.term: test for test in joint_tests(fitted(name))}
    for row in FIGURES[name]["anova"]:
        own = found[row["term"]]
        assert own.statistic == pytest.approx(row["f"], rel=1e-4)
        assert own.numerator == row["numerator"]
        assert own.denominator == pytest.approx(row["denominator"], rel=1e-3)
        assert own.p == pytest.approx(row["p"], rel=1e-2)


def test_joint_tests_of_a_logistic_model_are_those_of_emmeans():
    (found,) = joint_tests(fitted("gull"))
    (expected,) = FIGURES["gull"]["joint"]
    assert found.statistic / found.numerator == pytest.approx(expected["F.ratio"], abs=2e-3)
    assert found.p == pytest.approx(expected["p.value"], rel=5e-3)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("cbpp", "period"),
        ("verbagg", "btype"),
        ("gull", "condition"),
        ("cub_all", "condition"),
        ("cub_kept", "condition"),
        ("cub_gulls", "condition"),
    ],
)
def test_marginal_means_and_contrasts_are_those_of_emmeans(name, by):
    found, expected = fitted(name), FIGURES[name]["emm"]
    means = {mean.name: mean for mean in marginal_means(found, [by])}
    for row in expected["means"]:
        own = means[str(row[by])]
        assert own.estimate == pytest.approx(row["emmean"], abs=1e-4)
        assert own.se == pytest.approx(row["se"], rel=5e-3)
    contrasts = mean_contrasts(found, [by])
    # emmeans orders pairs as the levels are; the sign follows from the order.
    assert len(contrasts) == len(expected["contrasts"])
    for own, row, ratio in zip(
        contrasts, expected["contrasts"], expected["odds_ratios"], strict=True
    ):
        assert own.estimate == pytest.approx(row["estimate"], abs=2e-4)
        assert own.se == pytest.approx(row["se"], rel=5e-3)
        assert own.p_adjusted == pytest.approx(row["p_holm"], rel=0.03, abs=1e-12)
        figures = (ratio["odds_ratio"], ratio["low"], ratio["high"])
        assert own.odds_ratio == pytest.approx(figures, rel=5e-3)


@pytest.mark.parametrize(("name", "against"), [("gull", "control"), ("cub_all", "ResNet-50")])
def test_contrasts_against_one_level_are_those_of_emmeans(name, against):
    found = mean_contrasts(fitted(name), ["condition"], against=against)
    expected = [row["p_holm"] for row in FIGURES[name]["against_holm"]]
    assert [row.p_adjusted for row in found] == pytest.approx(expected, rel=0.01)


def test_linear_means_have_the_degrees_of_freedom_of_emmeans():
    found = marginal_means(fitted("fhch_rt"), ["task", "stimulus"])
    for row in FIGURES["fhch_rt"]["emm_cells"]["means"]:
        (own,) = (m for m in found if m.levels == {k: row[k] for k in ("task", "stimulus")})
        assert own.estimate == pytest.approx(row["emmean"], rel=1e-5)
        assert own.se == pytest.approx(row["se"], rel=1e-5)
    pairs = {row["contrast"]: row for row in FIGURES["fhch_rt"]["emm_cells"]["contrasts"]}
    for own in mean_contrasts(fitted("fhch_rt"), ["task", "stimulus"]):
        row = pairs.get(f"{own.first.replace(',', '')} - {own.second.replace(',', '')}")
        if row is not None:
            assert own.df == pytest.approx(row["df"], rel=1e-3)


def test_a_separated_fit_is_that_of_blme_with_the_same_prior():
    found = fitted("separation")
    assert found.separated
    rows = {row.term: row for row in found.coefficients()}
    for row in FIGURES["separation"]["penalised"]:
        assert rows[row["term"]].estimate == pytest.approx(row["estimate"], abs=1e-4)
        assert rows[row["term"]].se == pytest.approx(row["se"], rel=1e-3)
    assert found.theta == pytest.approx(FIGURES["separation"]["penalised_theta"], abs=1e-4)
    chi_squared = FIGURES["separation"]["lrt"]["chisq"]
    assert rows["conditionsaliency"].statistic == pytest.approx(chi_squared, abs=1e-3)


def test_a_separated_interaction_has_the_likelihood_ratio_of_r():
    rows = {row.term: row for row in fitted("fhch_separated").coefficients()}
    expected = FIGURES["fhch_separated"]["lrt"]
    own = rows["tasklexdec:stimulusnonword"]
    assert own.p == pytest.approx(expected["p"], abs=0.02)


def test_marginal_shares_of_the_reference_study_are_the_shares_that_were_counted():
    # The exact marginal probability is 0.604, where emmeans' Taylor step gives 0.586.
    means = {mean.name: mean for mean in marginal_means(fitted("gull"), ["condition"])}
    assert means["control"].share.value == pytest.approx(0.604, abs=5e-4)
    counted = table("gull_between").groupby("condition")["correct"].mean()
    for name, mean in means.items():
        assert mean.share.value == pytest.approx(counted[name], abs=0.01)
    assert np.isfinite([mean.share.se for mean in means.values()]).all()
