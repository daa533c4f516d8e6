"""Small random tables and the models that tests fit to them."""

import numpy as np
import pandas as pd

from analysis.glmm.coding import Coding
from analysis.glmm.covariance import Covariance
from analysis.glmm.design import Design, build_design
from analysis.glmm.families import Binomial, CumulativeLogit
from analysis.glmm.formula import parse_formula
from analysis.glmm.laplace import Laplace
from analysis.glmm.structure import Structure


def random_table(seed: int = 0, rows: int = 300) -> pd.DataFrame:
    """Three groupings that cross at random, a number, a factor and three outcomes."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "person": generator.integers(0, 12, rows).astype(str),
            "item": generator.integers(0, 9, rows).astype(str),
            "site": generator.integers(0, 4, rows).astype(str),
            "x": generator.normal(size=rows),
            "c": generator.choice(list("abc"), rows),
        }
    )
    ability = generator.normal(0, 1, 12)[table["person"].astype(int)]
    ease = generator.normal(0, 0.8, 9)[table["item"].astype(int)]
    latent = 0.5 * table["x"] + ability + ease + generator.logistic(size=rows)
    table["right"] = (latent > 0).astype(int)
    table["rating"] = np.digitize(latent, [-1.5, 0.0, 1.5])
    table["rt"] = np.exp(0.2 * latent)
    return table


def design_of(formula: str, table: pd.DataFrame | None = None) -> Design:
    return build_design(
        parse_formula(formula), random_table() if table is None else table, Coding()
    )


def laplace_of(formula: str, *, prior_sd: float | None = None) -> Laplace:
    """The Laplace deviance of a formula whose outcome is `right` or `rating`."""
    design = design_of(formula)
    outcome = design.table[design.formula.outcome[0]].to_numpy()
    structure, covariance = Structure(design.groupings), Covariance(design.groupings)
    if design.formula.outcome == ("right",):
        family = Binomial(outcome.astype(float), np.ones(len(outcome)))
        return Laplace(structure, covariance, design.fixed, family, prior_sd=prior_sd)
    return Laplace(
        structure, covariance, design.fixed[:, 1:], CumulativeLogit(outcome, 4), prior_sd=prior_sd
    )


def random_parameters(laplace: Laplace, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.concatenate(
        [
            generator.normal(0, 0.7, laplace.covariance.size),
            generator.normal(0, 0.5, laplace.fixed.shape[1]),
            np.array([-1.0, 0.2, 1.0])[: laplace.family.parameters],
        ]
    )
