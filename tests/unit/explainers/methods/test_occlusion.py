import pytest
import torch

from explainers.base import scaled
from explainers.errors import ExplainersError
from explainers.methods.occlusion import Occlusion
from explainers.perturbation import blurred
from explainers.registry import create


def test_a_cell_is_the_mean_fall_under_the_patches_over_it(network, pictures):
    image, hidden = pictures[0], blurred(pictures[0])

    def probability(picture):
        return network.module(network.normalise(picture[None])).softmax(1)[0, 1].detach()

    falls, covered = torch.zeros(8, 8), torch.zeros(8, 8)
    for row in range(7):
        for column in range(7):
            rows, columns = slice(4 * row, 4 * row + 8), slice(4 * column, 4 * column + 8)
            picture = image.clone()
            picture[:, rows, columns] = hidden[:, rows, columns]
            falls[row : row + 2, column : column + 2] += probability(image) - probability(picture)
            covered[row : row + 2, column : column + 2] += 1
    explanation = Occlusion(network, cells=8).explain(image[None], 1)[0]
    assert torch.allclose(explanation.map, scaled((falls / covered).clamp(min=0)), atol=1e-3)
    assert explanation.distinct == 49
    # One of the clean picture, and one of Captum's.
    assert explanation.forward == 1 + 1 + 49


def test_cells_divide_the_picture(network):
    assert create("occlusion:16", network).cells == 16
    assert create("occlusion", network).cells == 8  # the finest of 14 or fewer for 32 pixels
    for wrong in ("occlusion:33", "occlusion:1", "occlusion:7"):
        with pytest.raises(ExplainersError, match="one of 2, 4, 8, 16, 32 cells"):
            create(wrong, network)
