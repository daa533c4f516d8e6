from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.checks import check_protocol
from experiments.payment import Bonus, Payment
from experiments.stopping import StopRule
from tests.unit.experiments.test_checks import demo_manifest, edited_demo


@given(st.integers(0, 500), st.integers(0, 200), st.none() | st.integers(0, 5000))
def test_a_bonus_is_paid_by_the_answer_and_never_beyond_its_limit(each, right, most):
    bonus = Bonus(cents_per_right_answer=each, cents_at_most=most)
    paid = bonus.cents(right)
    assert paid == (sum(each for _ in range(right)) if most is None else min(each * right, most))
    assert bonus.cents(right + 1) >= paid


def test_the_hourly_rate_is_rounded_down():
    assert Payment(currency="GBP", cents=100, minutes=7).cents_per_hour == 857


@pytest.mark.parametrize(
    ("rule", "completed", "today", "is_over"),
    [
        ({"completed": 30}, 29, date(2026, 1, 1), False),
        ({"completed": 30}, 30, date(2026, 1, 1), True),
        ({"last_day": date(2026, 5, 1)}, 0, date(2026, 5, 1), False),
        ({"last_day": date(2026, 5, 1)}, 0, date(2026, 5, 2), True),
        ({"completed": 30, "last_day": date(2026, 5, 1)}, 29, date(2026, 5, 2), True),
        ({"completed": 30, "last_day": date(2026, 5, 1)}, 31, date(2026, 4, 2), True),
    ],
)
def test_whichever_comes_first_ends_recruiting(rule, completed, today, is_over):
    assert StopRule(**rule).has_stopped(completed=completed, today=today) is is_over


def found(tmp_path, old, new):
    findings = check_protocol(edited_demo(tmp_path, old, new), demo_manifest()).findings
    return {(finding.where, finding.code) for finding in findings}


PAID = "seed: 20260101\npayment: {currency: EUR, cents: 250, minutes: 10, bonus: {%s}}"


@pytest.mark.parametrize(
    ("bonus", "expected"),
    [
        ("cents_per_right_answer: 5, cents_at_most: 80", set()),
        (
            "cents_per_right_answer: 5, cents_at_most: 81",
            {("payment.bonus.cents_at_most", "bonus-never-reached")},
        ),
    ],
)
def test_a_bonus_that_can_not_be_earned_is_told(tmp_path, bonus, expected):
    assert found(tmp_path, "seed: 20260101", PAID % bonus) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{completed: 250, last_day: 2026-12-24}", set()),
        ("{}", {("analysis.stop_rule", "stop-rule-empty")}),
        ("{completed: 301}", {("analysis.stop_rule.completed", "stop-rule-beyond-places")}),
    ],
)
def test_a_stop_rule_that_never_stops_is_told(tmp_path, rule, expected):
    new = f"alpha: 0.05\n  stop_rule: {rule}"
    assert found(tmp_path, "alpha: 0.05", new) == expected


def test_a_stop_rule_needs_places_of_the_main_stage(tmp_path):
    path = edited_demo(tmp_path, "{pilot: 300, main: 300}", "{pilot: 300}")
    text = path.read_text().replace("alpha: 0.05", "alpha: 0.05\n  stop_rule: {completed: 3}")
    path.write_text(text)
    codes = {finding.code for finding in check_protocol(path, demo_manifest()).findings}
    assert codes == {"stop-rule-without-main"}


def test_a_currency_is_a_code(tmp_path):
    new = "seed: 20260101\npayment: {currency: Euro, cents: 250, minutes: 10}"
    assert found(tmp_path, "seed: 20260101", new) == {
        ("payment.currency", "shape.string_pattern_mismatch")
    }
