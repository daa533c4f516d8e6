"""What a browser may do to a run, once more with PostgreSQL behind the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM
from tests.postgres import programs, running_postgres

REPOSITORY = Path(__file__).parents[2]
CASES = "reload_at_every_step or two_tabs or second_device or offline_in_mid or double_clicks"


@pytest.mark.browser
@pytest.mark.postgres
@pytest.mark.slow
def test_reloads_tabs_devices_and_gaps_lose_and_double_nothing_on_postgresql() -> None:
    found = programs()
    if found is None or CHROMIUM is None:
        pytest.skip("POSTGRESQL OR CHROMIUM ABSENT: install the Debian packages of these names")
    with running_postgres(found) as (url, _):
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"),
                *("tests/browser/test_player.py", "-k", CASES),
            ],
            cwd=REPOSITORY,
            env={**os.environ, "DATABASE_URL": url, "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert "5 passed" in finished.stdout
