import pytest
import torch

from explainers.methods.xnn.significance import significant


@pytest.mark.parametrize(
    ("contributions", "chosen"),
    [
        ([6.0, 3.5, 0.5], [0, 1]),
        ([1.0, 9.0, 0.0], [1]),
        ([5.0, -20.0, 4.0], [0, 2]),
        ([-1.0, -2.0], []),
        ([0.0, 0.0], []),
        ([1.0, 1.0, 1.0], [0, 1, 2]),
    ],
)
def test_the_fewest_positive_contributions_with_nine_tenths_of_the_evidence(contributions, chosen):
    assert significant(torch.tensor(contributions)) == chosen


def test_no_smaller_set_would_do():
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        contributions = torch.randn(6, generator=generator)
        total = float(contributions.clamp(min=0).sum())
        chosen = significant(contributions)
        assert float(contributions[chosen].sum()) >= 0.9 * total - 1e-6
        # The largest ones are taken, so one fewer of them is the best smaller set there is.
        assert float(contributions[chosen[:-1]].sum()) < 0.9 * total
