import pytest
import torch
from torch import nn

from explainers.networks import Network, Preprocessing


@pytest.fixture
def network() -> Network:
    """A tiny convolutional classifier of three species with fixed random weights.

    The last ones are large: its answers depend on what it is shown.
    """
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    ).eval()
    with torch.no_grad():
        module[-1].weight *= 30
        module[-1].bias *= 30
    return Network(
        module=module,
        species=("a", "b", "c"),
        preprocessing=Preprocessing(size=32, mean=(0.5,) * 3, std=(0.25,) * 3),
        architecture="tiny",
        digest="0" * 64,
    )


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1))
