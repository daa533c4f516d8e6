"""Each method's own promise, its frequencies, and that it can't be guessed."""

import random
from collections import Counter
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from experiments.allocation import Allocation
from experiments.allocation.minimisation import Minimisation
from experiments.allocation.slots import arms_of_arrivals, choose_arm, draw_slots
from experiments.allocation.strata import Factor, all_strata, stratum_of
from experiments.allocation.urn import Urn

ARMS = {"none": 1, "placebo": 1, "heatmap": 2}
EVEN = {"a": 1, "b": 1, "c": 1}
FACTORS = [
    Factor(stage="s", item="birds", levels={"novice": ["No"], "watcher": ["Yes"]}),
    Factor(stage="s", item="age", levels={"young": ["<30"], "old": ["30+"]}),
]


def declared(method, size, **named):
    named = {"method": method, "participants": {"main": size}, **named}
    return TypeAdapter(Allocation).validate_python(named)


def drawn(method, weights, size, seed, **named):
    return draw_slots(declared(method, size, **named), weights, "main", seed)


def arms(*arguments, **named):
    return [slot.arm for slot in drawn(*arguments, **named)]


def blocks_of(sizes, *arguments):
    return drawn("permuted_blocks", *arguments, block_sizes=sizes)


def test_draws_do_not_depend_on_the_order_of_a_file():
    quotas = {"novice+young": 3, "novice+old": 6, "watcher+young": 3, "watcher+old": 3}
    both = [
        drawn("latin_rotation", EVEN, 15, 1, factors=FACTORS, quotas={"main": dict(order)})
        for order in (quotas.items(), reversed(quotas.items()))
    ]
    assert both[0] == both[1]


def near(count, expected, total):
    """Within four standard errors."""
    share = expected / total
    return abs(count - expected) < 4 * (total * share * (1 - share)) ** 0.5


@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 60))
def test_every_block_keeps_the_ratio(seed, blocks):
    slots = blocks_of([4, 8], ARMS, 4 * blocks, seed)
    assert [slot.index for slot in slots] == list(range(4 * blocks))
    for block in {slot.block for slot in slots}:
        counts = Counter(slot.arm for slot in slots if slot.block == block)
        assert counts["none"] == counts["placebo"] == counts["heatmap"] / 2


@given(seed=st.integers(0, 2**32))
def test_any_prefix_is_balanced_within_one_block(seed):
    balance = 0
    for slot in blocks_of([2, 4, 6], {"a": 1, "b": 1}, 60, seed):
        balance += 1 if slot.arm == "a" else -1
        assert abs(balance) <= 3


@pytest.mark.parametrize(
    ("method", "named"),
    [
        ("permuted_blocks", {"block_sizes": [4, 8]}),
        ("simple", {}),
        ("latin_rotation", {}),
        ("complete_rotation", {}),
    ],
)
def test_the_same_seed_gives_the_same_sequence_and_another_seed_another(method, named):
    assert arms(method, ARMS, 80, 1, **named) == arms(method, ARMS, 80, 1, **named)
    assert arms(method, ARMS, 80, 1, **named) != arms(method, ARMS, 80, 2, **named)


@pytest.mark.parametrize(
    ("method", "named"),
    [("permuted_blocks", {"block_sizes": [3]}), ("latin_rotation", {}), ("complete_rotation", {})],
)
def test_each_place_of_a_run_is_equally_likely_to_hold_each_arm(method, named):
    at_place = [Counter(), Counter(), Counter()]
    for seed in range(1500):
        for counter, arm in zip(at_place, arms(method, EVEN, 3, seed, **named), strict=True):
            counter[arm] += 1
    assert all(near(counter[arm], 500, 1500) for counter in at_place for arm in EVEN)


def last_of_three(sizes):
    """How often who takes blocks for threes tells their last arm from the two before."""
    right, guesses = 0, 0
    for seed in range(200):
        for first, second, last in runs(
            arms("permuted_blocks", EVEN, 36, seed, block_sizes=sizes), 3
        ):
            if first != second:
                guesses += 1
                right += last not in (first, second)
    return right / guesses


def test_with_two_block_sizes_the_last_arm_of_a_block_can_not_be_told():
    assert last_of_three([3]) == 1
    assert last_of_three([3, 6]) < 0.8


@pytest.mark.parametrize(("sizes", "total"), [([5], 20), ([4], 21)])
def test_sizes_that_break_the_ratio_are_refused(sizes, total):
    with pytest.raises(ValueError, match="multiples of 4"):
        blocks_of(sizes, ARMS, total, 1)


def test_simple_places_follow_the_ratio_and_tell_nothing_of_the_next():
    sequence = arms("simple", {"a": 1, "b": 3}, 8000, 1)
    assert near(sequence.count("a"), 2000, 8000)
    after_a = [following for arm, following in pairwise(sequence) if arm == "a"]
    assert near(after_a.count("a"), len(after_a) / 4, len(after_a))


def runs(sequence, length):
    return [tuple(sequence[start : start + length]) for start in range(0, len(sequence), length)]


@given(seed=st.integers(0, 2**32), size=st.integers(2, 6))
def test_a_latin_rotation_puts_each_arm_once_at_each_place_in_as_many_runs(seed, size):
    weights = dict.fromkeys("abcdef"[:size], 1)
    for square in runs(runs(arms("latin_rotation", weights, 2 * size**2, seed), size), size):
        assert all(len(set(row)) == size for row in square)
        assert all(len(set(column)) == size for column in zip(*square, strict=True))


def test_a_complete_rotation_uses_every_order_once_before_any_again():
    sequence = runs(arms("complete_rotation", EVEN, 36, 5), 3)
    assert sorted(sequence[:6]) == sorted(sequence[6:]) == sorted(permutations(EVEN))
    assert sequence[:6] != sequence[6:]


def test_quotas_give_each_stratum_a_sequence_of_its_own():
    quotas = {"main": {"novice+young": 6, "novice+old": 9, "watcher+young": 3, "watcher+old": 3}}
    slots = drawn(
        "permuted_blocks", EVEN, 21, 1, block_sizes=[3, 6], factors=FACTORS, quotas=quotas
    )
    assert [slot.index for slot in slots] == list(range(21))
    cells = Counter((slot.stratum, slot.arm) for slot in slots)
    assert cells == {(s, arm): n // 3 for s, n in quotas["main"].items() for arm in EVEN}


def arrivals(method, weights, strata, seed):
    """Let people of some strata come one after the other."""
    held = Counter()
    for number, stratum in enumerate(strata):
        arm = choose_arm(
            method,
            weights,
            held=held,
            candidates=list(weights),
            stratum=stratum,
            seed=seed,
            number=number,
        )
        held[arm, stratum] += 1
    return held


def test_an_urn_draws_by_its_balls():
    urn = Urn(participants={"main": 10}, initial_balls=2, added_balls=3)
    weights = {"a": 1, "b": 2}
    # Written out: 2 + 3 * (5 - 4) balls of a, 4 + 3 * (10 - 1) of b.
    held = {("a", ""): 4, ("b", ""): 1}
    got = Counter(
        urn.choose(weights, held, ["a", "b"], "", random.Random(seed)) for seed in range(4000)
    )
    assert near(got["a"], 4000 * 5 / 36, 4000)


def test_an_urn_is_more_balanced_than_chance_and_not_to_be_guessed():
    urn = Urn(participants={"main": 60})
    gaps, firsts = [], Counter()
    for seed in range(300):
        held = arrivals(urn, {"a": 1, "b": 1}, [""] * 60, seed)
        gaps.append(held["a", ""] - held["b", ""])
        firsts[arrivals(urn, {"a": 1, "b": 1}, [""], seed).most_common(1)[0][0][0]] += 1
    # Wei (1978): the variance tends to n / 3 where that of a fair coin is n.
    assert 0.7 * 20 < sum(gap**2 for gap in gaps) / 300 < 1.4 * 20
    assert near(firsts["a"], 150, 300)


def test_an_urn_keeps_the_ratio_of_weights():
    held = arrivals(Urn(participants={"main": 400}), ARMS, [""] * 400, 3)
    assert abs(held["heatmap", ""] - 200) < 25
    assert abs(held["none", ""] - 100) < 25


def test_minimisation_prefers_the_arm_of_least_imbalance():
    method = Minimisation(participants={"main": 90}, factors=FACTORS, preferred_probability=0.8)
    held = {("a", "novice+young"): 2, ("b", "novice+old"): 1, ("c", "watcher+young"): 1}
    # Novices: a 2, b 1, c 0; young: a 2, b 0, c 1. With one more young novice in
    # a: 3-0 + 3-0 = 6; b: 2-0 + 2-1 = 3; c: 2-1 + 2-0 = 3. So b and c share 0.8 and each other's.
    got = Counter(
        method.choose(EVEN, held, list(EVEN), "novice+young", random.Random(seed))
        for seed in range(4000)
    )
    assert near(got["a"], 4000 * 0.1, 4000)
    assert near(got["b"], 4000 * 0.45, 4000)
    assert set(got) == {"a", "b", "c"}


@given(seed=st.integers(0, 2**32))
def test_minimisation_balances_every_level_at_once(seed):
    method = Minimisation(participants={"main": 120}, factors=FACTORS, preferred_probability=0.9)
    strata = random.Random(seed).choices(all_strata(FACTORS), [5, 1, 2, 2], k=120)
    held = arrivals(method, EVEN, strata, seed)
    for place, levels in enumerate((("novice", "watcher"), ("young", "old"))):
        for level in levels:
            counts = [
                sum(n for (arm, s), n in held.items() if arm == a and s.split("+")[place] == level)
                for a in EVEN
            ]
            assert max(counts) - min(counts) <= 8


def test_without_imbalance_minimisation_follows_the_ratio():
    method = Minimisation(participants={"main": 90}, factors=FACTORS)
    got = Counter(
        method.choose(EVEN, {}, list(EVEN), "watcher+old", random.Random(seed))
        for seed in range(3000)
    )
    assert all(near(got[arm], 1000, 3000) for arm in EVEN)


def test_a_stratum_is_named_by_its_levels_in_order():
    assert stratum_of(FACTORS, {("s", "birds"): "Yes", ("s", "age"): "<30"}) == "watcher+young"
    assert all_strata([]) == [""]
    with pytest.raises(ValueError, match="no level"):
        stratum_of(FACTORS, {("s", "birds"): "Yes"})


@pytest.mark.parametrize(
    ("method", "named"),
    [
        ("permuted_blocks", {"block_sizes": [4, 8]}),
        ("simple", {}),
        ("latin_rotation", {}),
        ("complete_rotation", {}),
        ("urn", {}),
        ("minimisation", {"factors": FACTORS}),
    ],
)
def test_as_many_people_get_an_arm_as_come_whatever_the_places(method, named):
    allocation = declared(method, 4, **named)
    got = arms_of_arrivals(allocation, ARMS, 802, seed=1)
    assert len(got) == 802
    assert near(got.count("heatmap"), 401, 802)
    assert got == arms_of_arrivals(allocation, ARMS, 802, seed=1)
    assert got != arms_of_arrivals(allocation, ARMS, 802, seed=2)
    # Mixed, not one arm after the other.
    assert set(got[:12]) == set(ARMS)
