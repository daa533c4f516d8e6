"""`manage.py rehearse SLUG`."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.urls import reverse

from experiments.chromium import HOW_TO_GET, find_chromium
from experiments.digest import derive_seed
from experiments.fitted_respondents import response_model_named
from experiments.respondents import draw_respondents
from studyapp.bots.bot import Bot, BotError
from studyapp.bots.camera import Camera
from studyapp.bots.own_server import own_server
from studyapp.bots.tab import NoPicture, chromium_tab
from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors, study_named
from studyapp.models import Dossier, Draft, Study
from studyapp.selectors.dossiers import PAGES, REPORT, folder_of
from studyapp.selectors.studies import protocol_of
from studyapp.services.dossiers import (
    begin_dossier,
    finish_dossier,
    note_ending,
    note_problem,
    note_progress,
)
from studyapp.services.rehearsal_exports import export_rehearsal
from studyapp.services.rehearsals import begin_preview, rehearsal_of, rehearsal_of_study

# One seed for all: the same plan is rehearsed the same way.
_SEED = 1
_REPORT_LIMIT_S = 900


class Command(TeachingCommand):
    """Fills a plan's dossier: bots over the real pages, a picture of each page, the report."""

    help = (
        "Rehearse a frozen study or a draft in a copy with places of its own: bots walk the real "
        "pages, Chromium takes a picture of each, and the report is written that such data would "
        "give. The results stand in the plan's dossier in the staff area. A changed plan is "
        "rehearsed anew."
    )
    examples = (
        "  manage.py rehearse my-study\n"
        "  manage.py rehearse --draft 7 -n 60 --profile teaching\n"
        "  manage.py rehearse my-study --without pictures"
    )
    when_stopped = "The rehearsal stopped half-way; the same command begins it anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="of a frozen study")
        parser.add_argument("--draft", type=int, help="the number of a draft, as in its address")
        parser.add_argument("-n", "--count", type=int, default=24, help="bots (default 24)")
        parser.add_argument(
            "--profile", default="attentive", help="how they answer, as of run_bots"
        )
        parser.add_argument(
            "--without", choices=["pictures", "report"], action="append", default=[]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["slug"] is None) == (options["draft"] is None):
            raise CommandError("Name a study, or a draft by --draft.")
        if options["count"] < 1:
            raise CommandError("-n is 1 or more.")
        with refusals_as_command_errors():
            rehearsal = _rehearsal(options["slug"], options["draft"])
            dossier = begin_dossier(rehearsal=rehearsal, bots=options["count"])
        self._walk(dossier, options["profile"])
        if "pictures" not in options["without"]:
            self._photograph(dossier)
        if "report" not in options["without"]:
            self._report(dossier)
        finish_dossier(dossier=dossier)
        dossier.refresh_from_db()
        told = ", ".join(f"{count} {ending}" for ending, count in sorted(dossier.endings.items()))
        self.stdout.write(f"Rehearsed: {told}.")
        for problem in dossier.problems:
            self.stdout.write(f"  {problem}")

    def _say(self, dossier: Dossier, doing: str) -> None:
        note_progress(dossier=dossier, doing=doing)
        self.stdout.write(doing)

    def _walk(self, dossier: Dossier, profile: str) -> None:
        people = draw_respondents(response_model_named(profile), dossier.bots, _SEED)
        for number, person in enumerate(people):
            self._say(dossier, f"bot {number + 1} of {dossier.bots}")
            try:
                ending = Bot(dossier.rehearsal, person, derive_seed(_SEED, number)).run()
            except BotError as error:
                note_problem(dossier=dossier, problem=f"Bot {number + 1}: {error}")
            else:
                note_ending(dossier=dossier, ending=ending)

    def _photograph(self, dossier: Dossier) -> None:
        browser = find_chromium()
        if browser is None:
            problem = f"No pictures of the pages: Chromium is missing. {HOW_TO_GET}."
            note_problem(dossier=dossier, problem=problem)
            return
        try:
            with own_server() as server, chromium_tab(browser) as tab:
                folder = folder_of(dossier.rehearsal) / PAGES
                self._walk_with(Camera(tab, server, folder), dossier)
        except (NoPicture, BotError) as error:
            note_problem(dossier=dossier, problem=f"Pictures of the pages: {error}")

    def _walk_with(self, camera: Camera, dossier: Dossier) -> None:
        """Once through each arm; what looks the same is taken once."""
        rehearsal = dossier.rehearsal
        camera.take("consent", reverse("consent", args=[rehearsal.slug]))
        (person,) = draw_respondents(response_model_named("attentive"), 1, _SEED)
        for arm in protocol_of(rehearsal).arms:
            self._say(dossier, f"pictures of the pages of arm {arm}")
            session = begin_preview(study=rehearsal, arm=arm)
            Bot(rehearsal, person, derive_seed(_SEED, arm)).walk(session, camera.look)

    def _report(self, dossier: Dossier) -> None:
        """By the analysis package, where it is installed: a web host needs none of it."""
        if importlib.util.find_spec("statsmodels") is None:
            problem = (
                "No report: the analysis package is not installed here "
                "(`pip install -r requirements.txt`)."
            )
            note_problem(dossier=dossier, problem=problem)
            return
        self._say(dossier, "the report that such data would give")
        folder = folder_of(dossier.rehearsal)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            export, report = Path(scratch) / "export", Path(scratch) / "report"
            export_rehearsal(rehearsal=dossier.rehearsal, target=export)
            problem = _write_report(export, report)
            if problem:
                note_problem(dossier=dossier, problem=f"No report: {problem}")
            else:
                packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", report)
                Path(packed).replace(folder / REPORT)


def _rehearsal(slug: str | None, draft: int | None) -> Study:
    if draft is None:
        return rehearsal_of_study(study_named(slug or ""))
    found = Draft.objects.filter(pk=draft, frozen_as__isnull=True).first()
    if found is None:
        raise CommandError(f"There is no draft {draft}, or it was frozen.")
    return rehearsal_of(found)


def _write_report(export: Path, report: Path) -> str:
    """Write it and say nothing, or say why there is none."""
    command = [sys.executable, "-m", "analysis", "report", str(export), "--out", str(report)]
    try:
        ran = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            capture_output=True,
            timeout=_REPORT_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it was not ready after {_REPORT_LIMIT_S // 60} minutes."
    last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no reason"]
    return last[0] if ran.returncode else ""
