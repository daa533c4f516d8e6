"""Studies as recruiters list them, and the links they send people by."""

import uuid
from pathlib import Path
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from studyapp.enums import StudyStage
from studyapp.models import Study
from tests.factories import BRIEF, open_demo

PID, SESSION, LISTING = "5f1a0c00aa00bb00cc00dd01", "60aa0c00aa00bb00cc00dd02", "61bb0c00aa00bb00cc"
PROLIFIC = {"PROLIFIC_PID": PID, "STUDY_ID": LISTING, "SESSION_ID": SESSION}
MTURK = {
    "workerId": "AWORKER0SECRET",
    "assignmentId": "3ASSIGNMENT0SECRET",
    "hitId": "3HIT0SECRET",
    "turkSubmitTo": "https://workersandbox.mturk.com/",
}
# As long as SONA makes them: a short number stands in any export by chance.
SONA = {"survey_code": "4821396"}
CODES = "{screened_out: SCREEN1, failed_quiz: QUIZ1, no_consent: NO1, withdrawn: LEFT1}"
BLOCKS = {
    "prolific": f"recruitment: {{source: prolific, codes: {CODES}}}\n",
    "mturk": "recruitment: {source: mturk}\n",
    "sona": "recruitment: {source: sona, site: uni, experiment_id: '12', credit_token: tok9}\n",
}


def recruited(
    folder: Path,
    source: str,
    stage: StudyStage = StudyStage.OPEN,
    more: str = "",
    slug: str = "gulls-demo",
) -> Study:
    """The demo study, recruited by a source."""
    path = folder / f"{slug}.yaml"
    text = BRIEF.replace("slug: gulls-demo", f"slug: {slug}")
    path.write_text(BLOCKS.get(source, "") + more + text, encoding="utf-8")
    return open_demo(folder / "stimuli", stage, path)


def link(study: Study, said: dict[str, str]) -> str:
    return reverse("consent", args=[study.slug]) + ("?" + urlencode(said) if said else "")


def agree(client: Client, address: str, **said: str) -> HttpResponse:
    return client.post(address, {"entry_key": str(uuid.uuid4()), "agree": "yes", **said})
