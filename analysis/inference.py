"""Comparing two arms when people answer many trials and pictures serve many people.

Every function takes one row a trial of two arms: `correct` (0 or 1), `participant`, `stimulus`
and `treated` (1 in the arm, 0 in the one it is compared with).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.discrete.discrete_model import Logit
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.tools.tools import add_constant

Floats = npt.NDArray[np.float64]

# A standard error below this, in log odds or shares, is rounding: nobody differs from anybody.
_SMALLEST_SE = 1e-9


@dataclass(frozen=True)
class Comparison:
    """An estimated difference with its uncertainty.

    Attributes
    ----------
    estimate, se
        On the scale of the model.
    df
        Degrees of freedom of the t reference.
    """

    estimate: float
    se: float
    df: float
    note: str = ""

    @property
    def statistic(self) -> float:
        """Return the t statistic."""
        return self.estimate / self.se

    @property
    def p(self) -> float:
        """Return the two-sided p value."""
        return float(2 * stats.t.sf(abs(self.statistic), self.df))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the confidence interval of a level such as 0.95."""
        reach = float(stats.t.ppf((1 + level) / 2, self.df)) * self.se
        return self.estimate - reach, self.estimate + reach


def two_way_logit(trials: pd.DataFrame) -> Comparison:
    """Log odds ratio by logistic regression with errors clustered by people and by pictures.

    The variance is that of Cameron, Gelbach & Miller (2011, equation 2.11): by participant plus by
    stimulus minus by their intersection, each with the G/(G-1) correction. When the sum is not
    positive the larger one-way variance is used and said. The reference is t with the smaller
    number of clusters minus one degrees of freedom: with z the test is too liberal.

    Raises
    ------
    ValueError
        When there are fewer than two people or pictures, or no answer varies within an arm.
    """
    design = np.column_stack([np.ones(len(trials)), trials["treated"].to_numpy(float)])
    correct = trials["correct"].to_numpy(float)
    fit = Logit(correct, design).fit(disp=False)
    fitted = np.asarray(fit.predict())
    bread = np.linalg.inv((design * (fitted * (1 - fitted))[:, None]).T @ design)
    scores = design * (correct - fitted)[:, None]
    return _two_way(float(fit.params[1]), bread, scores, trials)


def two_way_difference(trials: pd.DataFrame) -> Comparison:
    """Difference of accuracies, with the same clustered errors as `two_way_logit`."""
    design = np.column_stack([np.ones(len(trials)), trials["treated"].to_numpy(float)])
    correct = trials["correct"].to_numpy(float)
    bread = np.linalg.inv(design.T @ design)
    slopes = bread @ design.T @ correct
    scores = design * (correct - design @ slopes)[:, None]
    return _two_way(float(slopes[1]), bread, scores, trials)


def _two_way(estimate: float, bread: Floats, scores: Floats, trials: pd.DataFrame) -> Comparison:
    people, pictures = trials["participant"], trials["stimulus"]
    df = float(min(people.nunique(), pictures.nunique()) - 1)
    if df < 1:
        raise ValueError("at least 2 people and 2 pictures are needed")
    pairs = people.astype(str) + "\x1f" + pictures.astype(str)
    by_people = _clustered(bread, scores, people)
    by_pictures = _clustered(bread, scores, pictures)
    variance = by_people + by_pictures - _clustered(bread, scores, pairs)
    larger = max(by_people, by_pictures)
    if larger < _SMALLEST_SE**2:
        raise ValueError("all answers within each arm are alike, so that nothing tells their error")
    if variance >= _SMALLEST_SE**2:
        return Comparison(estimate, float(np.sqrt(variance)), df)
    note = "two-way variance not positive; the larger one-way variance is used"
    return Comparison(estimate, float(np.sqrt(larger)), df, note)


def _clustered(bread: Floats, scores: Floats, groups: "pd.Series[str]") -> float:
    """Return the cluster-robust variance of the second coefficient."""
    codes, names = pd.factorize(groups)
    sums = np.zeros((len(names), scores.shape[1]))
    np.add.at(sums, codes, scores)
    meat = sums.T @ sums * len(names) / (len(names) - 1)
    return float((bread @ meat @ bread)[1, 1])


def participant_means(trials: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the accuracies of the people in the arm, and of those in the other."""
    means = trials.groupby(["treated", "participant"])["correct"].mean()
    return means.loc[1].to_numpy(float), means.loc[0].to_numpy(float)


def welch(trials: pd.DataFrame) -> Comparison:
    """Difference of participants' mean accuracies with Welch's standard error (Welch 1947)."""
    ours, theirs = participant_means(trials)
    parts = [group.var(ddof=1) / len(group) for group in (ours, theirs)]
    variance = sum(parts)
    if variance < _SMALLEST_SE**2:
        raise ValueError("nobody differs from anybody")
    df = variance**2 / sum(
        part**2 / (len(group) - 1) for part, group in zip(parts, (ours, theirs), strict=True)
    )
    return Comparison(float(ours.mean() - theirs.mean()), float(np.sqrt(variance)), float(df))


def paired(trials: pd.DataFrame) -> Comparison:
    """Mean difference within participants of their accuracies in the two arms, with paired t.

    Only those who met both arms have a difference; the note counts the others.
    """
    differences, left_out = _within_differences(trials)
    if len(differences) < 2 or differences.std(ddof=1) < _SMALLEST_SE:
        raise ValueError("nobody differs from anybody")
    note = f"{left_out} participants met one arm only and are left out" if left_out else ""
    return Comparison(
        float(differences.mean()), float(stats.sem(differences)), len(differences) - 1.0, note
    )


def sign_flip_p(trials: pd.DataFrame, *, seed: int, permutations: int = 10_000) -> float:
    """Two-sided p of the mean difference within participants, their signs drawn at random.

    The observed signs count as one arrangement, as in `permutation_p`.
    """
    differences, _ = _within_differences(trials)
    if not len(differences):
        raise ValueError("no participant met both arms")
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (permutations, len(differences)))
    observed = abs(differences.mean()) - 1e-12
    extreme = int((np.abs((signs * differences).mean(axis=1)) >= observed).sum())
    return (extreme + 1) / (permutations + 1)


def _within_differences(trials: pd.DataFrame) -> tuple[Floats, int]:
    means = trials.groupby(["participant", "treated"])["correct"].mean().unstack("treated")
    both = means.dropna()
    return (both[1] - both[0]).to_numpy(float), len(means) - len(both)


def permutation_p(trials: pd.DataFrame, *, seed: int, permutations: int = 10_000) -> float:
    """Two-sided p of the difference of participant means under shuffled arms.

    The observed arrangement counts as one of them, so that p is never zero
    (Phipson & Smyth 2010).
    """
    ours, theirs = participant_means(trials)
    values = np.concatenate([ours, theirs])
    generator = np.random.default_rng(seed)
    order = generator.random((permutations, len(values))).argsort(axis=1)
    shuffled = values[order]
    ours_mean = shuffled[:, : len(ours)].mean(axis=1)
    theirs_mean = shuffled[:, len(ours) :].mean(axis=1)
    observed = abs(ours.mean() - theirs.mean()) - 1e-12
    extreme = int((np.abs(ours_mean - theirs_mean) >= observed).sum())
    return (extreme + 1) / (permutations + 1)


def gee(trials: pd.DataFrame) -> Comparison:
    """Marginal log odds ratio by GEE, exchangeable within people, bias-reduced errors.

    Liang & Zeger (1986) with the correction of Mancl & DeRouen (2001); t with participants minus
    two degrees of freedom.
    """
    ordered = trials.sort_values("participant", kind="stable")
    design = add_constant(ordered["treated"].to_numpy(float))
    fit = GEE(
        ordered["correct"].to_numpy(float),
        design,
        groups=pd.factorize(ordered["participant"])[0],
        family=Binomial(),
        cov_struct=Exchangeable(),
    ).fit(cov_type="bias_reduced")
    df = float(ordered["participant"].nunique() - 2)
    return Comparison(float(fit.params[1]), float(fit.bse[1]), df)


def holm(p_values: list[float]) -> list[float]:
    """Return p values adjusted by Holm's step-down rule (1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def mean_interval(values: Floats, level: float) -> tuple[float, float, float]:
    """Return the mean of participants' accuracies and its t interval, cut to [0, 1]."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    reach = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * float(stats.sem(values))
    return mean, max(0.0, mean - reach), min(1.0, mean + reach)
