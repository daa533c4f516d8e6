"""Excitation Backprop against equation 3, written out over single connections."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from explainers.base import scaled
from explainers.errors import ExplainersError
from explainers.methods.excitation import Excitation
from explainers.methods.winner_take_all import Winners, traced
from explainers.networks import Network, Preprocessing
from explainers.registry import create


def shared_out(probabilities, inputs, weights):
    """Equation 3 for a matrix of weights (outputs, inputs), one connection after the other."""
    shares = torch.zeros_like(inputs)
    for i, row in enumerate(weights.clamp(min=0)):
        total = sum(float(a * w) for a, w in zip(inputs, row, strict=True))
        for j in range(len(inputs)):
            shares[j] += probabilities[i] * inputs[j] * row[j] / total if total > 0 else 0
    return shares


def test_excitation_equals_its_formula_written_out(network, pictures):
    image, module = network.normalise(pictures[:1]), network.module
    with torch.no_grad():
        pooled_before = module[:4](image)
        features = module[4:6](pooled_before)
        means = features.mean((2, 3))[0]
    expected = torch.zeros(16, 16)
    for sign in (1, -1):
        head = sign * module[8].weight[2:3].detach()
        channels = shared_out(torch.ones(1), means, head)
        # The mean shares a channel's probability out by activation.
        totals = features[0].sum((1, 2), keepdim=True)
        by_cell = channels[:, None, None] * features[0] / torch.where(totals > 0, totals, 1)
        expected += sign * by_cell.sum(0)
    found = Excitation(network).attribute(pictures[:1], 2)[0, 0]
    assert torch.allclose(found, scaled(expected.clamp(min=0)), atol=1e-4)


def test_a_convolution_shares_out_like_its_matrix():
    torch.manual_seed(0)
    convolution = nn.Conv2d(2, 3, 3, padding=1, bias=False)
    module = nn.Sequential(nn.ReLU(), convolution, nn.Flatten(), nn.Linear(48, 2))
    winners = Winners(traced(module))
    outputs = winners.run(torch.randn(1, 2, 4, 4).requires_grad_())
    given = winners.maps[0]
    wide = winners.maps[1]
    below, above = torch.autograd.grad(outputs[0, 1], [given, wide])
    units = torch.eye(32).reshape(32, 2, 4, 4)
    matrix = F.conv2d(units, convolution.weight, padding=1).reshape(32, 48).T.detach()
    expected = shared_out(above.flatten(), given.detach().flatten(), matrix)
    assert torch.allclose(below.flatten(), expected, atol=1e-5)


class _Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(3)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(3, 2)

    def forward(self, images):
        before = self.relu(images)
        after = self.norm(self.convolution(before))
        after += before
        return self.head(F.relu(after, inplace=True).mean((2, 3)))


def test_probabilities_are_neither_lost_nor_made_and_the_network_still_answers_the_same():
    torch.manual_seed(0)
    module = _Residual().eval()
    module.norm.running_mean.uniform_(-1, 1)
    module.norm.weight.data.uniform_(-1, 1)
    module.convolution.weight.data.abs_()
    module.norm.weight.data.abs_()
    images = torch.rand(1, 3, 6, 6)
    winners = Winners(traced(copy.deepcopy(module)))
    outputs = winners.run(images.clone().requires_grad_())
    assert torch.allclose(outputs, module(images), atol=1e-5)
    (shares,) = torch.autograd.grad(outputs[0, 0], winners.maps[0])
    assert float(shares.min()) >= 0
    assert float(shares.sum()) == pytest.approx(1, abs=1e-5)


def test_what_has_no_rule_is_refused_before_anything_is_computed(network):
    smooth = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.Flatten(), nn.Linear(3600, 3))
    preprocessing = Preprocessing(32)
    strange = Network(smooth, network.species, preprocessing, "smooth", "1" * 64)
    with pytest.raises(ExplainersError, match="it has SiLU"):
        create("excitation", strange)
    with pytest.raises(ExplainersError, match="have 1, 16, 32"):
        create("excitation:64", network)
    assert create("excitation:32", network).attribute(torch.rand(1, 3, 32, 32)).shape[-1] == 32
