import asyncio
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Started once for all tests of a process, with the loop in which Playwright speaks with it.

    The loop rests between tests. Nobody else must find it running in this thread.
    """
    if CHROMIUM is None:
        pytest.skip("CHROMIUM ABSENT: install the Debian package chromium, or set LARUS_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield started, loop
        asyncio._set_running_loop(loop)
        started.close()


@pytest.fixture
def browser(chromium, monkeypatch) -> Iterator[Browser]:
    """A browser that remembers nothing of another test: each of its contexts ends with the test."""
    shared, loop = chromium
    # Django's check does not know that the loop is idle.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio._set_running_loop(loop)
    yield shared
    for context in shared.contexts:
        context.close()
    asyncio._set_running_loop(None)


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
