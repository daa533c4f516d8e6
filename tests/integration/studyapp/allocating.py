"""Studies that allocate in other ways than the demo, and people who come to them."""

import uuid
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from studyapp.models import Study, StudySession
from studyapp.selectors.studies import protocol_of
from studyapp.services.screening import record_screening
from studyapp.services.sessions import start_session
from tests.factories import BRIEF, open_demo

DECLARED = """\
  method: permuted_blocks
  block_sizes: [3, 6]
  participants: {pilot: 300, main: 300}
"""
# Who watches birds, asked before anything else.
SCREENING = """
  - kind: screening
    title: About you
    questions:
      - {key: birds, text: Do you watch birds?, choices: ["No", "Yes"], accepted: ["No", "Yes"],
         reason: none}

  - kind: instructions"""
FACTORS = 'factors: [{stage: screening, item: birds, levels: {novice: ["No"], watcher: ["Yes"]}}]'


def written(folder: Path, allocation: str, *, asks: bool = False) -> Path:
    """Write the demo protocol with another allocation, in YAML's flow style."""
    text = BRIEF
    assert DECLARED in text
    text = text.replace(f"allocation:\n{DECLARED}", f"allocation: {allocation}\n")
    if asks:
        text = text.replace("\n  - kind: instructions", SCREENING, 1)
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def allocating(folder: Path, allocation: str, *, asks: bool = False) -> Study:
    """A study in the pilot stage with that allocation."""
    return open_demo(folder / "stimuli", protocol=written(folder, allocation, asks=asks))


def arrive(study: Study) -> StudySession:
    return start_session(study=study, entry_key=uuid.uuid4())


def answer_screening(session: StudySession, birds: str) -> StudySession:
    stage = protocol_of(session.study).stage("screening")
    record_screening(session=session, stage=stage, answers={"birds": birds})
    session.refresh_from_db()
    return session


def abandon(*sessions: StudySession, hours: int = 25) -> None:
    """Let them have begun so long ago."""
    begun = timezone.now() - timedelta(hours=hours)
    StudySession.objects.filter(pk__in=[s.pk for s in sessions]).update(started_at=begun)


def complete(session: StudySession) -> None:
    """As if every answer had been given."""
    StudySession.objects.filter(pk=session.pk).update(
        state="completed", stage_key="debrief", finished_at=timezone.now()
    )
