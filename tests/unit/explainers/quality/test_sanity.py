import torch

from explainers.evaluator import Evaluator
from explainers.quality.sanity import STAGES, check_sanity, randomised, similarity
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
    assert similarity(ramp, torch.ones(3, 3)) == 0


def test_a_map_that_ignores_the_network_is_found_out(network, pictures):
    copies = {stage: randomised(network, stage, seed=0) for stage in STAGES}
    found = {}
    for method in ("random", "gradcam"):
        own = create(method, network, Evaluator(network))
        others = {stage: create(method, one, Evaluator(one)) for stage, one in copies.items()}
        checked = list(check_sanity(own, others, pictures, torch.ones(5, dtype=torch.long)))
        assert len(checked) == 5 * len(STAGES)
        found[method] = [one.similarity for one in checked if one.stage == 1]
    assert found["random"] == 5 * [1.0]
    assert max(found["gradcam"]) < 1
