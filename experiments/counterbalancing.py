"""Which condition each picture has for whom, where a participant meets several conditions.

Participants of an arm are numbered by their place in it. Their number gives the list they get:
lists rotate the conditions over the pictures, so that over as many lists as there are conditions
every picture has every condition once. Where conditions come in blocks, the number gives their
order, too.
"""

from collections.abc import Sequence


def conditions_of(pictures: Sequence[str], conditions: Sequence[str], place: int) -> dict[str, str]:
    """Return the condition of each picture in the list of one participant.

    Pictures that follow each other get different conditions, so that any run of them (those of one
    species) has each condition equally often, or once more.

    Parameters
    ----------
    pictures
        Keys, in an order that is the same for every participant.
    conditions
        What the arm meets.
    place
        Of the participant in their arm, from 0.

    Examples
    --------
    >>> conditions_of(["a", "b", "c"], ["none", "heatmap"], place=1)
    {'a': 'heatmap', 'b': 'none', 'c': 'heatmap'}
    """
    count = len(conditions)
    return {key: conditions[(number + place) % count] for number, key in enumerate(pictures)}


def order_of(conditions: Sequence[str], place: int) -> tuple[str, ...]:
    """Return in which order one participant meets the conditions, block by block.

    The order changes when every list has been given once, so that lists and orders are crossed.

    Parameters
    ----------
    conditions
        What the arm meets.
    place
        Of the participant in their arm, from 0.
    """
    square = balanced_square(len(conditions))
    row = square[place // len(conditions) % len(square)]
    return tuple(conditions[number] for number in row)


def lists_of(conditions: Sequence[str], *, in_blocks: bool) -> int:
    """Return how many different lists there are; balanced are multiples of it.

    Parameters
    ----------
    conditions
        What the arm meets.
    in_blocks
        Whether conditions come in blocks, whose orders are crossed with the lists.
    """
    count = len(conditions)
    # A square of one has the same row twice.
    return count * len(set(balanced_square(count))) if in_blocks else count


def balanced_square(count: int) -> tuple[tuple[int, ...], ...]:
    """Return a Latin square in which each number follows each other one equally often.

    An even count needs as many rows; an odd one twice as many, the second half being the first
    read backwards.

    Parameters
    ----------
    count
        Of what is ordered.

    References
    ----------
    Williams (1949), Experimental designs balanced for the estimation of residual effects of
    treatments. Australian Journal of Scientific Research A 2, 149-168.

    Examples
    --------
    >>> balanced_square(4)
    ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))
    """
    first = [(-(step // 2) if step % 2 == 0 else step // 2 + 1) % count for step in range(count)]
    rows = tuple(tuple((number + shift) % count for number in first) for shift in range(count))
    return rows if count % 2 == 0 else (*rows, *(row[::-1] for row in rows))
