"""The measures against their definitions, counted by hand."""

import numpy as np
import pytest
import torch

from explainers.methods.xnn.activations import Activations
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.metrics import (
    area_of_half,
    mean_correlation,
    measure,
    reconstructed_share,
    spread_over_parts,
)
from tests.unit.explainers.methods.xnn.tiny import SETTINGS


class _Says:
    """An autoencoder that predicts what it is told to."""

    def __init__(self, predicted, contributions):
        self._predicted, self._contributions = predicted, contributions

    def eval(self):
        return self

    def __call__(self, features):
        return torch.zeros(len(features), 2), features, self._predicted

    def contributions(self, _):
        return self._contributions


def test_agreement_swaps_the_logit_of_one_species_only():
    logits = torch.tensor([[3.0, 1.0], [0.0, 2.0], [5.0, 4.0], [1.0, 2.0]])
    predicted = torch.tensor([0.5, 0.0, 6.0, 1.0])
    contributions = torch.tensor([[9.5, 0.5], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    held_out = Activations(torch.rand(4, 3), logits, torch.tensor([0, 1, 0, 1]))
    found = measure(_Says(predicted, contributions), held_out, 0)
    # Only the first picture changes its answer, from its own species to the other.
    assert found.agreement == 0.75
    assert (found.network_accuracy, found.xnn_accuracy) == (1.0, 0.5)
    assert found.rmse == pytest.approx(((2.5**2 + 1) / 4) ** 0.5)
    assert found.significant == 1.5
    assert found.pictures == 4


def test_measures_of_a_real_autoencoder_are_in_range():
    features = torch.rand(9, 5)
    held_out = Activations(features, torch.rand(9, 2), torch.arange(9) % 2)
    found = measure(SparseAutoencoder(5, SETTINGS, rectified=True), held_out, 1)
    for value in (found.agreement, found.reconstructed, found.correlation):
        assert 0 <= value <= 1


def test_a_feature_is_rebuilt_when_half_of_its_variance_is_explained():
    features = torch.tensor([[0.0, 0.0, 5.0], [2.0, 2.0, 5.0]])
    # Variances 1, 1 and 0; errors 0.49, 0.64; the constant feature does not count.
    back = torch.tensor([[0.7, 0.8, 0.0], [1.3, 1.2, 0.0]])
    assert reconstructed_share(back, features) == 0.5


def test_correlation_leaves_out_what_never_varies():
    rising = torch.arange(5.0)
    columns = torch.stack([rising, -2 * rising, torch.zeros(5)], 1)
    assert mean_correlation(columns) == pytest.approx(1)
    assert mean_correlation(columns[:, 1:]) == 0
    apart = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert mean_correlation(apart) == pytest.approx(0)


def test_the_area_of_half_the_heat_counts_the_hottest_cells():
    spot = torch.zeros(10, 10)
    spot[3, 4] = 1
    assert area_of_half(spot) == 0.01
    assert area_of_half(torch.ones(10, 10)) == 0.5
    assert area_of_half(torch.zeros(10, 10)) == 0.5


def test_heat_on_one_part_is_not_spread_and_equal_heat_is():
    left = np.zeros((4, 4), dtype=bool)
    left[:, :2] = True
    parts = {"bill": left, "wing": ~left}
    assert spread_over_parts(left.astype(float), parts) == 0
    assert spread_over_parts(np.ones((4, 4)), parts) == pytest.approx(1)
    assert spread_over_parts(np.zeros((4, 4)), parts) is None
    assert spread_over_parts(np.ones((4, 4)), {"bill": left}) is None
