"""Letting a process of its own rehearse a plan, so that nobody waits for a page."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from studyapp.models import Dossier


def rehearse_in_background(dossier: Dossier) -> None:
    """Start `manage.py rehearse` on the database and the folder of this very server."""
    named = ["--dossier", str(dossier.pk)]
    log = Path(settings.DATA_DIR) / "dossiers" / "rehearse.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as told:
        subprocess.Popen(
            [sys.executable, settings.BASE_DIR / "manage.py", "rehearse", *named],
            env={**os.environ, **_whereabouts()},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )


def _whereabouts() -> dict[str, str]:
    places = {"LARUS_DATA_DIR": str(settings.DATA_DIR)}
    if connection.vendor == "sqlite":
        places["DATABASE_URL"] = f"sqlite:///{connection.settings_dict['NAME']}"
    return places
