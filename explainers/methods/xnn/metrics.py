"""How good an Explanation Neural Network is.

The paper names faithfulness, locality and orthogonality; its definitions were not to be found.
These are ours:

faithfulness
    the root mean squared error of the logit; how often the network's answer stays when only this
    species' logit is replaced by the XNN's; how often network and XNN are right about the
    species' own pictures (as in Hamidi-Haines et al. 2019, table 1);
reconstruction
    the share of the layer's features of which the decoder explains half of the variance or more;
orthogonality
    the mean absolute correlation between the contributions of two x-features;
locality
    the share of a picture that holds half of the heat of an x-feature's map, and, where the parts
    of a bird are known, how evenly the heat is spread over them.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explainers.methods.xnn.activations import Activations
from explainers.methods.xnn.autoencoder import SparseAutoencoder
from explainers.methods.xnn.card import Measures
from explainers.methods.xnn.significance import significant

_HALF = 0.5


def measure(model: SparseAutoencoder, held_out: Activations, position: int) -> Measures:
    """Return the measures of a species' autoencoder on held-out pictures.

    Parameters
    ----------
    model
        Serves the layer's features as they are.
    held_out
        Pictures of all species.
    position
        Of the species among the outputs.
    """
    with torch.no_grad():
        x_features, reconstructed, predicted = model.eval()(held_out.features)
        contributions = model.contributions(x_features)
    own = held_out.species == position
    swapped = held_out.logits.clone()
    swapped[:, position] = predicted
    said, then_said = held_out.logits.argmax(1), swapped.argmax(1)
    counts = [len(significant(row)) for row in contributions[own]]
    return Measures(
        pictures=len(said),
        rmse=float((predicted - held_out.logits[:, position]).square().mean().sqrt()),
        agreement=_share(said == then_said),
        network_accuracy=_share(said[own] == position),
        xnn_accuracy=_share(then_said[own] == position),
        reconstructed=reconstructed_share(reconstructed, held_out.features),
        correlation=mean_correlation(contributions),
        significant=sum(counts) / max(1, len(counts)),
    )


def reconstructed_share(reconstructed: Tensor, features: Tensor) -> float:
    """Return the share of features (columns) with half of their variance explained or more."""
    error = (reconstructed - features).square().mean(0)
    variance = features.var(0, correction=0)
    return _share((error <= _HALF * variance)[variance > 0])


def mean_correlation(contributions: Tensor) -> float:
    """Return the mean absolute correlation between columns of contributions (N, L).

    Those that never vary have no correlation and are left out; 0 where fewer than two are left.
    """
    varied = contributions[:, contributions.std(0) > 0].double()
    count = varied.shape[1]
    if count < 2:
        return 0.0
    correlations = torch.corrcoef(varied.T).abs()
    return float((correlations.sum() - correlations.diagonal().sum()) / (count * (count - 1)))


def area_of_half(heat: Tensor) -> float:
    """Return the share of a picture whose hottest cells hold half of the heat.

    Parameters
    ----------
    heat
        (h, w), not negative. Without any heat it is spread over all of the picture: 0.5.
    """
    hottest = heat.double().flatten().sort(descending=True).values
    if float(hottest.sum()) <= 0:
        return _HALF
    reached = (hottest / hottest.sum()).cumsum(0)
    return (int((reached < _HALF).sum()) + 1) / len(hottest)


def spread_over_parts(
    heat: NDArray[np.floating], parts: Mapping[str, NDArray[np.bool_]]
) -> float | None:
    """Return the entropy of the heat over a bird's parts, over the largest possible.

    Parameters
    ----------
    heat
        (H, W), not negative.
    parts
        Name -> mask (H, W), disjoint.

    Returns
    -------
    float or None
        0 where one part has all the heat, 1 where all have as much; None without heat on two parts
        or more to choose from.
    """
    masses = np.array([heat[mask].sum() for mask in parts.values()], dtype=np.float64)
    if len(masses) < 2 or masses.sum() <= 0:
        return None
    shares = masses[masses > 0] / masses.sum()
    return float(-(shares * np.log(shares)).sum() / np.log(len(masses)))


def _share(true: Tensor) -> float:
    return float(true.double().mean()) if true.numel() else 0.0
