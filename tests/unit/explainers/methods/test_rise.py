"""RISE against equation 6, written out."""

import pytest
import torch

from explainers.asking import Ask
from explainers.base import Case, scaled
from explainers.errors import ExplainersError
from explainers.methods.rise import Rise, RiseSettings, random_masks
from explainers.registry import create


def test_rise_is_the_sum_of_masks_weighted_by_what_they_leave(network, pictures):
    settings, image = RiseSettings(masks=37, grid=4), pictures[0]
    search = Rise(network, settings=settings).search(
        Case(image, 1, 0.5, torch.Generator().manual_seed(3))
    )
    masks = torch.cat(list(random_masks(settings, 32, torch.Generator().manual_seed(3))))
    mean = torch.tensor(network.preprocessing.mean)[:, None, None]
    expected, answer = torch.zeros(32, 32), None
    for mask in masks:
        shown = image * mask + mean * (1 - mask)
        left = network.module(network.normalise(shown[None])).softmax(1)[0, 1].detach()
        expected += left * mask[0] / (37 * 0.5)
    asked = 0
    while True:
        try:
            ask = search.send(answer)
        except StopIteration as end:
            found = end.value
            break
        assert isinstance(ask, Ask)
        asked += len(ask.pictures)
        with torch.no_grad():
            logits = network.module(network.normalise(ask.pictures))
        answer = type("Told", (), {"scores": logits.softmax(1)[:, 1]})
    assert asked == found.distinct == 37
    assert torch.allclose(found.map, scaled(expected), atol=1e-4)


def test_masks_are_smooth_shifted_and_half_of_them_shown():
    settings = RiseSettings(masks=400, grid=7)
    masks = torch.cat(list(random_masks(settings, 32, torch.Generator().manual_seed(0))))
    assert masks.shape == (400, 1, 32, 32)
    assert 0 <= float(masks.min()) <= float(masks.max()) <= 1
    assert float(masks.mean()) == pytest.approx(0.5, abs=0.02)
    steps = masks.diff(dim=-1).abs().amax()
    assert float(steps) <= 1 / 5 + 1e-6  # a cell is five pixels wide


def test_a_grid_finer_than_the_picture_is_refused(network):
    assert create("rise:14", network).settings.grid == 14
    with pytest.raises(ExplainersError, match="use 1 to 32 cells"):
        create("rise:33", network)
