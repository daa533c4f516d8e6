"""`python -m tests.load.kill_server --kills 20`: a player answers while the server is killed.

The server gets SIGKILL at random moments, stays away up to a second, and comes back, over and
over. Printed are the counts at the end; the exit status is 1 when an acknowledged answer is not
stored exactly once.
"""

import argparse
import json
import random
import shutil
import tempfile
import threading
from pathlib import Path

from tests.load.served import Server, long_study, session_at, set_up

PER_SPECIES = 12
ENDED = "text=A few last questions"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="larus-kills-"))
    try:
        set_up(folder)
        counts = run(folder, options.kills, random.Random(options.seed))
    finally:
        shutil.rmtree(folder)
    print(json.dumps(counts, indent=2))
    whole = counts["acknowledged"] == counts["acknowledged_and_stored"]
    return 0 if whole and counts["trials"] == counts["counted"] == counts["distinct"] else 1


def run(folder: Path, kills: int, generator: random.Random) -> dict[str, int]:
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS

    study = long_study(folder, PER_SPECIES)
    server = Server()
    server.start()
    killed: list[float] = []
    counts: dict[str, int] = {}
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            while len(killed) < kills:
                session = session_at(study, "assessment", "heatmap")
                page = browser.new_context().new_page()
                address = f"{server.url}/run/{session.token}/"
                page.goto(address)
                killer = Killer(server, kills, killed, generator)
                killer.start()
                answer_all(page, address, generator)
                killer.stop()
                add(counts, compare(session, page))
            browser.close()
    finally:
        server.kill()
    return {"kills": len(killed), **counts}


class Killer(threading.Thread):
    """Kills and restarts until it is told to stop, or has killed enough."""

    def __init__(self, server, kills, killed, generator):
        super().__init__()
        self._server, self._kills, self._killed = server, kills, killed
        self._generator = random.Random(generator.random())
        self._stopped = threading.Event()

    def run(self) -> None:
        while len(self._killed) < self._kills:
            if self._stopped.wait(self._generator.uniform(0.3, 2)):
                return
            self._server.crash(self._generator)
            self._killed.append(1)

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def answer_all(page, address: str, generator: random.Random) -> None:
    """Answer by keyboard until the questionnaire comes, pausing like a quick person."""
    while not page.locator(ENDED).count():
        if page.url.startswith("chrome-error"):
            # The server was away when the player went on to the next page: people reload.
            try_to_open(page, address)
        for key in (str(generator.randint(1, 4)), str(generator.randint(1, 5)), "Enter"):
            page.keyboard.press(key)
        page.wait_for_timeout(generator.uniform(50, 400))


def try_to_open(page, address: str) -> None:
    from playwright.sync_api import Error

    try:
        page.goto(address)
    except Error:
        page.wait_for_timeout(300)


def compare(session, page) -> dict[str, int]:
    from studyapp.models import Response
    from studyapp.selectors.receipts import receipt
    from tests.browser.hands import kept

    rows = list(Response.objects.filter(trial__session=session).select_related("trial"))
    counted = [row.trial_id for row in rows if not row.is_conflict]
    acknowledged = {row["receipt"] for row in kept(page) if row.get("receipt")}
    return {
        "trials": session.trials.filter(stage_key="assessment").count(),
        "acknowledged": len(acknowledged),
        "acknowledged_and_stored": len(acknowledged & {receipt(row) for row in rows}),
        "counted": len(counted),
        "distinct": len(set(counted)),
        "conflicts": len(rows) - len(counted),
    }


def add(total: dict[str, int], counts: dict[str, int]) -> None:
    for name, count in counts.items():
        total[name] = total.get(name, 0) + count


if __name__ == "__main__":
    raise SystemExit(main())
