"""A real PostgreSQL server, started for one test or one measurement alone."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and postgres, which Debian keeps off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running_postgres(found: Path, *, is_durable: bool = False) -> Iterator[tuple[str, int]]:
    """Give the address of a server, and the number of its process.

    Only a measurement needs one that waits for the disk, and so outlives a loss of power.
    """
    # Not below pytest's own folder, which the server's user may not enter.
    data = Path(tempfile.mkdtemp(prefix="larus-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    initdb = [str(found / "initdb"), "-D", str(data), "-A", "trust", "-U", "larus"]
    subprocess.run(_as_server_user(initdb), check=True, capture_output=True)
    command = [str(found / "postgres"), "-D", str(data), "-p", str(port)]
    command += ["-h", "127.0.0.1", "-k", str(data)]
    command += [] if is_durable else ["-c", "fsync=off"]
    server = subprocess.Popen(
        _as_server_user(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        number = int((data / "postmaster.pid").read_text().split()[0])
        yield f"postgres://larus@127.0.0.1:{port}/postgres", number
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(data)


def _as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.5)
                return
        time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not start")
