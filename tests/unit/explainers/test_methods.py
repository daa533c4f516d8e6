"""The contract of every method in the registry, and the mathematics of each."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from explainers.asking import Probability
from explainers.base import Explanation, scaled
from explainers.errors import ExplainersError
from explainers.evaluator import Evaluator
from explainers.masking import MaskedPicture
from explainers.methods.igos import Deletion
from explainers.methods.igospp import DeletionAndInsertion, edge_weights
from explainers.methods.mask_descent import DescentSettings, along_path, descend, path
from explainers.networks import Network, Preprocessing
from explainers.perturbation import blurred, composed, upsampled
from explainers.placebo import donors
from explainers.registry import METHODS, create, parse_methods
from tests.unit.explainers.methods.cheap import cheap


@pytest.mark.parametrize("name", METHODS)
def test_a_map_does_not_depend_on_its_batch_mates(name, network, pictures):
    explainer = cheap(name, network)
    names = [f"picture-{number}" for number in range(len(pictures))]
    together = explainer.explain(pictures, names=names)
    for index in (0, 3):
        alone = explainer.explain(pictures[index : index + 1], names=names[index : index + 1])
        assert torch.equal(alone[0].map, together[index].map)


@pytest.mark.parametrize("name", METHODS)
def test_a_map_is_repeated_by_its_seed_and_has_the_promised_shape(name, network, pictures):
    explainer = cheap(name, network)
    maps = explainer.attribute(pictures[:2], seed=4)
    assert torch.equal(maps, explainer.attribute(pictures[:2], seed=4))
    assert maps.shape[:2] == (2, 1)
    assert maps.dtype == torch.float32
    assert float(maps.min()) >= 0
    assert float(maps.max()) <= 1
    assert maps.isfinite().all()


@pytest.mark.parametrize("name", METHODS)
def test_the_network_is_left_as_it_was_found(name, network, pictures):
    module = network.module
    module.train()
    module[0].weight.requires_grad_(False)
    statistics = module[1].running_mean.clone()
    flags = [parameter.requires_grad for parameter in module.parameters()]
    state = torch.get_rng_state()
    cheap(name, network).explain(pictures[:1])
    assert module.training
    assert [parameter.requires_grad for parameter in module.parameters()] == flags
    assert all(parameter.grad is None for parameter in module.parameters())
    assert sum(len(child._forward_hooks) for child in module.modules()) == 0
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(module[1].running_mean, statistics)


@pytest.mark.parametrize("name", METHODS)
def test_a_constant_picture_gives_a_finite_map(name, network):
    assert cheap(name, network).attribute(torch.full((1, 3, 32, 32), 0.5)).isfinite().all()


@pytest.mark.parametrize("name", METHODS)
def test_the_predicted_species_is_explained_unless_another_is_asked_for(name, network, pictures):
    with torch.no_grad():
        said = network.module(network.normalise(pictures[:1])).argmax(1).item()
    explainer = cheap(name, network)
    assert explainer.explain(pictures[:1])[0].target == said
    other = (said + 1) % 3
    assert explainer.explain(pictures[:1], other)[0].target == other


def test_methods_say_whether_they_hide_by_blurring(network):
    blurring = {"igos", "igospp", "mask", "occlusion", "integrated_gradients"}
    blurring |= {"xnn_igos", "xnn_igospp"}
    assert {name for name in METHODS if cheap(name, network).hides_by_blur} == blurring
    assert create("sag", network).hides_by_blur
    assert not create("sag:zero", network).hides_by_blur


def test_an_explanation_survives_its_files(network, pictures, tmp_path):
    (explanation,) = create("gradcam", network).explain(pictures[:1])
    explanation.save(tmp_path / "one")
    loaded = Explanation.load(tmp_path / "one")
    assert torch.equal(loaded.map, explanation.map)
    assert loaded.facts() == explanation.facts()


def test_gradcam_equals_its_formula_written_out(network, pictures):
    module, image = network.module, pictures[:1]
    features = module[:6](network.normalise(image)).detach().requires_grad_()
    logits = module[6:](features)
    target = int(logits.argmax())
    logits[0, target].backward()
    expected = torch.zeros(features.shape[-2:])
    for channel in range(features.shape[1]):
        weight = features.grad[0, channel].mean()
        expected += weight * features[0, channel].detach()
    expected = scaled(expected.clamp(min=0))
    explainer = create("gradcam", network)
    assert explainer.parameters()["layer"] == "5"
    assert torch.allclose(explainer.attribute(image)[0, 0], expected, atol=1e-5)


class _QuadraticLogit(nn.Module):
    """Two logits whose difference makes the probability of the first any function we like."""

    def __init__(self, size: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.weight = nn.Parameter(torch.rand(3, size, size, generator=generator))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # p = 0.5 * mean(w * x^2): a quadratic whose optimum is the black baseline.
        probability = (0.5 * (self.weight * images**2).mean((1, 2, 3))).clamp(1e-6, 1 - 1e-6)
        first = (probability / (1 - probability)).log()
        return torch.stack([first, torch.zeros_like(first)], 1)


@pytest.mark.parametrize("stride", [1, 2, 5, 20])
def test_integrated_gradient_of_a_quadratic_is_a_rescaled_gradient(stride):
    """Qi, Khorram & Li: (S + 1) / (2 S) of the gradient, 0.525 for S = 20."""
    size = 8
    network = Network(
        _QuadraticLogit(size),
        ("a", "b"),
        Preprocessing(size, (0.0,) * 3, (1.0,) * 3),
        "q",
        "0" * 64,
    )
    image = torch.rand(3, size, size, generator=torch.Generator().manual_seed(2))
    baseline = torch.zeros_like(image)
    settings = DescentSettings(resolution=7, path_steps=20, path_stride=stride, noise=0.0)
    picture = MaskedPicture(image, Probability(0), baseline)
    deletion = Deletion(picture, settings, (1.0,) * 3, torch.Generator())
    mask = torch.rand(1, 7, 7, generator=torch.Generator().manual_seed(3))
    asked = mask[None].clone().requires_grad_()
    shown = composed(image, baseline, upsampled(asked, size))
    probability = network.module(shown).softmax(1)[0, 0]
    (plain,) = torch.autograd.grad(probability, asked)
    integrated = answered(network, deletion.slope(mask))
    assert torch.allclose(integrated, 0.525 * plain[0], rtol=1e-3, atol=1e-8)


def test_slopes_between_two_points_of_the_path_are_interpolated():
    settings = DescentSettings(path_steps=12, path_stride=3)
    slopes = torch.rand(4, 1, 7, 7, generator=torch.Generator().manual_seed(4))
    known = [torch.zeros(7, 7), *slopes[:, 0]]
    between = [
        known[s // 3] + (s % 3) / 3 * (known[min(s // 3 + 1, 4)] - known[s // 3])
        for s in range(1, 13)
    ]
    assert torch.allclose(along_path(slopes, settings), sum(between) / 12)
    shown = path(torch.ones(7, 7), settings)
    assert shown[:, 0, 0, 0].tolist() == pytest.approx([3 / 12, 6 / 12, 9 / 12, 1])
    with pytest.raises(ExplainersError, match="path_stride 3 does not divide path_steps 20"):
        DescentSettings(path_stride=3)


def answered(network, asking):
    """Drive a generator of questions in float32."""
    evaluator = exact_evaluator(network)
    answer = None
    while True:
        try:
            ask = asking.send(answer)
        except StopIteration as end:
            return end.value
        (answer,) = evaluator.answer([replace(ask, exact=True)])


def exact_evaluator(network):
    return Evaluator(network, device="cpu")


def terms_of(mask):
    """Sparsity and total variation of a mask (h, w), written out."""
    rows, columns = mask.shape
    down = [(mask[i + 1, j] - mask[i, j]) ** 2 for i in range(rows - 1) for j in range(columns)]
    across = [(mask[i, j + 1] - mask[i, j]) ** 2 for i in range(rows) for j in range(columns - 1)]
    sparsity = float((1 - mask).abs().mean())
    return sparsity, float(sum(down)) / len(down) + float(sum(across)) / len(across)


def test_the_objective_of_igos_equals_its_formula_and_goes_down(network, pictures):
    image, settings = pictures[0], DescentSettings(resolution=7, iterations=3)
    picture = MaskedPicture(image, Probability(0))
    generator = torch.Generator().manual_seed(0)
    deletion = Deletion(picture, settings, network.preprocessing.std, generator)
    mask = torch.rand(1, 7, 7, generator=torch.Generator().manual_seed(5))
    sparsity, variation = terms_of(mask[0])
    assert float(deletion.regulariser(mask[None])) == pytest.approx(
        sparsity + 20 * variation, rel=1e-5
    )
    shown = composed(image, blurred(image), upsampled(mask[None], 32))
    expected = exact_evaluator(network).probabilities(shown)[0, 0]
    found = answered(network, deletion.scores(mask[None]))
    assert torch.allclose(found, expected[None], atol=1e-6)
    lower = answered(network, descend(deletion, mask, settings))
    before, after = (
        float(answered(network, deletion.scores(m[None])) + deletion.regulariser(m[None]))
        for m in (mask, lower)
    )
    assert after < before


def test_the_objective_of_igospp_equals_its_formula(network, pictures):
    image, settings = pictures[0], DescentSettings(resolution=7)
    normalised = network.preprocessing.normalise(image[None])[0]
    picture = MaskedPicture(image, Probability(1))
    both = DeletionAndInsertion(
        picture, settings, network.preprocessing.std, torch.Generator(), edge_weights(normalised)
    )
    x, y = torch.rand(2, 7, 7, generator=torch.Generator().manual_seed(5))

    def f(mask):
        shown = composed(image, blurred(image), upsampled(mask[None, None], 32))
        return float(exact_evaluator(network).probabilities(shown)[0, 1])

    expected = f(x) - f(1 - y) + f(x * y) - f(1 - x * y)
    candidates = torch.stack([x, y])[None]
    assert float(answered(network, both.scores(candidates))) == pytest.approx(expected, abs=1e-6)
    sparsity, variation = terms_of(x * y)
    fine = upsampled((x * y)[None, None], 32)[0, 0]
    down = across = 0.0
    for i in range(32):
        for j in range(32):
            if i < 31:
                step = ((normalised[:, i + 1, j] - normalised[:, i, j]) ** 2).mean()
                down += float((-step / 0.01).exp() * (fine[i + 1, j] - fine[i, j]) ** 2)
            if j < 31:
                step = ((normalised[:, i, j + 1] - normalised[:, i, j]) ** 2).mean()
                across += float((-step / 0.01).exp() * (fine[i, j + 1] - fine[i, j]) ** 2)
    smooth = (variation + (down + across) / (31 * 32)) / 2
    assert float(both.regulariser(candidates)) == pytest.approx(sparsity + 20 * smooth, rel=1e-4)


def test_the_integrated_gradient_of_igospp_is_the_mean_gradient_along_the_path(network, pictures):
    image = pictures[0]
    settings = DescentSettings(resolution=7, path_steps=5, path_stride=1, noise=0.0)
    normalised = network.preprocessing.normalise(image[None])[0]
    both = DeletionAndInsertion(
        MaskedPicture(image, Probability(1)),
        *(settings, network.preprocessing.std, torch.Generator(), edge_weights(normalised)),
    )
    x, y = torch.rand(2, 7, 7, generator=torch.Generator().manual_seed(5))
    module = network.module.eval()

    def slope(mask):
        asked = mask[None, None].clone().requires_grad_()
        shown = composed(image, blurred(image), upsampled(asked, 32))
        score = module(network.normalise(shown)).softmax(1)[0, 1]
        return torch.autograd.grad(score, asked)[0][0, 0]

    shares = [s / 5 for s in range(1, 6)]
    product = sum(slope(s * x * y) + slope(1 - s * x * y) for s in shares) / 5
    of_x = sum(slope(s * x) for s in shares) / 5 + product * y
    of_y = sum(slope(1 - s * y) for s in shares) / 5 + product * x
    found = answered(network, both.slope(torch.stack([x, y])))
    assert torch.allclose(found, torch.stack([of_x, of_y]) / 2, atol=1e-6)


def test_no_mask_is_asked_about_twice(network, pictures):
    picture = MaskedPicture(pictures[0], Probability(0))
    masks = torch.rand(3, 1, 7, 7)
    asked = []

    def counting(asking):
        answer = None
        while True:
            try:
                ask = asking.send(answer)
            except StopIteration as end:
                return end.value
            asked.append(len(ask.pictures))
            (answer,) = exact_evaluator(network).answer([ask])

    first = counting(picture.scores(torch.cat([masks, masks[1:]])))
    again = counting(picture.scores(masks.flip(0)))
    assert asked == [3]
    assert torch.equal(first[3:], first[1:3])
    assert torch.equal(again, first[:3].flip(0))
    assert picture.distinct == 3


@pytest.mark.parametrize("name", ["igos", "igospp"])
def test_a_mask_has_one_of_the_offered_resolutions(name, network, pictures):
    for cells in (7, 14):
        assert create(f"{name}:{cells}", network).attribute(pictures[:1]).shape[-1] == cells
    with pytest.raises(ExplainersError, match="use 7, 14, 28"):
        create(f"{name}:9", network)
    with pytest.raises(ExplainersError, match="gradcam has no resolution"):
        create("gradcam:7", network)
    with pytest.raises(ExplainersError, match="such as igos:56"):
        create(f"{name}:fine", network)


def test_every_picture_lends_once_borrows_once_and_never_its_own():
    keys = [f"picture-{number}" for number in range(25)]
    pairs = donors(keys, seed=3)
    assert set(pairs) == set(pairs.values()) == set(keys)
    assert all(key != donor for key, donor in pairs.items())
    assert pairs == donors(keys[::-1], seed=3)
    assert pairs != donors(keys, seed=4)
    with pytest.raises(ExplainersError, match="at least two"):
        donors(["one"], seed=0)


def test_a_name_with_words_a_method_does_not_know_is_refused(network):
    for name, told in (
        ("igos:fine", "igos has no choice fine"),
        ("igos:7:14", "names two resolutions"),
        ("lime:7", "There is no method 'lime:7'"),
    ):
        with pytest.raises(ExplainersError, match=told):
            create(name, network)


def test_a_placebo_may_borrow_from_a_method_at_a_resolution():
    assert parse_methods("placebo:igos:56") == {"placebo:igos:56": "igos:56"}


def test_method_lists_are_read_or_refused_with_the_names_there_are():
    assert parse_methods("gradcam,igos,placebo") == {
        "gradcam": None,
        "igos": None,
        "placebo": "igos",
    }
    assert parse_methods("gradcam,placebo") == {"gradcam": None, "placebo": "gradcam"}
    assert parse_methods("igos,placebo:gradcam")["placebo:gradcam"] == "gradcam"
    for wrong in ("", "lime", "placebo", "igos,placebo:lime"):
        with pytest.raises(ExplainersError, match=r"gradcam|borrow"):
            parse_methods(wrong)
