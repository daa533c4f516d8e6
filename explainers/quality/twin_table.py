"""How often a network moves the right way when a mark changes, as lines people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from statistics import fmean, median

from explainers.imagesets.gulls import DrawnGulls
from explainers.quality.twins import TwinChange

Pair = tuple[str, str]
_CELL = 7


@dataclass(frozen=True)
class TwinRate:
    """Twins of one kind.

    Attributes
    ----------
    rate
        Share after whose change the network moved towards the other species, in [0, 1].
    change
        Median change of log(p(other) / p(species)).
    count
        Twins.
    """

    rate: float
    change: float
    count: int


def rate_of(changes: Sequence[TwinChange]) -> TwinRate:
    """Return how often some twins, at least one, moved the network the right way."""
    return TwinRate(
        rate=fmean(change.right for change in changes),
        change=median(change.change for change in changes),
        count=len(changes),
    )


def rates_by_mark(changes: Sequence[TwinChange]) -> dict[str, TwinRate]:
    """Return the rate of each mark, the worst first."""
    rates = {
        mark: rate_of([change for change in changes if change.mark == mark])
        for mark in {change.mark for change in changes}
    }
    return dict(sorted(rates.items(), key=lambda item: (item[1].rate, item[0])))


def plainest(changes: Sequence[TwinChange]) -> list[TwinChange]:
    """Return for each picture and other species the twin whose change shows most.

    An iris is a few pixels: a network, and a person, may well ignore it. The mark that shows most
    is the one that nobody who knows the two species could miss.
    """
    best: dict[tuple[str, str], TwinChange] = {}
    for change in changes:
        place = (change.picture, change.other)
        if place not in best or change.seen > best[place].seen:
            best[place] = change
    return list(best.values())


def rates_by_pair(changes: Sequence[TwinChange]) -> dict[Pair, TwinRate]:
    """Return the rate of each ordered pair (species shown, other species)."""
    groups: dict[Pair, list[TwinChange]] = {}
    for change in changes:
        groups.setdefault((change.species, change.other), []).append(change)
    return {pair: rate_of(group) for pair, group in groups.items()}


def pairs_without_twins(images: DrawnGulls, rates: Mapping[Pair, TwinRate]) -> dict[Pair, str]:
    """Return every ordered pair of a set's species that has no twin, and why."""
    species = [one.key for one in images.species]
    return {
        pair: "its marks are hidden in every picture"
        if images.telling_marks(*pair)
        else "no mark tells them apart"
        for pair in permutations(species, 2)
        if pair not in rates
    }


def twin_table(images: DrawnGulls, changes: Sequence[TwinChange]) -> list[str]:
    """Return the rates overall, by mark, and by pair for the mark that shows most.

    Parameters
    ----------
    images
        The set; its species are rows and columns.
    changes
        At least one twin.
    """
    plain = plainest(changes)
    overall, plainly, pairs = rate_of(changes), rate_of(plain), rates_by_pair(plain)
    pictures = len({change.picture for change in changes})
    without = pairs_without_twins(images, pairs)
    return [
        f"{overall.rate:.1%} of {overall.count} twins of {pictures} pictures move the network "
        "towards the species that lends the mark",
        f"{plainly.rate:.1%} of {plainly.count} do, when only the mark that shows most is changed "
        "for each picture and other species",
        "",
        *_mark_lines(changes),
        "",
        *_pair_lines([one.key for one in images.species], pairs),
        "",
        f"{len(pairs)} of {len(pairs) + len(without)} ordered pairs have twins",
        *(f"  {one} -> {other}: {reason}" for (one, other), reason in without.items()),
    ]


def _mark_lines(changes: Sequence[TwinChange]) -> list[str]:
    lines = [f"{'mark':16} {'right':>7} {'twins':>6} {'median change of log-odds':>26}"]
    return lines + [
        f"{mark:16} {rate.rate:7.1%} {rate.count:6} {rate.change:+26.2f}"
        for mark, rate in rates_by_mark(changes).items()
    ]


def _pair_lines(species: Sequence[str], pairs: Mapping[Pair, TwinRate]) -> list[str]:
    """Rows: the species shown; columns: the one that lends the mark, by the letter of its row."""
    letters = {key: chr(ord("a") + index) for index, key in enumerate(species)}
    head = "".join(f"{letter:>{_CELL}}" for letter in letters.values())
    lines = [f"{'mark that shows most':30}{head}"]
    for one in species:
        cells = "".join(_pair_cell(pairs.get((one, other))) for other in species)
        lines.append(f"{letters[one]} {one:28}{cells}")
    return lines


def _pair_cell(rate: TwinRate | None) -> str:
    return f"{'-' if rate is None else f'{rate.rate:.1%}':>{_CELL}}"
