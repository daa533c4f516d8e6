"""The losses against loops, one number after the other."""

import math

import pytest
import torch

from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.losses import faithfulness, pull_away, sparse_reconstruction
from tests.unit.explainers.methods.xnn.tiny import SETTINGS


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_faithfulness_is_the_mean_squared_error_of_each_picture_s_own_logit():
    predicted, logits = rand(7), rand(7, seed=1)
    expected = sum((float(p) - float(y)) ** 2 for p, y in zip(predicted, logits, strict=True)) / 7
    assert float(faithfulness(predicted, logits)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("shape", [(7, 1), (7, 1, 1), (1, 7)])
def test_shapes_that_would_be_broadcast_are_refused(shape):
    with pytest.raises(ValueError, match="predictions"):
        faithfulness(rand(7), rand(7).view(shape))


def test_predictions_have_the_shape_of_the_logits():
    x_features, reconstructed, predicted = SparseAutoencoder(9, SETTINGS, rectified=True)(
        rand(7, 9)
    )
    assert (x_features.shape, reconstructed.shape, predicted.shape) == ((7, 3), (7, 9), (7,))


def test_sparse_reconstruction_equals_its_formula():
    given, back = rand(6, 4), rand(6, 4, seed=1)
    expected = 0.0
    for k in range(4):
        error = sum((float(back[i, k]) - float(given[i, k])) ** 2 for i in range(6)) / 6
        expected += math.log(1 + 100 * error) / 4
    assert float(sparse_reconstruction(back, given, 100)) == pytest.approx(expected, rel=1e-6)


def test_giving_up_on_one_feature_is_cheaper_than_a_little_error_in_all():
    given = torch.zeros(5, 4)
    one = torch.zeros(5, 4)
    one[:, 0] = 1.0
    spread = torch.full((5, 4), 0.5)
    assert float(one.square().mean()) == float(spread.square().mean())
    assert sparse_reconstruction(one, given, 100) < sparse_reconstruction(spread, given, 100)


def test_pull_away_equals_its_formula():
    contributions = rand(6, 3) - 0.3
    columns = [[float(value) for value in column] for column in contributions.T]
    expected = 0.0
    for one in range(3):
        for other in range(3):
            if one != other:
                product = sum(a * b for a, b in zip(columns[one], columns[other], strict=True))
                norms = math.hypot(*columns[one]) * math.hypot(*columns[other])
                expected += (product / norms) ** 2 / (3 * 2)
    assert float(pull_away(contributions)) == pytest.approx(expected, rel=1e-5)


def test_an_x_feature_that_is_silent_in_a_batch_has_a_finite_slope():
    contributions = rand(6, 3)
    contributions[:, 1] = 0
    contributions.requires_grad_()
    (slope,) = torch.autograd.grad(pull_away(contributions), contributions)
    assert slope.isfinite().all()
