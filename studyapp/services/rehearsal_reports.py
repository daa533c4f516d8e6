"""The report that a rehearsal's data would give, by the analysis package where it is installed."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from studyapp.models import Study
from studyapp.selectors.dossiers import REPORT, folder_of
from studyapp.services.rehearsal_exports import export_rehearsal

_LONGEST_S = 900
_SIGN_OF_LIFE_S = 20


class NoReport(Exception):
    """There is none. The message says why."""


def write_report(rehearsal: Study, alive: Callable[[], None]) -> None:
    """Write it into the dossier's folder; `alive` is called while it takes its time."""
    if importlib.util.find_spec("statsmodels") is None:
        raise NoReport(
            "the analysis package is not installed here (`pip install -r requirements.txt`)."
        )
    folder = folder_of(rehearsal)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        export, report = Path(scratch) / "export", Path(scratch) / "report"
        export_rehearsal(rehearsal=rehearsal, target=export)
        _run([str(export), "--out", str(report)], Path(scratch) / "said", alive)
        packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", report)
        Path(packed).replace(folder / REPORT)


def _run(words: list[str], said: Path, alive: Callable[[], None]) -> None:
    command = [sys.executable, "-m", "analysis", "report", *words]
    with said.open("w") as told:
        running = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=told, stderr=told)
        for _ in range(_LONGEST_S // _SIGN_OF_LIFE_S):
            try:
                status = running.wait(timeout=_SIGN_OF_LIFE_S)
                break
            except subprocess.TimeoutExpired:
                alive()
        else:
            running.kill()
            running.wait()
            raise NoReport(f"it was not ready after {_LONGEST_S // 60} minutes.")
    if status:
        last = said.read_text(errors="replace").strip().splitlines()[-1:] or ["no reason"]
        raise NoReport(last[0])
