"""Occlusion against Captum, which averages over the patches that cover a pixel, too."""

import pytest
import torch
from captum.attr import Occlusion as CaptumOcclusion

from explainers.asking import Probability
from explainers.base import scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.methods.occlusion import Occlusion
from explainers.perturbation import blurred
from explainers.registry import create


def test_occlusion_equals_captums(network, pictures):
    image = pictures[0]
    probability = Evaluator(network, device="cpu").function(Probability(1))
    by_pixel = CaptumOcclusion(lambda shown: probability(shown).detach()).attribute(
        image[None], (3, 8, 8), strides=(3, 4, 4), baselines=blurred(image)[None]
    )
    # Captum leaves a pixel of each cell the same value.
    expected = by_pixel[0, 0, ::4, ::4].float()
    explanation = Occlusion(network, cells=8).explain(image[None], 1)[0]
    assert torch.allclose(explanation.map, scaled(expected.clamp(min=0)), atol=1e-3)
    assert explanation.distinct == explanation.forward - 1 == 49  # one of the clean picture


def test_a_map_finer_than_the_picture_is_refused(network):
    assert create("occlusion:7", network).cells == 7
    for wrong in ("occlusion:33", "occlusion:1"):
        with pytest.raises(ExplainersError, match="use 2 to 32 cells"):
            create(wrong, network)
