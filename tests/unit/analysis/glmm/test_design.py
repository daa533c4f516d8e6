"""Design matrices, and what is said of tables that can't be fitted."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import FitError
from analysis.glmm.coding import Coding
from analysis.glmm.design import build_design
from analysis.glmm.formula import parse_formula

TABLE = pd.DataFrame(
    {
        "y": [0, 1, 1, 0, 1, 0],
        "arm": ["none", "heat", "none", "heat", "graph", "graph"],
        "phase": ["late", "early"] * 3,
        "age": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "p": list("aabbcc"),
        "i": list("xyzxyz"),
        "day": [1, 2, 3, 1, 2, 3],
    }
)


def design(formula, table=TABLE, **coding):
    return build_design(parse_formula(f"y ~ {formula}"), table, Coding(**coding))


def test_treatment_coding_against_the_stated_reference():
    built = design("arm + age", reference={"arm": "none"})
    assert built.names == ("(Intercept)", "armgraph", "armheat", "age")
    assert built.fixed[:, 1].tolist() == [0, 0, 0, 0, 1, 1]
    assert built.fixed[:, 2].tolist() == [0, 1, 0, 1, 0, 0]


def test_sum_coding_has_minus_one_in_the_reference():
    built = design("arm", reference={"arm": "none"}, sum_coded=["arm"])
    assert built.names == ("(Intercept)", "armgraph", "armheat")
    assert built.fixed[:, 1].tolist() == [-1, 0, -1, 0, 1, 1]


def test_numbers_can_be_names():
    assert design("day").names == ("(Intercept)", "day")
    assert design("day", factors=["day"]).names == ("(Intercept)", "day2", "day3")


def test_interactions_run_fastest_in_their_first_variable():
    table = pd.concat([TABLE, TABLE.assign(phase=TABLE["phase"].to_numpy()[::-1])])
    assert design("arm*phase", table).names[4:] == (
        "armheat:phaselate",
        "armnone:phaselate",
    )


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("0 + arm", ["armgraph", "armheat", "armnone"]),
        ("0 + arm + phase", ["armgraph", "armheat", "armnone", "phaselate"]),
        ("age + age:phase", ["(Intercept)", "age", "age:phaselate"]),
        ("age:phase", ["(Intercept)", "age:phaseearly", "age:phaselate"]),
        ("log(age)", ["(Intercept)", "log(age)"]),
    ],
)
def test_margins_that_are_missing_give_a_column_for_every_level(formula, names):
    assert list(design(formula).names) == names


def test_dependent_columns_are_left_out_and_told():
    built = design("age + arm + twice", TABLE.assign(twice=2 * TABLE["age"] + 1))
    assert "twice" not in built.names
    assert built.warnings == (
        "Left out of the fixed terms, because other columns determine them: twice.",
    )
    assert built.fixed_at(built.variables, 6).shape == built.fixed.shape


def test_rows_with_missing_values_are_left_out_and_counted():
    built = design("age", TABLE.assign(age=[1.0, np.nan, 3, 4, 5, 6], other=np.nan))
    assert built.rows == 5
    assert built.warnings == ("1 of 6 rows lack a value in age: left out.",)


def test_parts_of_one_grouping_are_joined():
    (own,) = design("1 + (1|p) + (0 + age|p)").groupings
    assert (own.names, own.blocks) == (("(Intercept)", "age"), (1, 1))
    (own,) = design("1 + (1 + age + arm || p)").groupings
    assert own.blocks == (1, 1, 1, 1)


def test_nested_groups_are_combinations():
    inner, outer = design("1 + (1|p/day)").groupings
    assert (outer.name, inner.name) == ("p", "p:day")
    assert inner.levels == ("a:1", "a:2", "b:1", "b:3", "c:2", "c:3")


def test_a_slope_that_never_changes_within_its_groups_is_told():
    table = TABLE.assign(arm=["none", "none", "heat", "heat", "none", "none"])
    (told,) = design("arm + (1 + arm|p) + (1 + arm|i)", table).warnings
    assert told.startswith("armnone never changes within a level of p,")


@pytest.mark.parametrize(
    ("formula", "coding", "message"),
    [
        ("size", {}, "no column size. It has y, arm, phase, age, p, i, day"),
        ("1 + (1|who)", {}, "no column who"),
        ("age", {"reference": {"gone": "x"}}, "no column gone"),
        ("arm", {"reference": {"arm": "nobody"}}, "no level 'nobody'.*graph, heat, none"),
        ("age", {"reference": {"age": "1"}}, "age holds numbers and can't be coded with a ref"),
        ("age", {"sum_coded": ["age"]}, "age holds numbers and can't be coded with a sum"),
        ("log(arm)", {}, "arm holds no numbers"),
        ("log(zero)", {}, "zero holds 0: log\\(zero\\) needs positive numbers"),
        ("same", {}, "same has one level only \\(k\\)"),
        ("1 + (1|same)", {}, "Grouping same has one level only"),
        ("1 + (1|p) + (age|p)", {}, "p has two random effects of \\(Intercept\\)"),
    ],
)
def test_what_can_not_be_fitted_is_told(formula, coding, message):
    with pytest.raises(FitError, match=message):
        design(formula, TABLE.assign(same="k", zero=0.0), **coding)


def test_empty_tables_are_told():
    with pytest.raises(FitError, match="has no rows"):
        design("age", TABLE.iloc[:0])
    with pytest.raises(FitError, match="Every row lacks a value in age"):
        design("age", TABLE.assign(age=np.nan))
