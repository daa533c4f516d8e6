import uuid

import pytest

from studyapp.models import Study, StudySession
from studyapp.services.sessions import start_session
from tests.factories import DEMO, open_demo


@pytest.fixture
def same_places(monkeypatch) -> None:
    """The order of arms is drawn from a seed that is always the same here."""
    monkeypatch.setattr("secrets.randbits", lambda bits: 7)


@pytest.fixture
def study(db, tmp_path) -> Study:
    """The brief demo over a small stimulus folder, in the pilot stage."""
    return open_demo(tmp_path / "stimuli")


@pytest.fixture
def whole_demo(db, tmp_path) -> Study:
    """The demo protocol itself, for what depends on its many trials."""
    return open_demo(tmp_path / "stimuli", protocol=DEMO)


@pytest.fixture
def session(study) -> StudySession:
    return start_session(study=study, entry_key=uuid.uuid4())


@pytest.fixture
def session_in(study):
    """A function that starts sessions until one falls into an arm."""

    def start(arm: str) -> StudySession:
        while True:
            session = start_session(study=study, entry_key=uuid.uuid4())
            if session.slot.arm == arm:
                return session

    return start
