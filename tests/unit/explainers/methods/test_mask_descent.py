"""Going down over masks, beside a slow implementation on a quadratic in the place of a network."""

from dataclasses import replace

import pytest
import torch

from explainers.methods.igospp import IgosPlusPlus
from explainers.methods.mask_descent import DescentSettings, descend

STEEP, FLAT = 8.0, 0.02


class Quadratic:
    """Sum of a (m - t)^2 over both masks, steep in some cells and flat in others."""

    def __init__(self, sparsity: float) -> None:
        generator = torch.Generator().manual_seed(0)
        self.weights = torch.where(torch.rand(2, 7, 7, generator=generator) < 0.5, STEEP, FLAT)
        self.goal = torch.rand(2, 7, 7, generator=generator)
        self.sparsity = sparsity

    def scores(self, masks):
        yield from ()
        return (self.weights * (masks - self.goal).square()).sum((1, 2, 3))

    def slope(self, masks):
        yield from ()
        return 2 * self.weights * (masks - self.goal)

    def regulariser(self, masks):
        return self.sparsity * (1 - masks).square().mean((1, 2, 3))

    def value(self, masks):
        """Written out, cell by cell."""
        cells = list(zip(*(t.flatten().tolist() for t in self.of(masks)), strict=True))
        away = sum((1 - m) ** 2 for m, _, _ in cells) / len(cells)
        return sum(a * (m - t) ** 2 for m, a, t in cells) + self.sparsity * away

    def gradient(self, masks):
        cells = zip(*(t.flatten().tolist() for t in self.of(masks)), strict=True)
        count = masks.numel()
        return [2 * a * (m - t) - 2 * self.sparsity * (1 - m) / count for m, a, t in cells]

    def of(self, masks):
        return masks, self.weights, self.goal


def ended(asking):
    """Drive a generator that asks nothing."""
    with pytest.raises(StopIteration) as end:
        next(asking)
    return end.value.value


def slowly(objective, masks, settings):
    """The same with lists and loops."""
    lengths, first, moved = settings.steps().tolist(), 0, 0

    def shaped(values):
        return torch.tensor(values).view_as(masks)

    ends = [masks.flatten().tolist()]
    point = ends[0]
    for _ in range(settings.iterations):
        direction = objective.gradient(shaped(point))
        value = objective.value(shaped(point))
        steepness = settings.armijo * sum(d * d for d in direction)
        for number in range(first, len(lengths)):
            step = lengths[number]
            end = [min(1.0, max(0.0, p - step * d)) for p, d in zip(point, direction, strict=True)]
            if objective.value(shaped(end)) <= value - step * steepness:
                break
        else:
            raise AssertionError("no step passes")
        first = max(0, number - 1)
        ends.append(end)
        point, moved = end, moved + 1
        if settings.nesterov:
            beyond = [
                min(1.0, max(0.0, new + moved / (moved + 3) * (new - old)))
                for new, old in zip(end, ends[-2], strict=True)
            ]
            if objective.value(shaped(beyond)) <= objective.value(shaped(end)):
                point = beyond
            else:
                moved = 0
    return shaped(ends[-1])


@pytest.mark.parametrize("nesterov", [False, True])
def test_descent_goes_where_a_slow_implementation_goes(nesterov):
    objective, masks = Quadratic(sparsity=0.5), torch.ones(2, 7, 7)
    settings = DescentSettings(resolution=7, iterations=6, nesterov=nesterov)
    found = ended(descend(objective, masks, settings))
    assert torch.allclose(found, slowly(objective, masks, settings), atol=1e-4)


def test_nesterov_gets_further_along_a_narrow_valley_by_short_steps():
    objective, masks = Quadratic(sparsity=0.0), torch.ones(2, 7, 7)
    short = DescentSettings(iterations=40, largest_step=1 / (2 * STEEP))
    plain, fast = (
        ended(descend(objective, masks, replace(short, nesterov=nesterov)))
        for nesterov in (False, True)
    )
    assert objective.value(fast) < objective.value(plain)


def test_nesterov_does_not_depend_on_batch_mates(network, pictures):
    settings = DescentSettings(resolution=7, iterations=4, largest_step=1000.0, nesterov=True)
    explainer = IgosPlusPlus(network, settings=settings)
    names = [f"picture-{number}" for number in range(3)]
    together = explainer.explain(pictures[:3], names=names)
    (alone,) = explainer.explain(pictures[2:3], names=names[2:])
    assert torch.equal(alone.map, together[2].map)
    assert alone.parameters["nesterov"] is True
    plain = IgosPlusPlus(network, settings=DescentSettings(resolution=7, iterations=4))
    assert not torch.equal(plain.explain(pictures[2:3], names=names[2:])[0].map, alone.map)
