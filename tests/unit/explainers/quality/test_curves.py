import dataclasses
import itertools

import numpy as np
import pytest
import torch
from torch import nn

from explainers.evaluator import Evaluator
from explainers.networks import Network, Preprocessing
from explainers.perturbation import blurred
from explainers.quality.curves import Curves, area_under, cell_counts, measure_curves
from explainers.quality.folder_curves import at_resolution

SIDE = 8


class Brightness(nn.Module):
    """Says species 0 with the picture's mean brightness as its probability."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(1))

    def forward(self, images):
        mean = (images * self.one).mean((1, 2, 3))
        return torch.stack([mean, 1 - mean], 1).log()


@pytest.fixture
def brightness() -> Network:
    return Network(
        module=Brightness(),
        species=("bright", "dark"),
        preprocessing=Preprocessing(size=SIDE, mean=(0.0,) * 3, std=(1.0,) * 3),
        architecture="brightness",
        digest="0" * 64,
    )


def between_cells(mask: np.ndarray) -> np.ndarray:
    """Enlarge a mask by hand: linear between cells whose outer ones lie on the picture's edge."""
    places = np.linspace(0, mask.shape[0] - 1, SIDE)
    large = np.zeros((SIDE, SIDE))
    for row, down in enumerate(places):
        for column, across in enumerate(places):
            top, left = min(int(down), len(mask) - 2), min(int(across), len(mask) - 2)
            y, x = down - top, across - left
            large[row, column] = (
                mask[top, left] * (1 - y) * (1 - x)
                + mask[top, left + 1] * (1 - y) * x
                + mask[top + 1, left] * y * (1 - x)
                + mask[top + 1, left + 1] * y * x
            )
    return large


def test_curves_are_those_computed_by_hand_with_both_end_points(brightness):
    generator = torch.Generator().manual_seed(2)
    image = torch.rand(3, SIDE, SIDE, generator=generator)
    heat = torch.tensor([[0.1, 0.9, 0.2], [0.8, 0.8, 0.0], [0.3, 0.7, 0.4]])
    by_heat = [1, 3, 4, 7, 8, 6, 2, 0, 5]  # of equals, the first in reading order first
    clear, hidden = image.numpy(), blurred(image).numpy()
    deletion, insertion = [], []
    for count in range(10):
        taken = np.zeros(9)
        taken[by_heat[:count]] = 1
        large = between_cells(taken.reshape(3, 3))
        deletion.append((clear * (1 - large) + hidden * large).mean())
        insertion.append((clear * large + hidden * (1 - large)).mean())
    curves = measure_curves(Evaluator(brightness, device="cpu"), image, heat, 0)
    assert curves.shares == pytest.approx(np.arange(10) / 9)
    assert curves.deletion == pytest.approx(deletion, abs=1e-6)
    assert curves.insertion == pytest.approx(insertion, abs=1e-6)
    assert curves.deletion[0] == curves.insertion[-1] == pytest.approx(clear.mean(), abs=1e-6)
    assert curves.deletion[-1] == curves.insertion[0] == pytest.approx(hidden.mean(), abs=1e-6)
    steps = [(left + right) / 18 for left, right in itertools.pairwise(deletion)]
    assert curves.deletion_area == pytest.approx(sum(steps), abs=1e-6)


def test_areas_and_their_product_by_hand():
    curves = Curves((0.0, 0.25, 1.0), deletion=(1.0, 0.2, 0.0), insertion=(0.0, 0.8, 1.0))
    assert curves.deletion_area == pytest.approx(0.25 * 0.6 + 0.75 * 0.1)
    assert curves.insertion_area == pytest.approx(0.25 * 0.4 + 0.75 * 0.9)
    assert curves.both == pytest.approx(0.775 * (1 - 0.225))
    assert area_under((0, 0.5, 1), (1.0, 0.5, 0.0)) == 0.5


def test_curves_survive_being_written():
    curves = Curves((0.0, 0.5, 1.0), deletion=(0.9, 0.25, 0.125), insertion=(0.125, 0.5, 0.9))
    assert Curves.of(curves.facts()) == curves
    assert set(curves.facts()) == {field.name for field in dataclasses.fields(Curves)}


def test_points_are_spread_evenly_and_never_more_than_cells():
    assert cell_counts(4, 51) == [0, 1, 2, 3, 4]
    assert cell_counts(100, 6) == [0, 20, 40, 60, 80, 100]


def test_a_finer_map_is_averaged_and_its_own_resolution_left_alone():
    heat = torch.rand(28, 28, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(at_resolution(heat, 28), heat)
    coarse = at_resolution(heat, 7)
    assert coarse.shape == (7, 7)
    # Averaging, not picking: far narrower than single cells.
    assert coarse.std() < heat.std() / 2
