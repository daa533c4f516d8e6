"""The covariance of the random effects and its parameters theta.

The effects of one group are b = Lambda u with u standard normal (Bates et al. 2015, equation 4),
where Lambda (K, K) is block-diagonal with one lower triangle a correlated part. theta holds the
entries of the triangles, grouping by grouping, column by column. The sign of a column of Lambda
means nothing.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.glmm.coding import Floats
from analysis.glmm.design import Grouping

Booleans = npt.NDArray[np.bool_]


class Covariance:
    """The map between theta and the factors Lambda of all groupings.

    Attributes
    ----------
    entries
        For each element of theta: grouping, row and column in its Lambda.
    size
        The length of theta.
    """

    def __init__(self, groupings: Sequence[Grouping]) -> None:
        self.widths = [grouping.width for grouping in groupings]
        self.entries = [
            (index, start + row, start + column)
            for index, grouping in enumerate(groupings)
            for start, width in _blocks(grouping)
            for column in range(width)
            for row in range(column, width)
        ]
        self._blocks = [list(_blocks(grouping)) for grouping in groupings]
        self.size = len(self.entries)

    @property
    def is_diagonal(self) -> Booleans:
        """Say of each element whether it lies on a diagonal."""
        return np.array([row == column for _, row, column in self.entries], dtype=bool)

    def factors(self, theta: Floats) -> list[Floats]:
        """Return Lambda of each grouping, (K, K)."""
        found = [np.zeros((width, width)) for width in self.widths]
        for value, (index, row, column) in zip(theta, self.entries, strict=True):
            found[index][row, column] = value
        return found

    def pick(self, matrices: Sequence[Floats]) -> Floats:
        """Return the entries of matrices (K, K) that belong to theta."""
        return np.array([matrices[index][row, column] for index, row, column in self.entries])

    def canonical(self, theta: Floats, smallest: float) -> Floats:
        """Return theta of the same covariance, with signs folded and small columns exactly zero.

        Parameters
        ----------
        smallest
            A column whose diagonal would be smaller than this becomes zero as a whole: that
            effect has no variance of its own.
        """
        found = self.factors(theta)
        for factor, blocks in zip(found, self._blocks, strict=True):
            for start, width in blocks:
                own = slice(start, start + width)
                factor[own, own] = _semidefinite_cholesky(
                    factor[own, own] @ factor[own, own].T, smallest
                )
        return self.pick(found)

    def beside(self, theta: Floats, place: int, scale: float, correlation: float) -> Floats:
        """Return theta with another scale of one effect, and correlations with those after it.

        Parameters
        ----------
        place
            A diagonal element of theta.
        correlation
            Of that effect with each later one of its part, whose variances stay as they are.
        """
        found = self.factors(theta)
        index, own, _ = self.entries[place]
        factor = found[index]
        for entry_index, row, column in self.entries:
            if entry_index == index and column == own and row > own:
                size = float(np.linalg.norm(factor[row]))
                factor[row] *= np.sqrt(1.0 - correlation**2)
                factor[row, own] = correlation * size
        factor[own, own] = scale
        return self.pick(found)

    def column_of(self, place: int) -> Booleans:
        """Say which elements of theta lie in the column of Lambda that one element lies in."""
        wanted = (self.entries[place][0], self.entries[place][2])
        return np.array([(index, column) == wanted for index, _, column in self.entries])


def _blocks(grouping: Grouping) -> list[tuple[int, int]]:
    starts = np.cumsum([0, *grouping.blocks[:-1]])
    return [(int(start), width) for start, width in zip(starts, grouping.blocks, strict=True)]


def _semidefinite_cholesky(matrix: Floats, smallest: float) -> Floats:
    factor = np.zeros_like(matrix)
    for column in range(len(matrix)):
        rest = matrix[column:, column] - factor[column:, :column] @ factor[column, :column]
        if rest[0] > smallest**2:
            factor[column:, column] = rest / np.sqrt(rest[0])
    return factor
