"""Which x-features explain a picture."""

from torch import Tensor

# Of the positive evidence (Hamidi-Haines et al. 2019, "Interactive Naming for Explaining Deep
# Neural Networks").
COVERED = 0.9


def significant(contributions: Tensor, covered: float = COVERED) -> list[int]:
    """Return the smallest set of positive contributions with that share of their total.

    Parameters
    ----------
    contributions
        x_l v_l (L).
    covered
        In (0, 1].

    Returns
    -------
    list of int
        Positions, the largest contribution first; empty where none is positive.
    """
    positive = contributions.double().clamp(min=0)
    total, reached, chosen = float(positive.sum()), 0.0, []
    for index in positive.argsort(descending=True, stable=True).tolist():
        if float(positive[index]) <= 0 or reached >= covered * total:
            break
        chosen.append(index)
        reached += float(positive[index])
    return chosen
