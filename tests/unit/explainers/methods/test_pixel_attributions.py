"""Integrated gradients and SmoothGrad against their formulas."""

import torch

from explainers.base import scaled
from explainers.methods.integrated_gradients import IntegratedGradients
from explainers.methods.smoothgrad import SmoothGrad
from explainers.perturbation import blurred


def test_integrated_gradients_are_the_mean_gradient_on_the_line(network, pictures):
    image = pictures[0]
    baseline = blurred(image)
    mean = torch.zeros(3, 32, 32)
    for step in range(12):
        shown = baseline + (step + 0.5) / 12 * (image - baseline)
        asked = shown[None].requires_grad_()
        probability = network.module(network.normalise(asked)).softmax(1)[0, 1]
        mean += torch.autograd.grad(probability, asked)[0][0] / 12
    found = (
        IntegratedGradients(network).with_settings({"steps": 12}).attribute(image[None], 1)[0, 0]
    )
    expected = scaled(((image - baseline) * mean).abs().sum(0))
    assert torch.allclose(found, expected, atol=1e-4)


def test_integrated_gradients_tell_nothing_of_pixels_that_the_baseline_has_too(network, pictures):
    image = pictures[0].clone()
    image[:, :16] = 0.25
    same = (image == blurred(image)).all(0)
    assert same.any()
    assert (
        IntegratedGradients(network)
        .with_settings({"steps": 5})
        .attribute(image[None])[0, 0][same]
        .max()
        < 1e-4
    )


def test_smoothgrad_is_the_mean_of_noisy_gradients(network, pictures):
    image = pictures[0]
    explainer = SmoothGrad(network).with_settings({"copies": 6, "noise": 0.2})
    explanation = explainer.explain(image[None], 2, seed=3)[0]
    deviation = 0.2 * (image.max() - image.min())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(explanation.seed)
        noise = torch.normal(torch.zeros(6, 3, 32, 32), float(deviation))
    mean = torch.zeros(3, 32, 32)
    for one in noise:
        noisy = (image + one)[None].requires_grad_()
        logit = network.module(network.normalise(noisy))[0, 2]
        mean += torch.autograd.grad(logit, noisy)[0][0] / 6
    assert torch.allclose(explanation.map, scaled(mean.abs().sum(0)), atol=1e-4)


def test_other_seeds_are_other_noise(network, pictures):
    explainer = SmoothGrad(network).with_settings({"copies": 4})
    maps = [explainer.attribute(pictures[:1], seed=seed) for seed in (0, 1)]
    assert not torch.equal(*maps)
