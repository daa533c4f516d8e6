"""How many drawn gulls two processes draw in a second.

Run: python -m benchmarks.drawn_gulls [PICTURES] [SIZE]
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter, process_time

from explainers.images import ImageRecord
from explainers.imagesets.gulls import DrawnGulls

_PROCESSES = 2
_GULLS: dict[int, DrawnGulls] = {}


def main() -> None:
    """Print pictures a second, and processor time a picture."""
    pictures = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 224
    records = DrawnGulls(max(2, pictures // 8), 1, size=size).records
    with ProcessPoolExecutor(_PROCESSES) as pool:
        list(pool.map(_draw, records[:16], [size] * 16))
        started = perf_counter()
        seconds = sum(pool.map(_draw, records, [size] * len(records), chunksize=8))
        wall = perf_counter() - started
    print(
        f"{len(records)} pictures of {size} px: {len(records) / wall:.0f} a second on {_PROCESSES} "
        f"processes, {1000 * seconds / len(records):.1f} ms of processor time each"
    )


def _draw(record: ImageRecord, size: int) -> float:
    if size not in _GULLS:
        _GULLS[size] = DrawnGulls(2, 1, size=size)
    started = process_time()
    _GULLS[size].open(record)
    return process_time() - started


if __name__ == "__main__":
    main()
