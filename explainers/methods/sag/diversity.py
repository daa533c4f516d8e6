"""Which of many sufficient sets are shown, and how many of them have little in common."""

from collections.abc import Mapping, Sequence

# Beyond so many sets the largest family is not searched for exhaustively.
MOST_SEARCHED = 24


def choose_diverse(probabilities: Mapping[int, float], count: int, most_overlap: int) -> list[int]:
    """Choose sets that share few patches, by the paper's greedy rule.

    The first is the one with the fewest patches, then the highest probability, then the lowest
    number. Next comes always the set whose largest overlap with those chosen is smallest; ties are
    broken in the same way.

    Parameters
    ----------
    probabilities
        Of each set to choose from.
    count
        How many are wanted.
    most_overlap
        Patches that two chosen ones may share; fewer are chosen where no others differ so much.
    """
    rest = sorted(probabilities, key=lambda one: (one.bit_count(), -probabilities[one], one))
    chosen: list[int] = []
    while rest and len(chosen) < count:
        overlaps = [largest_overlap(one, chosen) for one in rest]
        least = min(overlaps)
        if least > most_overlap:
            break
        chosen.append(rest.pop(overlaps.index(least)))
    return chosen


def largest_overlap(patch_set: int, others: Sequence[int]) -> int:
    """Return how many patches a set shares with the one of others that it shares most with."""
    return max(((patch_set & other).bit_count() for other in others), default=0)


def largest_family(patch_sets: Sequence[int], most_overlap: int) -> int:
    """Return how many sets there are at most of which no two share more than `most_overlap`.

    Of more than `MOST_SEARCHED` sets, return how many a greedy choice finds: at least as many are
    there.
    """
    if len(patch_sets) > MOST_SEARCHED:
        return len(choose_diverse(dict.fromkeys(patch_sets, 0.0), len(patch_sets), most_overlap))
    return _extended(0, list(patch_sets), most_overlap, 0)


def _extended(size: int, fitting: list[int], most_overlap: int, best: int) -> int:
    """Size of the largest family that extends one of `size` sets by sets that fit it."""
    best = max(best, size)
    for position, one in enumerate(fitting):
        if size + len(fitting) - position <= best:
            break
        rest = [
            other for other in fitting[position + 1 :] if (one & other).bit_count() <= most_overlap
        ]
        best = _extended(size + 1, rest, most_overlap, best)
    return best
