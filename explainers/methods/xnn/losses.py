"""The three losses of an Explanation Neural Network (Qi, Khorram & Li 2021, arXiv 1709.05360).

The paper's text was not at hand; the formulas are those of the programs around it.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  torch's own convention

# Keeps an x-feature that is silent in a whole batch from dividing by zero.
_TINY = 1e-8


def faithfulness(predicted: Tensor, logits: Tensor) -> Tensor:
    """Return the mean squared error of the logit, 1/M sum_i (v E(Z_i) - y_i)^2.

    Parameters
    ----------
    predicted, logits
        (M) both. Shapes that would have to be broadcast are refused: (M) beside (M, 1) would pull
        every prediction to the mean.

    Raises
    ------
    ValueError
        When the shapes differ.
    """
    if predicted.shape != logits.shape:
        raise ValueError(f"predictions {tuple(predicted.shape)}, logits {tuple(logits.shape)}")
    return F.mse_loss(predicted, logits)


def sparse_reconstruction(reconstructed: Tensor, features: Tensor, steepness: float) -> Tensor:
    """Return 1/D sum_k log(1 + q 1/M sum_i (Z~_ik - Z_ik)^2).

    The logarithm lets the decoder give up on many features, so that it gets a few of them right.

    Parameters
    ----------
    reconstructed, features
        Z~ and Z, (M, D).
    steepness
        q.
    """
    errors = (reconstructed - features).square().mean(0)
    return torch.log1p(steepness * errors).mean()


def pull_away(contributions: Tensor) -> Tensor:
    """Return the mean over pairs l != l' of the squared cosine of h_l and h_l'.

    Parameters
    ----------
    contributions
        (M, L); the column h_l holds x_l v_l for each picture.
    """
    count = contributions.shape[1]
    directions = F.normalize(contributions, dim=0, eps=_TINY)
    cosines = (directions.T @ directions).square()
    return (cosines.sum() - cosines.diagonal().sum()) / (count * (count - 1))
