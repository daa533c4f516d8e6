"""The linear algebra of crossed and nested random effects.

Everything a fit needs goes through the matrix A = Lambda' Z' W Z Lambda + I over all random
effects. With the grouping with the most effects first,

    A = [[D, B], [B', E]],    S = E - B' D^-1 B,

D is block-diagonal and eliminated; what is left is the dense Schur complement S of the other
groupings. All of this is exact, and two crossed groupings leave one dense matrix of the smaller
one's size.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import lapack

from analysis.glmm.coding import Floats, Integers
from analysis.glmm.structure import Border, Structure

# Numbers in one slice of a dense product.
_SLICE = 20_000_000


class NotPositiveDefiniteError(Exception):
    """A could not be factored: the parameters are beyond what floating point can hold."""


class Factorisation:
    """A = Lambda' Z'WZ Lambda + I, factored.

    Parameters
    ----------
    products
        The blocks of Z'WZ.
    factors
        Lambda of each grouping.

    Attributes
    ----------
    log_determinant
        Of A.

    Raises
    ------
    NotPositiveDefiniteError
        When A is not positive definite in floating point.
    """

    def __init__(
        self, structure: Structure, products: list[Floats], factors: Sequence[Floats]
    ) -> None:
        self.structure = structure
        self.products = products
        self.factors = list(factors)
        groupings = len(structure.groupings)
        diagonal = [
            _congruent(products[index], factors[index], factors[index])
            for index in range(groupings)
        ]
        self._root = _inverse_root(diagonal[0] + np.eye(structure.sizes[0][1]))
        log_determinant = -2.0 * float(np.log(np.einsum("lkk->lk", self._root)).sum())
        if structure.rest:
            log_determinant += self._factor_rest(diagonal)
        self.log_determinant = log_determinant

    def _factor_rest(self, diagonal: list[Floats]) -> float:
        structure = self.structure
        groupings = len(structure.groupings)
        self._border_cells = []
        rest = np.zeros(structure.rest**2)
        for (pair, places), block in zip(
            structure.placed_pairs(), self.products[groupings:], strict=True
        ):
            cells = _congruent(block, self.factors[pair.first], self.factors[pair.second])
            if pair.first == 0:
                self._border_cells.append(np.matmul(self._root[pair.rows], cells))
            else:
                rest[places] = cells
        schur = rest.reshape(structure.rest, structure.rest)
        schur += schur.T
        for index in range(1, groupings):
            place = structure.places_of(index)
            schur.reshape(-1)[place] = diagonal[index] + np.eye(structure.sizes[index][1])
        self._border = structure.border(self._border_cells)
        crossed = self._border.T @ self._border
        schur -= crossed if isinstance(crossed, np.ndarray) else crossed.toarray()
        self._schur, failed = lapack.dpotrf(schur.T, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise NotPositiveDefiniteError
        return 2.0 * float(np.log(np.diagonal(self._schur)).sum())

    def solve(self, right: Floats) -> Floats:
        """Return A^-1 times a vector (q,) or matrix (q, columns)."""
        structure = self.structure
        shaped = right.reshape(len(right), -1)
        levels, width = structure.sizes[0]
        first = shaped[: structure.first].reshape(levels, width, -1)
        first = np.matmul(self._root, first)
        if not structure.rest:
            return self._up(first).reshape(right.shape)
        flat = first.reshape(structure.first, -1)
        rest, _ = lapack.dpotrs(
            self._schur, shaped[structure.first :] - self._border.T @ flat, lower=1
        )
        flat = flat - self._border @ rest
        return np.vstack([self._up(flat.reshape(levels, width, -1)), rest]).reshape(right.shape)

    def _up(self, first: Floats) -> Floats:
        found: Floats = np.matmul(self._root.transpose(0, 2, 1), first)
        return found.reshape(self.structure.first, -1)

    def inverse_blocks(self) -> list[Floats]:
        """Return the blocks of A^-1 where A has blocks, in the order of `Structure.products`."""
        structure = self.structure
        root = self._root
        first = np.matmul(root.transpose(0, 2, 1), root)
        if not structure.rest:
            return [first]
        inverse = self._inverse_schur()
        solved = [
            np.matmul(root[pair.rows].transpose(0, 2, 1), cells)
            for (pair, _), cells in zip(structure.crossing(), self._border_cells, strict=True)
        ]
        spread = self._spread(structure.border(solved), inverse)
        for (pair, _), own, cells in zip(structure.crossing(), spread, solved, strict=True):
            first += _sum_by_row(np.matmul(own, cells.transpose(0, 2, 1)), pair.rows, len(first))
        flat = inverse.reshape(-1)
        others = [flat[structure.places_of(index)] for index in range(1, len(structure.sizes))]
        among = [flat[places] for pair, places in structure.placed_pairs() if pair.first > 0]
        return [first, *others, *(-own for own in spread), *among]

    def _spread(self, border: Border, inverse: Floats) -> list[Floats]:
        """Return the cells of border times inverse, made in slices that fit into memory."""
        structure = self.structure
        levels, width = structure.sizes[0]
        height = max(1, _SLICE // (width * structure.rest))
        found = [np.empty(places.shape) for _, places in structure.crossing()]
        for start in range(0, levels, height):
            rows = slice(start * width, (start + height) * width)
            flat = np.asarray(border[rows] @ inverse).reshape(-1)
            for (pair, places), own in zip(structure.crossing(), found, strict=True):
                low, high = np.searchsorted(pair.rows, (start, start + height))
                own[low:high] = flat[places[low:high] - start * width * structure.rest]
        return found

    def _inverse_schur(self) -> Floats:
        lower, _ = lapack.dpotri(self._schur, lower=1)
        lower = np.tril(lower)
        inverse: Floats = lower + np.tril(lower, -1).T
        return inverse


def _congruent(blocks: Floats, left: Floats, right: Floats) -> Floats:
    """Return left' block right of every block."""
    if blocks.shape[1:] == (1, 1):
        return blocks * float(left[0, 0] * right[0, 0])
    found: Floats = np.matmul(np.matmul(left.T, blocks), right)
    return found


def _inverse_root(blocks: Floats) -> Floats:
    """Return R of every block with block^-1 = R'R, lower triangular."""
    if blocks.shape[1:] == (1, 1):
        return 1.0 / np.sqrt(blocks)
    try:
        return np.linalg.inv(np.linalg.cholesky(blocks))
    except np.linalg.LinAlgError as error:
        raise NotPositiveDefiniteError from error


def _sum_by_row(blocks: Floats, rows: Integers, count: int) -> Floats:
    found = np.empty((count, *blocks.shape[1:]))
    for ours in range(blocks.shape[1]):
        for theirs in range(blocks.shape[2]):
            found[:, ours, theirs] = np.bincount(rows, blocks[:, ours, theirs], minlength=count)
    return found
