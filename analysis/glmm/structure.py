"""Which random effects meet in which rows: the pattern of a mixed model's matrices.

Each row of a table has one group of each grouping, so Z'WZ consists of small blocks: one on the
diagonal for each group, and one off it for each pair of groups that share a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from analysis.glmm.coding import Floats, Integers
from analysis.glmm.design import Grouping

# Up to this many cells, or from this share of filled cells on, B is kept dense.
_DENSE_CELLS = 40_000
_DENSE_SHARE = 0.2
# An array or a sparse matrix: scipy tells no types.
Border: TypeAlias = Any


@dataclass(frozen=True)
class Pair:
    """Groups of two groupings that share a row; `first` and `second` number the groupings."""

    first: int
    second: int
    rows: Integers
    columns: Integers


class Structure:
    """Which random effects meet in which rows; made once for a table.

    Attributes
    ----------
    random_columns
        Z as a sparse matrix, (rows, q); the effects of a group lie beside each other.
    """

    def __init__(self, groupings: Sequence[Grouping]) -> None:
        self.groupings = tuple(groupings)
        self.sizes = [(len(own.levels), own.width) for own in groupings]
        counts = [levels * width for levels, width in self.sizes]
        self.starts = [int(start) for start in np.cumsum([0, *counts])]
        self.effects = self.starts[-1]
        self.first = self.starts[1]
        self.rest = self.effects - self.first
        self.random_columns = self._random_columns()
        self.random_rows = self.random_columns.T.tocsr()
        self.pairs, cells = self._find_pairs()
        self._products = self._aggregator(cells)
        self._product_rows = self._products.T.tocsr()
        self._places = [self._places_in_rest(pair) for pair in self.pairs]
        self._lay_out_border()

    def _random_columns(self) -> sparse.csr_matrix:
        rows = len(self.groupings[0].codes)
        indices = np.hstack(
            [
                start + own.codes[:, None] * own.width + np.arange(own.width)
                for start, own in zip(self.starts, self.groupings, strict=False)
            ]
        )
        values = np.hstack([own.columns for own in self.groupings])
        pointers = np.arange(rows + 1) * indices.shape[1]
        found = sparse.csr_matrix(
            (values.ravel(), indices.ravel(), pointers), shape=(rows, self.effects)
        )
        found.eliminate_zeros()
        return found

    def _find_pairs(self) -> tuple[list[Pair], list[Integers]]:
        pairs, cells = [], []
        for first, second in combinations(range(len(self.groupings)), 2):
            ours, theirs = self.groupings[first], self.groupings[second]
            width = len(theirs.levels)
            keys, cell = np.unique(ours.codes * width + theirs.codes, return_inverse=True)
            pairs.append(Pair(first, second, *np.divmod(keys, width)))
            cells.append(cell)
        return pairs, cells

    def _aggregator(self, cells: list[Integers]) -> sparse.csr_matrix:
        """Return the matrix that maps the rows' weights to all blocks of Z'WZ."""
        own = [(index, index, grouping.codes) for index, grouping in enumerate(self.groupings)]
        crossed = [
            (pair.first, pair.second, cell) for pair, cell in zip(self.pairs, cells, strict=True)
        ]
        counts = [levels for levels, _ in self.sizes] + [len(pair.rows) for pair in self.pairs]
        parts, self._segments = [], []
        start = 0
        for (first, second, cell), count in zip([*own, *crossed], counts, strict=True):
            left, right = self.groupings[first].columns, self.groupings[second].columns
            shape = (count, left.shape[1], right.shape[1])
            size = shape[1] * shape[2]
            values = (left[:, :, None] * right[:, None, :]).reshape(len(cell), size)
            places = start + cell[:, None] * size + np.arange(size)
            parts.append((places, values))
            self._segments.append((slice(start, start + count * size), shape))
            start += count * size
        places = np.hstack([places for places, _ in parts])
        values = np.hstack([values for _, values in parts])
        rows = len(places)
        by_row = sparse.csr_matrix(
            (values.ravel(), places.ravel(), np.arange(rows + 1) * places.shape[1]),
            shape=(rows, start),
        )
        by_row.eliminate_zeros()
        return by_row.T.tocsr()

    def _places_in_rest(self, pair: Pair) -> Integers:
        """Return the flat places of a pair's cells in B (first pair) or in E, (cells, K, K')."""
        width, other = self.sizes[pair.first][1], self.sizes[pair.second][1]
        above = 0 if pair.first == 0 else self.starts[pair.first] - self.first
        beside = self.starts[pair.second] - self.first
        rows = above + pair.rows[:, None] * width + np.arange(width)
        columns = beside + pair.columns[:, None] * other + np.arange(other)
        places: Integers = rows[:, :, None] * self.rest + columns[:, None, :]
        return places

    def _lay_out_border(self) -> None:
        own = [places.ravel() for _, places in self.crossing()]
        flat = np.concatenate(own) if own else np.empty(0, dtype=np.int64)
        self._is_dense = len(flat) > _DENSE_SHARE * self.first * self.rest or (
            self.first * self.rest <= _DENSE_CELLS
        )
        self._border_places = flat
        self._border_order = np.argsort(flat, kind="stable")
        rows, columns = np.divmod(flat[self._border_order], max(1, self.rest))
        self._border_columns = columns.astype(np.int32)
        self._border_pointers = np.searchsorted(rows, np.arange(self.first + 1)).astype(np.int32)

    def placed_pairs(self) -> list[tuple[Pair, Integers]]:
        """Return every pair with the flat places of its cells, (cells, K, K'), in B or E."""
        return list(zip(self.pairs, self._places, strict=True))

    def crossing(self) -> list[tuple[Pair, Integers]]:
        """Return the pairs with the first grouping, whose cells lie in B."""
        return [(pair, places) for pair, places in self.placed_pairs() if pair.first == 0]

    def places_of(self, index: int) -> Integers:
        """Return the flat places of a grouping's diagonal blocks in E, (groups, K, K)."""
        levels, width = self.sizes[index]
        own = self.starts[index] - self.first
        rows = own + np.arange(levels)[:, None] * width + np.arange(width)
        places: Integers = rows[:, :, None] * self.rest + rows[:, None, :]
        return places

    def border(self, cells: list[Floats]) -> Border:
        """Return a matrix (first, rest) from the cells of the pairs with the first grouping."""
        values = np.concatenate([own.ravel() for own in cells]) if cells else np.empty(0)
        shape = (self.first, self.rest)
        if self._is_dense:
            dense = np.zeros(self.first * self.rest)
            dense[self._border_places] = values
            return dense.reshape(shape)
        return sparse.csr_matrix(
            (values[self._border_order], self._border_columns, self._border_pointers), shape=shape
        )

    def products(self, weights: Floats) -> list[Floats]:
        """Return the blocks of Z'WZ: (groups, K, K) a grouping, then (cells, K, K') a pair."""
        return self.split(self._products @ weights)

    def split(self, flat: Floats) -> list[Floats]:
        """Return the blocks that a flat vector of them holds."""
        return [flat[part].reshape(shape) for part, shape in self._segments]

    def quadratic_forms(self, blocks: list[Floats]) -> Floats:
        """Return z_i' P z_i of every row i, where P has these blocks and is symmetric."""
        groupings = len(self.groupings)
        flat = [
            (own if index < groupings else 2.0 * own).ravel() for index, own in enumerate(blocks)
        ]
        found: Floats = self._product_rows @ np.concatenate(flat)
        return found

    def by_group(self, effects: Floats) -> list[Floats]:
        """Return views (groups, K) of a vector over all effects."""
        return [
            effects[start : start + levels * width].reshape(levels, width)
            for start, (levels, width) in zip(self.starts, self.sizes, strict=False)
        ]

    def scaled(self, effects: Floats, factors: Sequence[Floats]) -> Floats:
        """Return Lambda times effects, (q,) or (q, columns)."""
        return self._apply(effects, [factor.T for factor in factors])

    def scaled_back(self, effects: Floats, factors: Sequence[Floats]) -> Floats:
        """Return Lambda' times effects, (q,) or (q, columns)."""
        return self._apply(effects, factors)

    def _apply(self, effects: Floats, factors: Sequence[Floats]) -> Floats:
        parts = []
        for start, (levels, width), factor in zip(self.starts, self.sizes, factors, strict=False):
            own = effects[start : start + levels * width]
            if width == 1:
                parts.append(own * factor[0, 0])
            elif effects.ndim == 1:
                parts.append((own.reshape(levels, width) @ factor).ravel())
            else:
                shaped = own.reshape(levels, width, -1)
                parts.append(np.matmul(factor.T, shaped).reshape(own.shape))
        return np.concatenate(parts)
