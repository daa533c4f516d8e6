"""Truth scores as lines people read: means over pictures with 95 % intervals, beside chance."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from explainers.quality.agreement import Agreement
from explainers.quality.drawn import BIRD, TELLING
from explainers.quality.folder_truth import ExplanationTruth
from explainers.quality.intervals import Mean, mean_of
from explainers.quality.truth import SCORES, RegionScores

Truths = Mapping[tuple[str, str], ExplanationTruth]
# A score of one picture, its chance without any information, and by maps of other pictures.
_Beside = tuple[float, float, float | None]

_HEAD = (
    f"{'explanation':16} {'':8} {'':9} {'mean':>6} {'95 % interval':>16} {'chance':>7}"
    f" {'shuffled':>8} {'gain':>7} {'95 % interval':>16} {'pictures':>8}"
)


def region_table(truths: Truths) -> list[str]:
    """Return how much attention lies in the telling parts and on the bird, for each name."""
    lines = ["attention inside the parts that tell the species from its rival, and on the bird"]
    lines.append(_HEAD)
    for name, own in _by_name(truths).items():
        for region in (TELLING, BIRD):
            for score in SCORES:
                found = [t.regions[region][score] for t in own if region in t.regions]
                cells = _cells([(item.value, item.area, item.shuffled) for item in found])
                lines.append(f"{name:16} {region:8} {score:9} {cells}")
    return lines


def ranking_table(truths: Truths) -> list[str]:
    """Return how methods and network agree on the ranking of parts, for each name."""
    lines = ["agreement with the network's sensitivity to each part, measured by twins", _HEAD]
    for name, own in _by_name(truths).items():
        ranked = [truth.ranking for truth in own if truth.ranking is not None]
        for label, cells in (("tau-b", _taus(ranked)), ("top part", _tops(ranked))):
            lines.append(f"{name:16} {'ranking':8} {label:9} {cells}")
    return lines


def region_line(scores: Mapping[str, RegionScores]) -> str:
    """Return one line on where a method's heat lies, from its scores by stimulus."""
    found = [regions[TELLING]["mass"] for regions in scores.values() if TELLING in regions]
    if not found:
        return "no picture shows a telling part"
    shuffled = [score.shuffled for score in found if score.shuffled is not None]
    by_others = f"{fmean(shuffled):.3f} for maps of other pictures, " if shuffled else ""
    mean, area = fmean(s.value for s in found), fmean(s.area for s in found)
    return f"{mean:.3f} of its heat in telling parts ({by_others}{area:.3f} by chance)"


def _taus(ranked: Sequence[Agreement]) -> str:
    return _cells([(item.tau, 0.0, item.tau_shuffled) for item in ranked])


def _tops(ranked: Sequence[Agreement]) -> str:
    return _cells([(item.top, item.top_random, item.top_shuffled) for item in ranked])


def _cells(rows: Sequence[_Beside]) -> str:
    values = mean_of([value for value, _, _ in rows])
    chance = mean_of([chance for _, chance, _ in rows])
    shuffled = mean_of([other for _, _, other in rows if other is not None])
    gains = mean_of([value - other for value, _, other in rows if other is not None])
    return (
        f"{values.mean:6.3f} {_interval(values)} {chance.mean:7.3f} {shuffled.mean:8.3f}"
        f" {gains.mean:+7.3f} {_interval(gains)} {values.count:8}"
    )


def _interval(mean: Mean) -> str:
    told = f"{mean.low:.3f} to {mean.high:.3f}" if mean.count > 1 else "-"
    return f"{told:>16}"


def _by_name(truths: Truths) -> dict[str, list[ExplanationTruth]]:
    found: dict[str, list[ExplanationTruth]] = {}
    for (_, name), truth in truths.items():
        found.setdefault(name, []).append(truth)
    return found
