"""Meaningful perturbation against the same descent written with torch alone."""

from dataclasses import replace

import torch

from explainers.base import scaled
from explainers.methods.mask import Mask, MaskSettings
from explainers.perturbation import blurred, composed, upsampled


class _Exact(Mask):
    """Asks in float32, so that it can be compared."""

    def search(self, case):
        asking, answer = super().search(case), None
        while True:
            try:
                ask = asking.send(answer)
            except StopIteration as end:
                return end.value
            answer = yield replace(ask, exact=True)


def test_the_mask_equals_plain_descent(network, pictures):
    image = pictures[0]
    mask = torch.ones(1, 1, 7, 7, requires_grad=True)
    adam = torch.optim.Adam([mask], lr=0.1)
    for _ in range(20):
        adam.zero_grad()
        shown = composed(image, blurred(image), upsampled(mask, 32))
        probability = network.module(network.normalise(shown)).softmax(1)[0, 1]
        steps = mask.diff(dim=-2).square().mean() + mask.diff(dim=-1).square().mean()
        (probability + 0.01 * (1 - mask).abs().mean() + 0.2 * steps).backward()
        adam.step()
        mask.data.clamp_(0, 1)
    explainer = _Exact(network, settings=MaskSettings(resolution=7, iterations=20))
    explanation = explainer.explain(image[None], 1)[0]
    assert torch.allclose(explanation.map, scaled(1 - mask.detach()[0, 0]), atol=2e-2)
    assert (explanation.forward, explanation.backward) == (1 + 20, 20)  # one of the clean picture
