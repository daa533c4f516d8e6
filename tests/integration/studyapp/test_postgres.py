"""The same races on a real PostgreSQL server, started for this test alone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import programs, running_postgres

REPOSITORY = Path(__file__).parents[3]
_FILES = ("allocation", "allocation_migration", "backups", "concurrency", "models")


@pytest.fixture
def database_url() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("POSTGRESQL ABSENT: install the Debian package postgresql to run this test")
    with running_postgres(found) as (url, _):
        yield url


@pytest.mark.postgres
@pytest.mark.slow
def test_races_constraints_and_export_hold_on_postgresql(database_url: str) -> None:
    folder = Path(__file__).parent
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"),
            *(str(folder / f"test_{name}.py") for name in _FILES),
            f"{folder / 'test_commands.py'}::test_an_export_is_whole_documented_and_checksummed",
        ],
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": database_url, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert " passed" in finished.stdout
    assert "skipped" not in finished.stdout
