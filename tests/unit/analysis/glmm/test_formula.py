"""Formulas: what they mean, and how mistakes are told."""

import pytest

from analysis.errors import FormulaError
from analysis.glmm.formula import RandomPart, parse_formula


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("y ~ 1", [()]),
        ("y ~ a + b", [(), ("a",), ("b",)]),
        ("y ~ 0 + a", [("a",)]),
        ("y ~ a - 1", [("a",)]),
        ("y ~ -1 + a", [("a",)]),
        ("y ~ a*b", [(), ("a",), ("b",), ("a", "b")]),
        ("y ~ a:b + a", [(), ("a",), ("a", "b")]),
        ("y ~ a/b", [(), ("a",), ("a", "b")]),
        ("y ~ a*b*c - a:b:c", [(), ("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")]),
        ("y ~ (a + b):c", [(), ("a", "c"), ("b", "c")]),
        ("y ~ a*(b + log(c))", [(), ("a",), ("b",), ("log(c)",), ("a", "b"), ("a", "log(c)")]),
        ("y ~ a:b + b:a", [(), ("a", "b")]),
        ("y ~ `my column`", [(), ("my column",)]),
    ],
)
def test_fixed_terms(text, terms):
    assert list(parse_formula(text).terms) == terms


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("(1|p)", [RandomPart(((),), ("p",), True)]),
        ("(x|p)", [RandomPart(((), ("x",)), ("p",), True)]),
        ("(0 + x || p)", [RandomPart((("x",),), ("p",), False)]),
        ("(1|a/b)", [RandomPart(((),), ("a",), True), RandomPart(((),), ("a", "b"), True)]),
        ("(1|a:b)", [RandomPart(((),), ("a", "b"), True)]),
        (
            "(1 + x || i) + (1|p)",
            [RandomPart(((), ("x",)), ("i",), False), RandomPart(((),), ("p",), True)],
        ),
    ],
)
def test_random_parts(text, parts):
    assert list(parse_formula(f"y ~ 1 + {text}").random) == parts


def test_counts_are_two_columns():
    assert parse_formula("cbind(right, wrong) ~ 1").outcome == ("right", "wrong")


@pytest.mark.parametrize(
    "text",
    [
        "y ~ 1 + a + a:b + (1 + a || p) + (1 | p:q)",
        "cbind(s, f) ~ 0 + a + (0 + x | g)",
        "log(rt) ~ 1 + (1 | p)",
        "`my y` ~ 1 + log(`my x`) + (1 | p:`my g`)",
    ],
)
def test_a_formula_is_written_as_it_is_read(text):
    assert str(parse_formula(text)) == text
    assert parse_formula(str(parse_formula(text))) == parse_formula(text)


def test_a_term_is_left_out():
    formula = parse_formula("y ~ a*b + (1|p)")
    assert str(formula.without(("b", "a"))) == "y ~ 1 + a + b + (1 | p)"
    with pytest.raises(FormulaError, match="has no term c"):
        formula.without(("c",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at its end: an outcome is missing"),
        ("y", "'~' is missing after the outcome"),
        ("y ~", "at its end: a term is missing"),
        ("y ~ a b", "at “b”: the formula should end here; is a '\\+' missing"),
        ("y ~ a + ", "at its end: a term is missing"),
        ("y ~ (1|)", "at “\\)”: a grouping column is missing"),
        ("y ~ (1|p", "at its end: '\\)' is missing to close the random part"),
        ("y ~ (a + b", "'\\)' is missing to close the parenthesis"),
        ("y ~ (0|p)", "nothing varies in a random part without terms"),
        ("y ~ a - (1|p)", "a random part can't be subtracted"),
        ("y ~ poly(a)", "at “poly\\(a\\)”: poly\\(…\\) is not offered"),
        ("y ~ a ^ 2", "at “\\^ 2”: '\\^' has no meaning"),
        ("y ~ 2", "at “2”: a term is missing"),
        ("y ~ 1:a", "multiply nothing"),
        ("y ~ a:(1 + b)", "0 and 1 belong outside of products"),
        ("y ~ y", "y is the outcome and can't predict itself"),
        ("log(y) ~ y", "can't predict itself"),
        ("cbind(a) ~ 1", "',' is missing between the columns"),
        ("y ~ ((1|p))", "0 and 1 belong outside of products"),
    ],
)
def test_mistakes_are_told_with_their_place(text, message):
    with pytest.raises(FormulaError, match=message):
        parse_formula(text)
