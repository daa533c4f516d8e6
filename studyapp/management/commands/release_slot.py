"""`manage.py release_slot SLUG SESSION --reason WHY`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from studyapp.management.teaching import (
    TeachingCommand,
    add_slug,
    refusals_as_command_errors,
    study_named,
)
from studyapp.models import StudySession
from studyapp.services.allocation import release_slot


class Command(TeachingCommand):
    """Takes a place back, so that it is given to the next who comes."""

    help = (
        "Release the place of a session, as after a rejected submission. The next participant gets "
        "it, and so the same arm; the session keeps its data and is marked in the export."
    )
    examples = "  manage.py release_slot my-study sbcdfghjkmn --reason 'submission rejected'"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("session", help="code of the session, as exports and staff pages tell")
        parser.add_argument("--reason", required=True, help="stays in the ledger")

    def handle(self, *args: Any, **options: Any) -> None:
        study, code = study_named(options["slug"]), options["session"]
        session = StudySession.objects.filter(study=study, code=code).first()
        if session is None:
            raise CommandError(f"The study {study.slug} has no session {code!r}.")
        with refusals_as_command_errors():
            release_slot(session=session, reason=options["reason"])
        self.stdout.write(f"{study.slug}: the place of {code} is free.")
