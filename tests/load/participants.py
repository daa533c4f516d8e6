"""`python -m tests.load.participants --people 50 --think 2`: many participants at once.

Each opens a run, gets a block of trials as the player does, and answers it, thinking a while before
each answer; events follow every four seconds. gunicorn serves with two workers. Printed, never
asserted: answers a second, how long an answer took (50th and 95th percentile, largest), processor
time of server and database an answer, errors.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.load.served import Server, set_up
from tests.postgres import programs, running_postgres

TRIALS = 20
PER_SPECIES = 5
EVENTS_EVERY_S = 4.0
ACKNOWLEDGED = (200, 201)


@dataclass
class Tally:
    """What all participants met with."""

    answers_ms: list[float] = field(default_factory=list)
    blocks_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument(
        "--think", type=float, default=2.0, help="seconds before an answer, on average"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="larus-load-"))
    try:
        with database(options.database) as (url, number):
            set_up(folder, url)
            tally, seconds, cpu = measured(folder, options, number)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(report(options, tally, seconds, cpu)))
    return 0


@contextlib.contextmanager
def database(name: str) -> Iterator[tuple[str | None, int | None]]:
    if name == "sqlite":
        yield None, None
        return
    found = programs()
    if found is None:
        raise SystemExit("PostgreSQL is not installed here: apt-get install postgresql")
    with running_postgres(found, is_durable=True) as (url, number):
        yield url, number


def measured(folder, options, postgres: int | None) -> tuple[Tally, float, dict[str, float]]:
    tokens = tokens_of(folder, options.people)
    server = Server(workers=2)
    server.start()
    tally = Tally()
    try:
        before = cpu_seconds(server.number), cpu_seconds(postgres)
        began = time.monotonic()
        people = [
            threading.Thread(target=Person(server.url, token, options, number, tally).run)
            for number, token in enumerate(tokens)
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
        seconds = time.monotonic() - began
        cpu = {
            "server": cpu_seconds(server.number) - before[0],
            "database": cpu_seconds(postgres) - before[1],
        }
    finally:
        server.kill()
    return tally, seconds, cpu


def tokens_of(folder: Path, people: int) -> list[str]:
    """Sessions that stand at the assessment: one block of twenty trials."""
    from studyapp.models import StudySession
    from studyapp.services.sessions import start_session
    from tests.load.served import long_study

    study = long_study(folder, PER_SPECIES, places=3 * people)
    for _ in range(people):
        start_session(study=study, entry_key=uuid.uuid4())
    StudySession.objects.update(stage_key="assessment")
    return list(StudySession.objects.values_list("token", flat=True))


class Person:
    """One participant's browser."""

    def __init__(self, url, token, options, number, tally: Tally) -> None:
        self._address = urlsplit(url).netloc
        self._run = f"/run/{token}/"
        self._think = options.think
        self._random = random.Random(f"{options.seed} {number}")
        self._tally = tally
        self._device = str(uuid.uuid4())
        self._events: list[dict[str, object]] = []
        self._told_at = time.monotonic()

    def run(self) -> None:
        time.sleep(self._random.uniform(0, self._think))
        try:
            began = time.monotonic()
            block = self._post("api/block/", {"device": self._device}, ACKNOWLEDGED)
            self._tally.blocks_ms.append((time.monotonic() - began) * 1000)
            for trial in json.loads(block)["trials"][:TRIALS]:
                time.sleep(self._random.uniform(0.5, 1.5) * self._think)
                self._answer(trial)
            self._tell_events()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._tally.errors.append(repr(error))

    def _answer(self, trial) -> None:
        answer = {
            "device": self._device,
            "key": trial["key"],
            "trial": trial["uid"],
            "choice": self._random.choice(trial["choices"])["key"],
            "confidence": 3,
            "rt_ms": 812.5,
            "timing": {"submitted_ms": 1500, "onset_method": "decoded_two_frames"},
        }
        began = time.monotonic()
        self._post("api/responses/", answer, ACKNOWLEDGED)
        self._tally.answers_ms.append((time.monotonic() - began) * 1000)
        for name in ("choice", "confidence"):
            self._events.append(
                {
                    "key": str(uuid.uuid4()),
                    "kind": "picked",
                    "trial": trial["uid"],
                    "since_onset_ms": 800,
                    "data": {"name": name, "value": str(answer[name])},
                }
            )
        if time.monotonic() - self._told_at > EVENTS_EVERY_S:
            self._tell_events()

    def _tell_events(self) -> None:
        self._post("api/events/", {"events": self._events}, ACKNOWLEDGED)
        self._events, self._told_at = [], time.monotonic()

    def _post(self, path: str, said, expected) -> bytes:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", self._run + path, json.dumps(said), headers)
            response = connection.getresponse()
            heard = response.read()
        finally:
            connection.close()
        if response.status not in expected:
            raise ValueError(f"{path} answered {response.status}")
        return heard


def cpu_seconds(number: int | None) -> float:
    """Processor time of a process and its descendants, living or reaped."""
    if number is None:
        return 0.0
    total = 0.0
    for folder in (Path(f"/proc/{n}") for n in family(number)):
        with contextlib.suppress(FileNotFoundError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def family(number: int) -> list[int]:
    found = [number]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def report(options, tally: Tally, seconds: float, cpu: dict[str, float]) -> dict[str, object]:
    answers = len(tally.answers_ms)
    return {
        "database": options.database,
        "people": options.people,
        "think_s": options.think,
        "answers": answers,
        "answers_per_s": round(answers / seconds, 1),
        "p50_ms": round(percentile(tally.answers_ms, 50)),
        "p95_ms": round(percentile(tally.answers_ms, 95)),
        "largest_ms": round(percentile(tally.answers_ms, 100)),
        "block_p95_ms": round(percentile(tally.blocks_ms, 95)),
        "server_cpu_ms_per_answer": round(1000 * cpu["server"] / max(answers, 1), 1),
        "database_cpu_ms_per_answer": round(1000 * cpu["database"] / max(answers, 1), 1),
        "errors": len(tally.errors),
        "first_error": next(iter(tally.errors), None),
        "load_average": [round(load, 1) for load in os.getloadavg()],
    }


def percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    raise SystemExit(main())
