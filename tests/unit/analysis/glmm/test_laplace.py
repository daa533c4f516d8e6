"""The Laplace deviance against dense algebra, and its gradient against differences."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from analysis.glmm import factorisation
from analysis.glmm import structure as structure_module
from analysis.glmm.factorisation import Factorisation
from analysis.glmm.structure import Structure
from tests.unit.analysis.glmm.tables import design_of, laplace_of, random_parameters

RANDOM_PARTS = [
    "(1|person)",
    "(1|person) + (1|item)",
    "(1|site/person)",
    "(1 + x|person) + (1 + x || item) + (1|site)",
    "(1 + c|item) + (0 + x|person) + (1|person:site)",
]
MODELS = [f"{y} ~ x + c + {part}" for y in ("right", "rating") for part in RANDOM_PARTS]


def dense_lambda(laplace, theta):
    factors = laplace.covariance.factors(theta)
    groupings = laplace.structure.groupings
    return block_diag(
        *(factor for factor, own in zip(factors, groupings, strict=True) for _ in own.levels)
    )


@pytest.fixture(params=[True, False], ids=["dense border", "sparse border in slices"])
def _either_border(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(structure_module, "_DENSE_CELLS", 0)
        monkeypatch.setattr(structure_module, "_DENSE_SHARE", 1.0)
        monkeypatch.setattr(factorisation, "_SLICE", 30)


@pytest.mark.usefixtures("_either_border")
@pytest.mark.parametrize("formula", MODELS)
def test_deviance_is_that_of_dense_algebra(formula):
    laplace = laplace_of(formula)
    parameters = random_parameters(laplace)
    deviance, _ = laplace(parameters)
    theta, beta, own = laplace.parts(parameters)
    random = laplace.structure.random_columns.toarray() @ dense_lambda(laplace, theta)
    modes = np.zeros(random.shape[1])
    for _ in range(50):
        point = laplace.family.at(laplace.fixed @ beta + random @ modes, own)
        curvature = random.T @ (point.weight[:, None] * random) + np.eye(len(modes))
        modes = modes + 0.7 * np.linalg.solve(curvature, random.T @ point.score - modes)
    expected = -2 * point.log_likelihood + modes @ modes + np.linalg.slogdet(curvature)[1]
    assert deviance == pytest.approx(expected, abs=1e-8)
    assert laplace.modes == pytest.approx(modes, abs=1e-7)


@pytest.mark.usefixtures("_either_border")
@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.parametrize("prior_sd", [None, 2.5])
def test_gradient_is_that_of_central_differences(formula, prior_sd):
    laplace = laplace_of(formula, prior_sd=prior_sd)
    parameters = random_parameters(laplace)
    _, gradient = laplace(parameters)
    steps = 1e-4 * np.eye(len(parameters))
    differences = [
        (laplace(parameters + step)[0] - laplace(parameters - step)[0]) / 2e-4 for step in steps
    ]
    assert gradient == pytest.approx(np.array(differences), abs=1e-5)


def test_deviance_is_infinite_where_thresholds_do_not_ascend():
    laplace = laplace_of("rating ~ x + (1|person)")
    assert laplace(np.array([1.0, 0.0, 0.5, 0.2, 1.0]))[0] == np.inf


def test_deviance_is_even_in_a_scale():
    laplace = laplace_of("right ~ x + (1|person) + (1|item)")
    one, other = np.array([0.8, 0.5, 0.1, 0.2]), np.array([-0.8, 0.5, 0.1, 0.2])
    assert laplace(one)[0] == pytest.approx(laplace(other)[0], abs=1e-9)


@pytest.mark.usefixtures("_either_border")
@pytest.mark.parametrize("part", RANDOM_PARTS)
def test_blocks_of_the_inverse_are_those_of_the_inverse(part):
    laplace = laplace_of(f"right ~ 1 + {part}")
    structure: Structure = laplace.structure
    theta = np.linspace(0.4, 1.2, laplace.covariance.size)
    weight = np.linspace(0.05, 0.25, structure.random_columns.shape[0])
    factors = laplace.covariance.factors(theta)
    factored = Factorisation(structure, structure.products(weight), factors)
    scaled = structure.random_columns.toarray() @ dense_lambda(laplace, theta)
    matrix = scaled.T @ (weight[:, None] * scaled) + np.eye(scaled.shape[1])
    inverse = np.linalg.inv(matrix)
    assert factored.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1])
    assert factored.solve(np.eye(len(matrix))) == pytest.approx(inverse, abs=1e-10)
    blocks = factored.inverse_blocks()
    for index, (start, (levels, width)) in enumerate(
        zip(structure.starts, structure.sizes, strict=False)
    ):
        for level in range(levels):
            own = slice(start + level * width, start + (level + 1) * width)
            assert blocks[index][level] == pytest.approx(inverse[own, own], abs=1e-10)
    for pair, cells in zip(structure.pairs, blocks[len(structure.sizes) :], strict=True):
        for row, column, cell in zip(pair.rows, pair.columns, cells, strict=True):
            ours, theirs = structure.sizes[pair.first][1], structure.sizes[pair.second][1]
            top = structure.starts[pair.first] + row * ours
            left = structure.starts[pair.second] + column * theirs
            expected = inverse[top : top + ours, left : left + theirs]
            assert cell == pytest.approx(expected, abs=1e-10)


def test_the_grouping_with_most_effects_is_eliminated_first():
    design = design_of("right ~ 1 + (1|site) + (1 + c|item) + (1|person)")
    assert [own.name for own in design.groupings] == ["item", "person", "site"]
