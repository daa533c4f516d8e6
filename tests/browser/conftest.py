import os
import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from studyapp.models import StudySession
from studyapp.services.sessions import start_session
from tests.factories import open_demo

CHROMIUM = os.environ.get("LARUS_CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("CHROMIUM ABSENT: install the Debian package chromium, or set LARUS_CHROMIUM")
    # Playwright keeps an event loop in this thread; Django's check does not know that it is idle.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def standing(transactional_db, live_server, tmp_path):
    """A function that gives the address of a session that stands at a stage, in an arm."""
    study = open_demo(tmp_path / "stimuli")

    def stand(stage_key: str, arm: str = "heatmap") -> tuple[StudySession, str]:
        while True:
            session = start_session(study=study, entry_key=uuid.uuid4())
            if session.slot.arm == arm:
                break
        StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
        session.refresh_from_db()
        return session, f"{live_server.url}/run/{session.token}/"

    return stand
