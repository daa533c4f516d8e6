"""A real server of its own, with its own database, that can be killed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def set_up(folder: Path, database_url: str | None = None) -> None:
    """Point Django at a folder of its own, and a database: SQLite in there unless one is named.

    Call before anything of studyapp is imported.
    """
    os.environ.pop("DATABASE_URL", None)
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    os.environ["LARUS_DATA_DIR"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "studyapp.settings"
    # Playwright keeps an event loop in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def long_study(folder: Path, per_species: int, places: int = 300) -> object:
    """The demo study with one long block of trials in its assessment."""
    from studyapp.enums import StudyStage
    from studyapp.services.stimuli import import_stimuli
    from studyapp.services.studies import freeze_protocol, set_stage
    from tests.factories import DEMO, write_stimuli

    write_stimuli(folder / "stimuli", each=2 * per_species + 8)
    import_stimuli(folder=folder / "stimuli", name="gulls-demo")
    text = DEMO.read_text().replace("per_species: 4", f"per_species: {per_species}")
    text = text.replace("pilot: 300", f"pilot: {places}")
    path = folder / "long.yaml"
    path.write_text(text.replace("    break_every: 9\n", ""))
    study, _ = freeze_protocol(path=path)
    set_stage(study=study, stage=StudyStage.PILOT)
    study.refresh_from_db()
    return study


def session_at(study: object, stage_key: str, arm: str) -> object:
    """A session of that arm that stands at a stage."""
    from studyapp.models import StudySession
    from studyapp.services.sessions import start_session

    while True:
        session = start_session(study=study, entry_key=uuid.uuid4())
        if session.slot.arm == arm:
            break
    StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
    session.refresh_from_db()
    return session


class Server:
    """gunicorn on a port of its own, and what a crash does to it."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "studyapp.wsgi", "--threads", "4"]
        command += ["--workers", str(self._workers)]
        command += ["--bind", f"127.0.0.1:{self._port}", "--log-level", "critical"]
        self._process = subprocess.Popen(command, cwd=REPOSITORY, start_new_session=True)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.url, timeout=1)
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise TimeoutError("the server did not start")

    @property
    def number(self) -> int:
        """Of the process all others come from."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As the power cut does: no handler runs, nothing is flushed."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def crash(self, generator: random.Random) -> None:
        self.kill()
        time.sleep(generator.uniform(0, 1))
        self.start()
