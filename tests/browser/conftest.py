import os
import shutil
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from studyapp.models import Study, StudySession
from studyapp.services.sessions import start_session
from tests.factories import DEMO, open_demo

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
    studies: dict[tuple[str, str], Study] = {}

    def stand(
        stage_key: str, arm: str = "heatmap", changed: tuple[str, str] = ("", "")
    ) -> tuple[StudySession, str]:
        if changed not in studies:
            path = tmp_path / "study.yaml"
            path.write_text(DEMO.read_text().replace(*changed))
            studies[changed] = open_demo(tmp_path / "stimuli", protocol=path)
        while True:
            session = start_session(study=studies[changed], entry_key=uuid.uuid4())
            if session.slot.arm == arm:
                break
        StudySession.objects.filter(pk=session.pk).update(stage_key=stage_key)
        session.refresh_from_db()
        return session, f"{live_server.url}/run/{session.token}/"

    return stand
