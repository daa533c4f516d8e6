"""Progress of long work as plain lines, for files and pipes, where no bar can be drawn."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_EVERY_SECONDS = 10.0


@dataclass
class PlainProgress:
    """Says now and then how far the work is and how long the rest may take.

    Parameters
    ----------
    write
        Takes one line, without its end.
    clock
        Gives seconds.
    """

    write: Callable[[str], object]
    clock: Callable[[], float] = time.monotonic
    _begun: dict[str, tuple[float, int]] = field(default_factory=dict)
    _unsaid: str = ""

    def __post_init__(self) -> None:
        self._said_at = self._last_at = self.clock()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take note of a step: what, how many are done, of how many."""
        kind, now = what.split(",", maxsplit=1)[0], self.clock()
        # The step that ends here began when the one before it ended.
        begun_at, before = self._begun.setdefault(kind, (self._last_at, done - 1))
        self._last_at = now
        each = (now - begun_at) / max(1, done - before)
        left = f", about {_duration(each * (total - done))} left" if done < total else ""
        self._unsaid = f"{what}: {done} of {total}{left}"
        if done >= total or now - self._said_at >= _EVERY_SECONDS:
            self.finish()

    def finish(self) -> None:
        """Say the last step when nobody has heard of it yet."""
        if self._unsaid:
            self.write(self._unsaid)
            self._unsaid, self._said_at = "", self.clock()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
