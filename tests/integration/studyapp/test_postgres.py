"""The same races on a real PostgreSQL server, started for this test alone."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


def programs() -> Path | None:
    """The folder of initdb and postgres, which Debian keeps off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


@pytest.fixture
def database_url() -> Iterator[str]:
    found = programs()
    if found is None:
        pytest.skip("POSTGRESQL ABSENT: install the Debian package postgresql to run this test")
    # Not below pytest's own folder, which the server's user may not enter.
    data = Path(tempfile.mkdtemp(prefix="larus-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    initdb = [str(found / "initdb"), "-D", str(data), "-A", "trust", "-U", "larus"]
    subprocess.run(as_server_user(initdb), check=True, capture_output=True)
    server = subprocess.Popen(
        as_server_user(
            [
                str(found / "postgres"),
                "-D",
                str(data),
                "-p",
                str(port),
                "-h",
                "127.0.0.1",
                "-k",
                str(data),
            ]
        ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield f"postgres://larus@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(data)


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not start")


@pytest.mark.postgres
@pytest.mark.slow
def test_races_constraints_and_export_hold_on_postgresql(database_url: str) -> None:
    folder = Path(__file__).parent
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"),
            *(str(folder / f"test_{name}.py") for name in ("concurrency", "models")),
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
