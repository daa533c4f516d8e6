"""The parametric bootstrap: new answers from a fit, fitted again.

Replicate i draws from the i-th child of the seed, so that results depend neither on the number of
workers nor on the order in which they finish.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.special import expit, ndtr

from analysis.errors import FitError
from analysis.glmm.coding import Floats
from analysis.glmm.fits import Fit
from analysis.glmm.fitting import maximum_deviance, solve
from analysis.glmm.hypotheses import check_nested
from analysis.glmm.outcomes import Outcome
from analysis.glmm.problem import Problem

Progress = Callable[[int, int], None]
Result = TypeVar("Result")
_CHUNK = 4


@dataclass(frozen=True)
class BootstrapTest:
    """A likelihood ratio against those of simulated studies.

    Attributes
    ----------
    statistic
        Of the data.
    simulated
        Of the simulated studies that could be fitted.
    failed
        How many could not.
    p
        (1 + how many simulated are at least as large) / (1 + how many there are).
    """

    statistic: float
    simulated: Floats
    failed: int

    @property
    def p(self) -> float:
        """Return the p value, in which the data count as one study (Davison & Hinkley 1997)."""
        as_large = int((self.simulated >= self.statistic - 1e-9).sum())
        return (1 + as_large) / (1 + len(self.simulated))


def simulate(found: Fit, generator: np.random.Generator) -> Outcome:
    """Draw a new outcome for every row from a fit, with new people and new pictures."""
    problem = found.problem
    factors = problem.covariance.factors(found.theta)
    effects = generator.standard_normal(problem.structure.effects)
    eta = problem.fixed @ found.beta
    random = problem.structure.random_columns @ problem.structure.scaled(effects, factors)
    eta = eta + found.sigma * random
    if problem.family == "gaussian":
        values = eta + found.sigma * generator.standard_normal(len(eta))
    elif problem.family == "ordinal":
        values = np.searchsorted(found.thresholds, eta + generator.logistic(size=len(eta)))
    else:
        trials = problem.outcome.trials
        share = ndtr(eta) if problem.family == "probit" else expit(eta)
        values = generator.binomial(trials.astype(np.int64), share)
    return replace(problem.outcome, values=np.asarray(values, dtype=np.float64))


def bootstrap(
    found: Fit,
    statistic: Callable[[Fit], Floats],
    *,
    simulations: int = 999,
    seed: int = 0,
    progress: Progress | None = None,
    workers: int = 1,
) -> Floats:
    """Return a statistic of fits to simulated outcomes.

    Parameters
    ----------
    statistic
        Of a fit, as a vector. With several workers it must be importable by name.
    progress
        Called with the numbers of replicates done and asked for.
    workers
        Processes.

    Returns
    -------
    (simulations that could be fitted, length of the statistic)
    """
    replicate = partial(_statistic_of_replicate, found, statistic, seed)
    results = _in_order(replicate, simulations, progress, workers)
    return np.array([result for result in results if result is not None])


def bootstrap_test(
    larger: Fit,
    smaller: Fit,
    *,
    simulations: int = 999,
    seed: int = 0,
    progress: Progress | None = None,
    workers: int = 1,
) -> BootstrapTest:
    """Test what one model has and another has not, by likelihood ratios of simulated studies.

    Outcomes are drawn from the smaller fit, and both models are fitted to each.

    Parameters
    ----------
    larger, smaller
        As in `hypotheses.likelihood_ratio`.

    Raises
    ------
    FitError
        When the two can't be compared.
    """
    check_nested(larger, smaller)
    replicate = partial(_ratio_of_replicate, larger.problem, smaller, seed)
    results = _in_order(replicate, simulations, progress, workers)
    simulated = np.array([result for result in results if result is not None])
    return BootstrapTest(
        statistic=max(0.0, smaller.deviance - larger.deviance),
        simulated=simulated,
        failed=simulations - len(simulated),
    )


def _generator(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))


def _statistic_of_replicate(
    found: Fit, statistic: Callable[[Fit], Floats], seed: int, number: int
) -> Floats | None:
    outcome = simulate(found, _generator(seed, number))
    try:
        return statistic(solve(replace(found.problem, outcome=outcome)))
    except FitError:
        return None


def _ratio_of_replicate(larger: Problem, smaller: Fit, seed: int, number: int) -> float | None:
    outcome = simulate(smaller, _generator(seed, number))
    try:
        ours, theirs = (
            maximum_deviance(replace(problem, outcome=outcome))
            for problem in (larger, smaller.problem)
        )
    except FitError:
        return None
    return max(0.0, theirs - ours)


def _in_order(
    replicate: Callable[[int], Result],
    simulations: int,
    progress: Progress | None,
    workers: int,
) -> list[Result]:
    if workers == 1:
        return _followed(map(replicate, range(simulations)), simulations, progress)
    with ProcessPoolExecutor(workers) as pool:
        results = pool.map(replicate, range(simulations), chunksize=_CHUNK)
        return _followed(results, simulations, progress)


def _followed(
    results: Iterable[Result], simulations: int, progress: Progress | None
) -> list[Result]:
    found = []
    for done, result in enumerate(results, start=1):
        found.append(result)
        if progress is not None:
            progress(done, simulations)
    return found
