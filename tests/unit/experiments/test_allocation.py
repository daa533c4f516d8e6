from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.allocation import permuted_blocks

ARMS = {"none": 1, "placebo": 1, "heatmap": 2}


@given(seed=st.integers(0, 2**32), blocks=st.integers(1, 60))
def test_every_block_keeps_the_ratio(seed, blocks):
    slots = permuted_blocks(ARMS, [4, 8], 4 * blocks, seed)
    assert [slot.index for slot in slots] == list(range(4 * blocks))
    for block in {slot.block for slot in slots}:
        counts = Counter(slot.arm for slot in slots if slot.block == block)
        assert counts["none"] == counts["placebo"] == counts["heatmap"] / 2


@given(seed=st.integers(0, 2**32))
def test_any_prefix_is_balanced_within_one_block(seed):
    slots = permuted_blocks({"a": 1, "b": 1}, [2, 4, 6], 60, seed)
    balance = 0
    for slot in slots:
        balance += 1 if slot.arm == "a" else -1
        assert abs(balance) <= 3


def test_the_same_seed_gives_the_same_sequence_and_another_seed_another():
    assert permuted_blocks(ARMS, [4, 8], 80, 1) == permuted_blocks(ARMS, [4, 8], 80, 1)
    assert permuted_blocks(ARMS, [4, 8], 80, 1) != permuted_blocks(ARMS, [4, 8], 80, 2)


def test_each_position_of_a_block_is_equally_likely_to_hold_each_arm():
    firsts = Counter(permuted_blocks({"a": 1, "b": 1}, [2], 2, seed)[0].arm for seed in range(4000))
    assert abs(firsts["a"] - 2000) < 4 * (4000 * 0.25) ** 0.5


@pytest.mark.parametrize(("sizes", "total"), [([5], 20), ([4], 21)])
def test_sizes_that_break_the_ratio_are_refused(sizes, total):
    with pytest.raises(ValueError, match="multiples of 4"):
        permuted_blocks(ARMS, sizes, total, 1)
