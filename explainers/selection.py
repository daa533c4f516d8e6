"""Which pictures of an image set a build explains, and whether it can."""

from collections import Counter
from collections.abc import Collection, Sequence

from explainers.errors import ExplainersError
from explainers.images import ImageRecord, ImageSet
from explainers.networks import Network


def choose_records(
    images: ImageSet,
    *,
    split: str = "all",
    limit: int | None = None,
    each: int | None = None,
    species: Collection[str] = (),
) -> list[ImageRecord]:
    """Return the pictures to explain: all, or `limit` spread evenly over species and splits.

    Parameters
    ----------
    images
        The set to choose from.
    split
        `train`, `test` or `all`.
    limit
        At most so many pictures.
    each
        At most so many of each species in each split.
    species
        Keys of the only species wanted; empty means all.

    Raises
    ------
    ExplainersError
        When the set has no such species, or nothing is left.
    """
    known = {item.key for item in images.species}
    unknown = sorted(set(species) - known)
    if unknown:
        raise ExplainersError(
            f"The image set has no species {', '.join(unknown)}. It has {', '.join(sorted(known))}."
        )
    groups: dict[tuple[str, str], list[ImageRecord]] = {}
    for record in images.records:
        if split in ("all", record.split) and (not species or record.species in species):
            groups.setdefault((record.split, record.species), []).append(record)
    groups = {kind: group[:each] for kind, group in groups.items()}
    rounds = max((len(group) for group in groups.values()), default=0)
    turns = [g[turn] for turn in range(rounds) for g in groups.values() if turn < len(g)]
    chosen = sorted(turns[:limit], key=lambda record: record.key)
    if not chosen:
        raise ExplainersError(
            "No picture is left to explain: widen --split, --limit, --each, --species."
        )
    return chosen


def require_explainable(
    records: Sequence[ImageRecord], network: Network, methods: dict[str, str | None]
) -> None:
    """Refuse before anything is computed what would fail in the end.

    Raises
    ------
    ExplainersError
        When the network does not know a species, or a placebo would have nobody to borrow from.
    """
    strange = sorted({record.species for record in records} - set(network.species))
    if strange:
        raise ExplainersError(
            f"The network does not know {', '.join(strange)}; it knows "
            f"{', '.join(network.species)}. Choose pictures of these by --species, or train a "
            "network on this image set."
        )
    alone = [name for name, count in Counter(r.split for r in records).items() if count == 1]
    placebos = [name for name, lender in methods.items() if lender]
    if alone and placebos:
        raise ExplainersError(
            f"{placebos[0]} borrows maps within a split, and split {alone[0]} has one picture "
            "alone. Raise --limit, or choose one split by --split."
        )
