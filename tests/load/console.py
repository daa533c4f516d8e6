"""`python -m tests.load.console --people 500`: how long the console's pages take.

Times of the whole request, by the test client, on a study of so many participants of whom all have
been given their trials. Printed, never asserted: seconds (median and slowest of 20) and queries.
"""

import argparse
import shutil
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.load.served import long_study, set_up

PAGES = ("staff-participants", "staff-monitor", "staff-study")
TIMES = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="larus-console-"))
    try:
        set_up(folder)
        measure(folder, options.people)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, people: int) -> None:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from studyapp.enums import Role
    from studyapp.services.people import give_role
    from studyapp.services.sessions import start_session

    study = long_study(folder, per_species=4, places=-(-people // 3) * 3)
    for _ in range(people):
        start_session(study=study, entry_key=uuid.uuid4())
    user = User.objects.create_user("monitor")
    give_role(user=user, study=study, role=Role.OWNER)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    for name in PAGES:
        address = reverse(name, args=[study.slug])
        statements: list[str] = []
        with connection.execute_wrapper(partial(_noting, statements)):
            assert client.get(address).status_code == 200
        seconds = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            client.get(address)
            seconds.append(time.perf_counter() - begun)
        print(
            f"{name}, {people} participants: median {1000 * median(seconds):.0f} ms, "
            f"slowest {1000 * max(seconds):.0f} ms, {len(statements)} queries"
        )


def _noting(statements: list[str], execute: Any, sql: str, *arguments: Any) -> Any:
    statements.append(sql)
    return execute(sql, *arguments)


if __name__ == "__main__":
    main()
