import torch

from explainers.registry import create


def test_the_control_is_smooth_seeded_and_never_asks(network, pictures):
    control = create("random", network)
    (one,) = control.explain(pictures[:1], 1, seed=1, names=["a"])
    (other,) = control.explain(pictures[:1], seed=1, names=["b"])
    assert one.map.shape == (28, 28)
    assert (one.forward, one.backward) == (1, 0)  # of the clean picture
    assert not torch.equal(one.map, other.map)
    assert create("random:7", network).attribute(pictures[:1]).shape[-1] == 7
