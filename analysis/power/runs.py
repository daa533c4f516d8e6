"""Many simulated studies, in pieces, on several processes, resumed where they stopped.

Every study draws from a seed of its own, so that neither the number of processes nor an
interruption changes what is found.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from threadpoolctl import threadpool_limits

from analysis.power.journal import Journal, Piece
from analysis.power.studies import Counts, Run, Studies, no_counts

# Studies counted together: a second or so of work, which is what Ctrl-C may cost.
PIECE = 10

Progress = Callable[[int, int], object]


def run_studies(run: Run, journal: Journal, *, jobs: int, progress: Progress) -> list[Counts]:
    """Simulate and analyse every study of every point.

    Parameters
    ----------
    run
        What to do.
    journal
        What it holds is not done again, and what is done is added to it.
    jobs
        Processes.
    progress
        Called with the numbers of studies done and asked for.

    Returns
    -------
    list of Counts
        By point.

    Raises
    ------
    PowerError
        When the journal is of another run.
    """
    done = journal.read()
    pieces = [
        (place, first)
        for place in range(len(run.points))
        for first in range(0, run.studies, PIECE)
        if (place, first) not in done
    ]
    asked = run.studies * len(run.points)
    progress(sum(counts.studies for counts in done.values()), asked)
    with journal.adding() as add:
        for piece, counts in _counted(run, pieces, jobs):
            done[piece] = counts
            add(piece, counts)
            progress(sum(own.studies for own in done.values()), asked)
    sums = [no_counts(len(run.protocol.analysis.contrasts)) for _ in run.points]
    for (place, _), counts in done.items():
        sums[place] += counts
    return sums


def _counted(run: Run, pieces: Sequence[Piece], jobs: int) -> Iterator[tuple[Piece, Counts]]:
    """Yield every piece with its counts, as they are ready."""
    if jobs == 1:
        studies = Studies(run)
        for place, first in pieces:
            yield (place, first), studies.count(place, _numbers(run, first))
        return
    with _pool(run, jobs) as pool:
        try:
            waiting = {pool.submit(_count, *piece): piece for piece in pieces}
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _numbers(run: Run, first: int) -> range:
    return range(first, min(first + PIECE, run.studies))


def _pool(run: Run, jobs: int) -> ProcessPoolExecutor:
    # Spawned, for a forked copy of a process with threads may hang.
    return ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(run,)
    )


_STUDIES: list[Studies] = []


def _begin(run: Run) -> None:
    """Make a process ready."""
    # Ctrl-C is for the process that can say what is kept.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One core a process: threads of several would wait for each other.
    threadpool_limits(1)
    _STUDIES[:] = [Studies(run)]


def _count(place: int, first: int) -> Counts:
    (studies,) = _STUDIES
    return studies.count(place, _numbers(studies.run, first))
