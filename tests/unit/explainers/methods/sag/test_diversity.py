"""The choice of roots and the largest families against slow versions of themselves."""

import random
from itertools import combinations

import pytest

from explainers.methods.sag.diversity import MOST_SEARCHED, choose_diverse, largest_family
from tests.unit.explainers.methods.sag.driving import bits


def overlap(one, other):
    return len(set(bin_patches(one)) & set(bin_patches(other)))


def bin_patches(number):
    return [place for place, digit in enumerate(reversed(bin(number)[2:])) if digit == "1"]


def random_sets(seed, count):
    generator = random.Random(seed)
    drawn = {bits(*generator.sample(range(9), generator.randint(1, 4))) for _ in range(count)}
    return {one: generator.choice([0.9, 0.92, 0.95]) for one in drawn}


def chosen_slowly(sets, count, most):
    chosen = []
    while len(chosen) < count:
        fitting = []
        for one in sets:
            worst = max((overlap(one, other) for other in chosen), default=0)
            if one not in chosen and worst <= most:
                fitting.append((worst, len(bin_patches(one)), -sets[one], one))
        if not fitting:
            break
        chosen.append(min(fitting)[-1])
    return chosen


@pytest.mark.parametrize("most", [0, 1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_roots_are_chosen_by_the_greedy_rule(seed, most):
    sets = random_sets(seed, 12)
    assert choose_diverse(sets, 3, most) == chosen_slowly(sets, 3, most)


def test_the_smallest_set_comes_first_then_the_most_probable_then_the_lowest_number():
    sets = {bits(0, 1): 0.99, bits(5): 0.91, bits(4): 0.91, bits(3): 0.95}
    assert choose_diverse(sets, 4, 1) == [bits(3), bits(4), bits(5), bits(0, 1)]


def test_fewer_are_chosen_where_the_rest_shares_too_much():
    sets = {bits(0, 1, 2): 0.95, bits(0, 1, 3): 0.94, bits(2, 4, 5): 0.93}
    assert choose_diverse(sets, 3, 1) == [bits(0, 1, 2), bits(2, 4, 5)]
    assert choose_diverse(sets, 3, 0) == [bits(0, 1, 2)]


@pytest.mark.parametrize("most", [0, 1])
@pytest.mark.parametrize("seed", range(8))
def test_the_largest_family_is_that_of_exhaustion(seed, most):
    sets = list(random_sets(seed, 11))
    sizes = [
        size
        for size in range(len(sets) + 1)
        for family in combinations(sets, size)
        if all(overlap(*pair) <= most for pair in combinations(family, 2))
    ]
    assert largest_family(sets, most) == max(sizes)


def test_of_very_many_sets_a_family_is_found_greedily():
    sets = [bits(number, number + 1) for number in range(MOST_SEARCHED + 6)]
    assert largest_family(sets, 0) == len(sets) // 2
