"""Shared by all tests: where run-time files go, and where the real photographs may lie."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Tests run side by side, in as many processes as there are cores: one thread for each of them,
# and for each program that they start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first: at the end no process waits for another's."""
    items.sort(key=lambda item: item.get_closest_marker("postgres") is None)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real photographs, weights and studies, which are never committed."""
    folder = Path(os.environ.get("LARUS_REAL_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not (folder / "SOURCES.md").is_file():
        pytest.skip(f"REAL DATA ABSENT: {folder} not found; set LARUS_REAL_DATA to its folder")
    return folder


@pytest.fixture(autouse=True, scope="session")
def _emptying_the_database_empties_the_ledger() -> Iterator[None]:
    """Between tests SQLite deletes row by row, which the ledger's triggers refuse."""
    import django.db.backends.sqlite3.base  # noqa: F401  its operations need it first
    from django.db.backends.sqlite3.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f"DROP TRIGGER {name}" for name, _ in triggers]
        flush(self, [*drops, *statements, *(sql for _, sql in triggers)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
        yield


@pytest.fixture(autouse=True)
def _data_dir(settings: Any, tmp_path: Path) -> None:
    """No test writes into the working tree."""
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Every test has a database of its own: what was read of another is forgotten."""
    from studyapp.selectors import studies

    studies._manifest.cache_clear()
    studies._protocol.cache_clear()
    studies._species_names.cache_clear()
    studies._stimuli.cache_clear()
