import torch

from explainers.evaluator import Evaluator
from explainers.quality.sanity import maps_of, randomised, similarity
from explainers.registry import create


def changed(network, other) -> list[bool]:
    pairs = zip(network.module.parameters(), other.module.parameters(), strict=True)
    return [not torch.equal(one, two) for one, two in pairs]


def test_weights_become_random_from_the_last_layer_down(network):
    # Convolution, batch normalisation, convolution, head; weight and bias each.
    assert changed(network, randomised(network, 0, seed=1)) == 6 * [False] + 2 * [True]
    assert changed(network, randomised(network, 0.5, seed=1))[4:] == 4 * [True]
    everything = randomised(network, 1, seed=1)
    assert not torch.equal(everything.module[0].weight, network.module[0].weight)
    again = randomised(network, 1, seed=1)
    assert torch.equal(everything.module[0].weight, again.module[0].weight)


def test_similarity_is_spearmans():
    ramp = torch.arange(9.0).view(3, 3)
    assert similarity(ramp, ramp**3) == 1
    assert similarity(ramp, -ramp) == -1
    assert similarity(ramp, torch.ones(3, 3)) is None


def test_a_map_that_ignores_the_network_is_found_out(network, pictures):
    targets = torch.ones(5, dtype=torch.long)
    other = randomised(network, 1, seed=0)
    found = {}
    for method in ("random", "gradcam"):
        before, after = (
            maps_of(create(method, one, Evaluator(one)), pictures, targets)
            for one in (network, other)
        )
        found[method] = [similarity(before[number], after[number]) for number in range(5)]
    assert found["random"] == 5 * [1.0]
    assert all(one is None or one < 1 for one in found["gradcam"])


def test_a_picture_that_a_method_refuses_is_left_out(network, pictures):
    # Blurring changes nothing of a constant picture, so that no patch is needed.
    images = torch.stack([pictures[0], torch.full_like(pictures[0], 0.5)])
    served = maps_of(create("sag", network), images, torch.tensor([1, 1]))
    assert 1 not in served
