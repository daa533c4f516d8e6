"""Fits at the border of what can be fitted."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import FitError, FormulaError
from analysis.glmm import problem
from analysis.glmm.coding import Coding
from analysis.glmm.covariance import Covariance
from analysis.glmm.fitting import fit
from analysis.glmm.search import find_minimum
from tests.unit.analysis.glmm.tables import design_of, random_table

CROSSED = "(1 | person) + (1 | item)"


def without_people(table):
    """Every person answers half of the trials rightly: people vary less than chance has it."""
    return table.assign(right=(table.groupby("person").cumcount() % 2).astype(int))


def test_a_variance_of_zero_is_exactly_zero_and_told():
    found = fit("right ~ x + (1 | person)", without_people(random_table()))
    assert found.singular
    assert found.theta.tolist() == [0.0]
    assert "(Intercept) by person has no variance of its own" in found.warnings[0]
    assert found.uncertainty[0].tolist() == [0.0] * 3


def test_a_zero_variance_gives_the_errors_of_the_model_without_it():
    table = without_people(random_table())
    design = np.column_stack([np.ones(len(table)), table["x"]])
    found = fit("right ~ x + (1 | person)", table)
    p = 1 / (1 + np.exp(-design @ found.beta))
    information = design.T @ (design * (p * (1 - p))[:, None])
    assert found.beta_covariance == pytest.approx(np.linalg.inv(information), rel=1e-4)


def test_a_correlation_of_one_is_told():
    table = random_table(seed=2)
    table["rt"] = np.exp(
        0.01 * np.random.default_rng(0).normal(size=len(table))
        + table["person"].astype(int) * (1 + 0.5 * table["x"]) / 20
    )
    found = fit("log(rt) ~ x + (1 + x | person)", table, "gaussian")
    assert found.correlations()["person"][1, 0] == pytest.approx(1, abs=1e-3)


def test_a_search_that_lands_near_zero_looks_beside_it():
    covariance = Covariance(design_of("right ~ 1 + (1 | person)").groupings)

    def two_valleys(at):
        """Even in its first element, flat at zero, lowest at one half."""
        scale, other = at
        value = (scale**2 - 0.25) ** 2 + other**2
        return value, np.array([4 * scale * (scale**2 - 0.25), 2 * other])

    best = find_minimum(two_valleys, np.array([1e-9, 1.0]), np.eye(2), covariance)
    assert best.parameters == pytest.approx([0.5, 0.0], abs=1e-4)
    assert best.is_converged


def test_negative_scales_are_folded():
    covariance = Covariance(design_of("right ~ 1 + (1 + x | person)").groupings)
    theta = covariance.canonical(np.array([-0.5, 0.3, -0.2]), 0.0)
    before, after = (covariance.factors(own)[0] for own in (np.array([-0.5, 0.3, -0.2]), theta))
    assert theta == pytest.approx([0.5, -0.3, 0.2])
    assert after @ after.T == pytest.approx(before @ before.T)


def separated_table(rows=200):
    table = random_table(rows=rows)
    return table.assign(right=np.where(table["c"] == "a", 1, table["right"]))


def test_separation_is_told_and_answered_by_likelihood_ratios():
    table = separated_table()
    found = fit(f"right ~ c + {CROSSED}", table, coding=Coding(reference={"c": "b"}))
    rows = {row.term: row for row in found.coefficients()}
    assert found.separated
    assert "its estimate is infinite" in found.warnings[0]
    assert 1 < rows["ca"].estimate < 10
    assert rows["ca"].p < 1e-6
    assert rows["ca"].df == 1


def test_a_cell_without_errors_is_no_separation_in_an_additive_model():
    table = separated_table(rows=300)
    table.loc[table["c"] == "a", "right"] = 1
    table.loc[(table["c"] == "a") & (table["site"] != "0"), "right"] = table["site"].map(
        lambda site: int(site) % 2
    )
    assert not fit(f"right ~ c + site + {CROSSED}", table).separated


def test_separation_along_a_number_is_found():
    table = random_table(rows=120)
    found = fit("right ~ x + (1 | item)", table.assign(right=(table["x"] > 0.1).astype(int)))
    assert found.separated
    assert np.isfinite(found.beta).all()


def test_separation_of_categories_is_found():
    table = random_table()
    is_a, rating = table["c"] == "a", table["rating"]
    table["highest"] = np.where(is_a, 3, rating)
    table["not_lowest"] = np.where(is_a & (rating == 0), 1, rating)
    found = fit("highest ~ c + (1 | person)", table, "ordinal")
    rows = {row.term: row for row in found.coefficients()}
    assert found.separated
    assert rows["cb"].p < 1e-6
    assert -12 < rows["cb"].estimate < -2
    assert rows["0|1"].df is None
    assert not fit("not_lowest ~ c + (1 | person)", table, "ordinal").separated


def test_counts_are_the_answers_they_count():
    table = random_table()
    table["x"] = (table["x"] > 0).astype(float)
    counts = table.groupby(["person", "x"])["right"].agg(["sum", "count"]).reset_index()
    counts = counts.assign(wrong=counts["count"] - counts["sum"], right=counts["sum"])
    single = fit("right ~ x + (1 | person)", table)
    joined = fit("cbind(right, wrong) ~ x + (1 | person)", counts)
    assert joined.beta == pytest.approx(single.beta, abs=1e-6)
    assert joined.theta == pytest.approx(single.theta, abs=1e-6)


def test_coding_changes_coefficients_and_not_the_fit():
    table = random_table()
    treatment = fit(f"right ~ c + {CROSSED}", table)
    by_sum = fit(f"right ~ c + {CROSSED}", table, coding=Coding(sum_coded=["c"]))
    assert by_sum.deviance == pytest.approx(treatment.deviance, abs=1e-7)
    mean = treatment.beta[0] + treatment.beta[1:].sum() / 3
    assert by_sum.beta[0] == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize(
    ("formula", "family"),
    [
        (f"right ~ x + {CROSSED}", "binomial"),
        ("rating ~ x + (1 | person)", "ordinal"),
        (f"log(rt) ~ x + {CROSSED}", "gaussian"),
    ],
)
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_of_a_number_do_not_matter(formula, family, unit):
    table = random_table()
    one = fit(formula, table, family).coefficients()
    other = fit(formula, table.assign(x=unit * table["x"]), family).coefficients()
    for ours, theirs in zip(one, other, strict=True):
        assert theirs.statistic == pytest.approx(ours.statistic, rel=1e-3)
    place = [row.term for row in one].index("x")
    assert unit * other[place].estimate == pytest.approx(one[place].estimate, rel=1e-4)


def test_the_order_of_rows_and_names_of_levels_do_not_matter():
    table = random_table()
    shuffled = table.sample(frac=1, random_state=1).assign(
        person=lambda own: "z" + own["person"], item=lambda own: "q" + own["item"]
    )
    one, other = (fit(f"right ~ x + {CROSSED}", own) for own in (table, shuffled))
    assert other.beta == pytest.approx(one.beta, abs=1e-6)
    assert other.deviance == pytest.approx(one.deviance, abs=1e-8)


def test_booleans_are_answers():
    table = random_table()
    one = fit("right ~ x + (1 | person)", table)
    other = fit("right ~ x + (1 | person)", table.assign(right=table["right"] == 1))
    assert other.beta.tolist() == one.beta.tolist()


def test_groups_that_answer_all_alike_are_told():
    table = pd.DataFrame({"person": np.repeat(np.arange(30), 8).astype(str)})
    table["right"] = (np.repeat(np.arange(30), 8) % 2).astype(int)
    assert "answer nearly all alike" in " ".join(fit("right ~ 1 + (1 | person)", table).warnings)


@pytest.mark.parametrize(
    ("formula", "family", "message"),
    [
        ("x ~ 1 + (1 | person)", "binomial", "Column x holds .*needs 0 and 1"),
        ("c ~ 1 + (1 | person)", "binomial", "Column c holds a, b, c: the family binomial"),
        ("log(rt) ~ 1 + (1 | person)", "binomial", "write the column itself"),
        ("one ~ 1 + (1 | person)", "binomial", "one is 1 in every row"),
        ("one ~ 1 + (1 | person)", "gaussian", "one is 1 in every row"),
        ("c ~ 1 + (1 | person)", "gaussian", "c holds no numbers"),
        ("right ~ x + (1 | person)", "ordinal", "right holds 2 categories; .* 3 or more"),
        ("x ~ 1 + (1 | person)", "ordinal", "300 different values"),
        ("cbind(right, x) ~ 1 + (1 | person)", "binomial", "x must hold counts"),
        ("cbind(right, right) ~ 1 + (1 | person)", "binomial", "Row .* counts nothing"),
        ("cbind(right, one) ~ 1 + (1 | person)", "gaussian", "need the family binomial"),
        ("right ~ 1 + (1 | row)", "binomial", "row has a level of its own for every row"),
        ("x ~ 1 + (1 | row)", "gaussian", "can't be told from the residual"),
        ("x ~ twice + (1 | person)", "gaussian", "without error: nothing is left"),
    ],
)
def test_outcomes_that_can_not_be_fitted_are_told(formula, family, message):
    table = random_table()
    table = table.assign(one=1, row=np.arange(len(table)).astype(str), twice=2 * table["x"] + 1)
    with pytest.raises(FitError, match=message):
        fit(formula, table, family)


def test_groupings_that_need_too_much_memory_are_told(monkeypatch):
    monkeypatch.setattr(problem, "_LARGEST_REST", 10)
    with pytest.raises(FitError, match="beside person have 13 random effects, and more than 10"):
        fit(f"right ~ x + {CROSSED} + (1 | site)", random_table())


def test_an_order_must_name_the_categories():
    with pytest.raises(FitError, match="names low, high, but the column holds 0, 1, 2, 3"):
        fit("rating ~ x + (1 | person)", random_table(), "ordinal", order=["low", "high"])


def test_whole_numbers_keep_their_names_beside_missing_ones():
    table = random_table()
    table.loc[0, ["rating", "site"]] = [np.nan, np.nan]
    found = fit("rating ~ x + (1 | person)", table, "ordinal")
    assert [row.term for row in found.coefficients()] == ["x", "0|1", "1|2", "2|3"]
    assert found.warnings == ("1 of 300 rows lack a value in rating: left out.",)


def test_an_order_turns_the_categories():
    table = random_table()
    one = fit("rating ~ x + (1 | person)", table, "ordinal")
    other = fit("rating ~ x + (1 | person)", table, "ordinal", order=["3", "2", "1", "0"])
    assert other.beta == pytest.approx(-one.beta, abs=1e-4)
    assert other.thresholds == pytest.approx(-one.thresholds[::-1], abs=1e-4)


@pytest.mark.parametrize(
    ("formula", "family", "message"),
    [
        ("right ~ x", "binomial", "has no random part. Add one"),
        ("rating ~ 0 + x + (1 | person)", "ordinal", "thresholds take the intercept's place"),
    ],
)
def test_formulas_that_do_not_suit_are_told(formula, family, message):
    with pytest.raises(FormulaError, match=message):
        fit(formula, random_table(), family)
