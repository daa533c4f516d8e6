"""One scheduler fills the network's batches from the searches of many pictures."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from explainers.asking import Ask, Direct, Finding, Search
from explainers.evaluator import Evaluator

# So many searches fill batches of eight whenever each asks about two pictures or more; their
# pictures are what a run holds in memory, however many there are in all.
WINDOW = 4


@dataclass
class Cost:
    """What one search cost: pictures asked about, and its share of the seconds."""

    forward: int = 0
    backward: int = 0
    seconds: float = 0.0


@dataclass
class _Running:
    """A search under way, with the question it waits on."""

    number: int
    search: Search
    cost: Cost = field(default_factory=Cost)
    question: Ask | Direct | None = None
    outcome: Finding | Exception | None = None

    def go_on(self, answer: object = None) -> None:
        """Send an answer and take the next question, or the outcome."""
        begun = time.perf_counter()
        try:
            self.question = self.search.send(answer)
        except StopIteration as end:
            self.outcome = end.value
        except Exception as error:
            self.outcome = error
        self.cost.seconds += time.perf_counter() - begun


def run_searches(
    evaluator: Evaluator, searches: Iterable[Callable[[], Search]], window: int = WINDOW
) -> Iterator[tuple[int, Finding | Exception, Cost]]:
    """Run searches side by side, and give each one's outcome as soon as it is there.

    Parameters
    ----------
    evaluator
        Answers.
    searches
        Begin a search each; a new one is begun when another has ended.
    window
        Searches under way at most.

    Yields
    ------
    tuple
        Position of the search, what it found or what stopped it, and what it cost.
    """
    waiting = enumerate(searches)
    running: list[_Running] = []
    while True:
        while len(running) < window and (following := next(waiting, None)) is not None:
            number, begin = following
            running.append(_Running(number, begin()))
            running[-1].go_on()
        if not running:
            return
        for ended in [one for one in running if one.outcome is not None]:
            running.remove(ended)
            yield ended.number, _outcome(ended), ended.cost
        _answer(evaluator, running)


def _outcome(ended: _Running) -> Finding | Exception:
    assert ended.outcome is not None
    return ended.outcome


def _answer(evaluator: Evaluator, running: list[_Running]) -> None:
    """Answer open questions: batched ones together, then the direct ones.

    Questions for gradients wait until nobody asks for less, so that searches which took different
    ways meet again and fill their batches.
    """
    asking = [(one, one.question) for one in running if isinstance(one.question, Ask)]
    asking = [pair for pair in asking if not pair[1].gradient] or asking
    if asking:
        begun = time.perf_counter()
        told = evaluator.answer([ask for _, ask in asking])
        spent = time.perf_counter() - begun
        weights = [_weight(ask) for _, ask in asking]
        for (one, ask), answer, weight in zip(asking, told, weights, strict=True):
            one.cost.forward += len(ask.pictures)
            one.cost.backward += len(ask.pictures) * ask.gradient
            one.cost.seconds += spent * weight / sum(weights)
            one.go_on(answer)
    answered = {id(one) for one, _ in asking}
    for one in running:
        if isinstance(one.question, Direct) and id(one) not in answered:
            _answer_directly(evaluator, one, one.question)


def _weight(ask: Ask) -> int:
    """A backward pass takes about twice as long as a forward one."""
    return len(ask.pictures) * (3 if ask.gradient else 1)


def _answer_directly(evaluator: Evaluator, one: _Running, question: Direct) -> None:
    before = (evaluator.passes.forward, evaluator.passes.backward)
    begun = time.perf_counter()
    try:
        answer = question.call(evaluator)
    except Exception as error:
        one.outcome = error
        return
    finally:
        one.cost.forward += evaluator.passes.forward - before[0]
        one.cost.backward += evaluator.passes.backward - before[1]
        one.cost.seconds += time.perf_counter() - begun
    one.go_on(answer)
