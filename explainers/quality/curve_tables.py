"""Deletion and insertion as lines people read: means over pictures with 95 % intervals."""

from collections.abc import Sequence
from statistics import median

from explainers.quality.curves import Curves
from explainers.quality.folder_curves import OWN, ScoredExplanation
from explainers.quality.intervals import Mean, mean_of

_HEAD = (
    f"{'explanation':20} {'cells':>7} {'deletion':>8} {'95 % interval':>14}"
    f" {'insertion':>9} {'95 % interval':>14} {'both':>6} {'pictures':>8} {'seconds':>8}"
)


def curve_table(scored: Sequence[ScoredExplanation], at: str = OWN) -> list[str]:
    """Return a line for each name, grouped by the map's resolution, the best product first.

    Parameters
    ----------
    scored
        All explanations of a folder.
    at
        The resolution that curves were measured at.
    """
    where = "its own resolution" if at == OWN else f"{at} x {at} cells, every map alike"
    lines = [f"deletion (small is good) and insertion (large is good) at {where}", _HEAD]
    for cells in sorted({one.cells if at == OWN else (0, 0) for one in scored}):
        own = [one for one in scored if at != OWN or one.cells == cells]
        groups = [_of_name(own, name) for name in dict.fromkeys(one.explanation for one in own)]
        lines += [_line(group, at) for group in sorted(groups, key=lambda g: -_both(g, at))]
    return lines


def _of_name(scored: Sequence[ScoredExplanation], name: str) -> list[ScoredExplanation]:
    return [one for one in scored if one.explanation == name]


def _both(group: Sequence[ScoredExplanation], at: str) -> float:
    return mean_of([one.curves[at].both for one in group]).mean


def _line(group: Sequence[ScoredExplanation], at: str) -> str:
    curves: list[Curves] = [one.curves[at] for one in group]
    deletion = mean_of([one.deletion_area for one in curves])
    insertion = mean_of([one.insertion_area for one in curves])
    height, width = group[0].cells
    return (
        f"{group[0].explanation:20} {f'{height}x{width}':>7}"
        f" {deletion.mean:8.3f} {_interval(deletion)} {insertion.mean:9.3f} {_interval(insertion)}"
        f" {_both(group, at):6.3f} {len(group):8} {median(one.seconds for one in group):8.2f}"
    )


def _interval(mean: Mean) -> str:
    told = f"{mean.low:.3f} to {mean.high:.3f}" if mean.count > 1 else "-"
    return f"{told:>14}"
