"""Second derivatives, whatever the units of the parameters are."""

import numpy as np

from analysis.glmm.coding import Floats

# Of the largest possible eigenvalue of a scaled matrix, its size: below this share it is rounding.
_ROUNDING = 1e-12


def scaled_axes(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the eigenvalues and axes of a symmetric matrix scaled to a unit diagonal.

    Returns
    -------
    scale
        With S = diag(scale), S matrix S has ones on its diagonal.
    values, axes
        Of S matrix S; the axes are columns.
    """
    scale = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(matrix)), np.finfo(float).tiny))
    values, axes = np.linalg.eigh(matrix * np.outer(scale, scale))
    return scale, values, axes


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of a symmetric matrix, zero along axes that are flat."""
    scale, values, axes = scaled_axes(matrix)
    is_flat = np.abs(values) < _ROUNDING * len(values)
    shares = np.where(is_flat, 0.0, 1.0 / np.where(is_flat, 1.0, values))
    found: Floats = np.outer(scale, scale) * ((axes * shares) @ axes.T)
    return found
