"""`manage.py rehearse SLUG`."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management import CommandError
from django.urls import reverse

from experiments.chromium import HOW_TO_GET, find_chromium
from experiments.digest import derive_seed
from experiments.respondents import PROFILES, ResponseModel, draw_respondents
from studyapp.bots.bot import Bot, BotError
from studyapp.bots.camera import Camera
from studyapp.bots.own_server import own_server
from studyapp.bots.tab import NoPicture, chromium_tab
from studyapp.management.bots import bot_count, respondents_named
from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors, study_named
from studyapp.models import Dossier, Draft, Study
from studyapp.selectors.dossiers import PAGES, folder_of
from studyapp.selectors.studies import protocol_of
from studyapp.services.dossiers import (
    begin_dossier,
    broken_off,
    finish_dossier,
    note_ending,
    note_problem,
    note_progress,
)
from studyapp.services.rehearsal_reports import NoReport, write_report
from studyapp.services.rehearsals import begin_preview

# One seed for all: the same plan is rehearsed the same way.
_SEED = 1


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
        parser.add_argument(
            "--dossier", type=int, help="the number of a dossier that the staff area has begun"
        )
        parser.add_argument("-n", "--count", type=bot_count, default=24, help="bots (default 24)")
        parser.add_argument(
            "--profile", default="attentive", help="how they answer, as of run_bots"
        )
        parser.add_argument(
            "--without", choices=["pictures", "report"], action="append", default=[]
        )

    def handle(self, *args: Any, **options: Any) -> None:
        people = respondents_named(options["profile"])
        try:
            dossier = self._begun(options)
            with broken_off(dossier):
                self._fill(dossier, people, options["without"])
        except Dossier.DoesNotExist as error:
            raise CommandError("The rehearsal was begun anew by somebody else.") from error

    def _begun(self, options: dict[str, Any]) -> Dossier:
        if options["dossier"] is not None:
            return Dossier.objects.select_related("rehearsal").get(pk=options["dossier"])
        if (options["slug"] is None) == (options["draft"] is None):
            raise CommandError("Name a study, or a draft by --draft.")
        with refusals_as_command_errors():
            origin = _origin(options["slug"], options["draft"])
            return begin_dossier(origin=origin, bots=options["count"])

    def _fill(self, dossier: Dossier, people: ResponseModel, without: Sequence[str]) -> None:
        self._walk(dossier, people)
        if "pictures" not in without:
            self._photograph(dossier)
        if "report" not in without:
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

    def _walk(self, dossier: Dossier, people: ResponseModel) -> None:
        for number, person in enumerate(draw_respondents(people, dossier.bots, _SEED)):
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
            with own_server() as (server, password), chromium_tab(browser, password) as tab:
                folder = folder_of(dossier.rehearsal) / PAGES
                self._walk_with(Camera(tab, server, folder), dossier)
        except (NoPicture, BotError) as error:
            note_problem(dossier=dossier, problem=f"Pictures of the pages: {error}")

    def _walk_with(self, camera: Camera, dossier: Dossier) -> None:
        """Once through each arm; what looks the same is taken once."""
        rehearsal = dossier.rehearsal
        camera.take("consent", reverse("consent", args=[rehearsal.slug]))
        (person,) = draw_respondents(PROFILES["attentive"], 1, _SEED)
        for arm in protocol_of(rehearsal).arms:
            self._say(dossier, f"pictures of the pages of arm {arm}")
            session = begin_preview(study=rehearsal, arm=arm)
            Bot(rehearsal, person, derive_seed(_SEED, arm)).walk(session, camera.look)

    def _report(self, dossier: Dossier) -> None:
        doing = "the report that such data would give"
        self._say(dossier, doing)
        try:
            write_report(dossier.rehearsal, lambda: note_progress(dossier=dossier, doing=doing))
        except NoReport as reason:
            note_problem(dossier=dossier, problem=f"No report: {reason}")


def _origin(slug: str | None, draft: int | None) -> Draft | Study:
    if draft is None:
        return study_named(slug or "")
    found = Draft.objects.filter(pk=draft, frozen_as__isnull=True).first()
    if found is None:
        raise CommandError(f"There is no draft {draft}, or it was frozen.")
    return found
