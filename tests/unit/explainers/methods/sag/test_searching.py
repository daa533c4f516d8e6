"""Beam, combinations and minimality against exhaustion on a grid of 3 by 3 patches."""

from dataclasses import replace

import pytest
import torch

from explainers.asking import Probability, Told
from explainers.evaluator import Evaluator
from explainers.masking import MaskedPicture
from explainers.methods.sag.beam import beam_search
from explainers.methods.sag.choosing import choose_roots
from explainers.methods.sag.combinatorial import combinatorial_search
from explainers.methods.sag.confidence import ALL as EVERY
from explainers.methods.sag.confidence import Confidence
from explainers.methods.sag.minimality import reduced, smallest_sufficient
from explainers.methods.sag.patch_sets import leave_one_out, masks_of, patches_of
from explainers.methods.sag.settings import SagSettings
from explainers.perturbation import in_squares
from tests.unit.explainers.methods.sag.driving import (
    ALL,
    CELLS,
    Asked,
    bits,
    minimal_sets,
    monotone,
    random_scores,
)

WHOLE = SagSettings(width=ALL, successors=CELLS**2, most_roots=ALL, explored=1.0, relevant=CELLS**2)
NARROW = SagSettings(width=2, successors=4, most_roots=ALL, explored=1.0)
RANKED = [4, 0, 8, 2, 6, 1, 3, 5, 7]
TERMS = [
    *([bits(0)], [bits(1, 2), bits(2, 3), bits(5, 6, 7)]),
    *([bits(0, 1, 2, 3, 4)], [bits(4), bits(0, 8), bits(1, 3, 5, 7)]),
]
SCORES = [*(monotone(*terms) for terms in TERMS), *(random_scores(seed) for seed in range(6))]


@pytest.mark.parametrize("score", SCORES)
def test_a_beam_as_wide_as_can_be_finds_every_minimal_set(score):
    asked = Asked(score)
    found = asked.end_of(beam_search(asked.confidence, RANKED, WHOLE))
    assert set(found) == minimal_sets(score, 0.9)
    assert len(asked.sets) == len(set(asked.sets))


@pytest.mark.parametrize("score", SCORES)
def test_combinations_find_every_minimal_set_but_the_whole_picture(score):
    asked = Asked(score)
    found = asked.end_of(combinatorial_search(asked.confidence, RANKED, WHOLE))
    assert set(found) == minimal_sets(score, 0.9) - {ALL - 1}


@pytest.mark.parametrize("score", SCORES)
def test_a_narrow_beam_asks_for_few_sets_once_and_finds_reduced_ones(score):
    asked = Asked(score)
    found = asked.end_of(beam_search(asked.confidence, RANKED, NARROW))
    assert found
    assert len(asked.sets) == len(set(asked.sets))
    for one in found:
        assert score(one) >= 0.9
        assert all(score(less) < 0.9 for less in leave_one_out(one))


def test_a_state_of_the_beam_is_kept_once_and_ties_go_to_the_lower_number():
    # No set but the whole suffices, and all are alike: the beam must live off its numbers.
    asked = Asked(lambda shown: 1.0 if shown == ALL - 1 else 0.5)
    found = asked.end_of(beam_search(asked.confidence, range(9), replace(NARROW, width=3)))
    assert found == [ALL - 1]
    by_size = {}
    for one in asked.sets:
        by_size.setdefault(one.bit_count(), []).append(one)
    assert by_size[1] == [bits(0), bits(1), bits(2)]
    pairs = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4)]
    assert by_size[2] == [bits(*pair) for pair in pairs]
    # {0, 1}, {0, 2} and {1, 2} have the lowest numbers.
    triples = [(0, 1, 2), (0, 1, 3), (0, 1, 4), (0, 1, 5), (0, 2, 3), (0, 2, 4), (0, 2, 5)]
    assert by_size[3] == [bits(*triple) for triple in [*triples, (1, 2, 3), (1, 2, 4), (1, 2, 5)]]


def test_once_a_set_is_found_larger_ones_are_not_looked_for():
    settings = replace(NARROW, explored=3 / 9)
    asked = Asked(monotone(bits(4, 0), bits(1, 2, 3, 5, 6, 7, 8)))
    assert asked.end_of(beam_search(asked.confidence, RANKED, settings)) == [bits(0, 4)]
    assert max(one.bit_count() for one in asked.sets) == 3
    asked = Asked(monotone(bits(1, 2, 3, 5, 6, 7, 8)))
    assert asked.end_of(beam_search(asked.confidence, RANKED, settings))


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_sufficient_subset_is_found_where_single_removals_see_none(seed):
    score = random_scores(seed)
    asked = Asked(score)
    found = asked.end_of(smallest_sufficient(asked.confidence, ALL - 1, 0.9))
    minimal = minimal_sets(score, 0.9)
    sizes = {one.bit_count() for one in minimal}
    assert found in minimal
    assert found.bit_count() == min(sizes)


def test_reduction_stops_where_every_removal_fails_and_roots_are_proven_further():
    # {0} suffices, {0, 1} and {0, 2} don't, {0, 1, 2} does again.
    score = {bits(0): 0.95, bits(0, 1, 2): 1.0}
    asked = Asked(lambda shown: score.get(shown, 0.3))
    assert asked.end_of(reduced(asked.confidence, [bits(0, 1, 2)], 0.9)) == [bits(0, 1, 2)]
    roots = asked.end_of(choose_roots(asked.confidence, [bits(0, 1, 2)], (), SagSettings()))
    assert roots.chosen == [bits(0)]
    assert list(roots.probabilities) == [bits(0)]
    assert roots.proven == {bits(0)}


def test_roots_with_too_many_subsets_are_not_called_proven():
    large = bits(*range(11))
    asked = Asked(lambda shown: 1.0 if shown & large == large else 0.2, cells=4)
    roots = asked.end_of(choose_roots(asked.confidence, [large], (), SagSettings()))
    assert roots.chosen == [large]
    assert not roots.proven


@pytest.mark.parametrize("seed", range(6))
def test_roots_are_right_though_the_fast_copy_errs(seed):
    score, other = random_scores(seed), random_scores(seed + 100)
    wrong = Asked(score, fast=lambda shown: 0.7 * score(shown) + 0.3 * other(shown))
    found = wrong.end_of(beam_search(wrong.confidence, RANKED, NARROW))
    roots = wrong.end_of(choose_roots(wrong.confidence, found, (), SagSettings()))
    assert roots.chosen
    for one in roots.chosen:
        assert score(one) >= 0.9
        assert all(score(less) < 0.9 for less in leave_one_out(one))


def test_a_fast_copy_that_sees_nothing_suffice_leaves_the_whole_picture():
    blind = Asked(monotone(bits(1, 2)), fast=lambda shown: 0.0)
    found = blind.end_of(beam_search(blind.confidence, RANKED, NARROW))
    assert found == [ALL - 1]
    roots = blind.end_of(choose_roots(blind.confidence, found, (), SagSettings()))
    assert roots.chosen == [bits(1, 2)]


@pytest.mark.parametrize("target", [0, 2])
def test_on_a_network_the_wide_beam_finds_what_exhaustion_finds(target, network, pictures):
    evaluator = Evaluator(network, device="cpu")
    image = pictures[0]
    masks = in_squares(masks_of(range(ALL), CELLS), image.shape[-1])
    exact = evaluator.probabilities(image * masks)[:, target].tolist()
    assert exact[0] < 0.9 * exact[-1]
    picture = MaskedPicture(image, Probability(target), image * 0, in_squares)
    confidence = Confidence(picture, CELLS, exact[-1], fast=False)
    found = answered(evaluator, beam_search(confidence, RANKED, WHOLE))
    assert set(found) == minimal_sets(lambda shown: exact[shown] / exact[-1], 0.9)
    assert picture.distinct < ALL


def answered(evaluator, asking):
    answer = None
    while True:
        try:
            ask = asking.send(answer)
        except StopIteration as end:
            return end.value
        (answer,) = evaluator.answer([ask])


@pytest.mark.parametrize(
    ("clean", "fast", "exact"),
    [
        # A likely species, and others that the network hardly believes in.
        (0.8, [0.7, 0.401, 0.355, 0.352], [0.7, 0.399, 0.4001]),
        (0.08, [0.07, 0.0401, 0.0333, 0.0328], [0.07, 0.0399, 0.04001]),
        (0.0008, [0.0007, 0.000401, 0.00033, 0.00032], [0.0007, 0.000399, 0.0004001]),
    ],
)
def test_what_reaches_a_threshold_or_nearly_is_asked_about_again_exactly(
    network, pictures, clean, fast, exact
):
    image = pictures[0]
    picture = MaskedPicture(image, Probability(2), image * 0, in_squares)
    confidence = Confidence(picture, CELLS, clean, fast=True)
    search = confidence.reaching([1, 2, 3, 4], 0.5)
    first = next(search)
    assert (len(first.pictures), first.exact) == (4, False)
    second = search.send(Told(torch.tensor(fast)))
    assert (len(second.pictures), second.exact) == (3, True)
    with pytest.raises(StopIteration) as end:
        search.send(Told(torch.tensor(exact)))
    assert end.value.value == [1, 3]


@pytest.mark.parametrize("clean", [1.0, 1e-6, 0.0])
def test_where_all_is_in_doubt_everything_is_asked_about_exactly(network, pictures, clean):
    picture = MaskedPicture(pictures[0], Probability(2), pictures[0] * 0, in_squares)
    search = Confidence(picture, CELLS, clean, fast=True).reaching([1, 2], 1.0, EVERY)
    next(search)
    assert len(search.send(Told(torch.zeros(2))).pictures) == 2


def test_sets_are_numbers():
    assert patches_of(bits(3, 0, 47)) == [0, 3, 47]
    assert leave_one_out(bits(1, 4)) == [bits(4), bits(1)]
    assert masks_of([bits(0, 5)], 3)[0, 0].tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
