"""`manage.py doctor`."""

from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from studyapp.management.teaching import TeachingCommand
from studyapp.selectors.health import Level, examine

_MARKS = {Level.GOOD: "ok     ", Level.WARNING: "WARNING", Level.FAULT: "FAULT  "}


class Command(TeachingCommand):
    """One page that says whether people may take part here."""

    help = (
        "Examine this installation: database, migrations, pictures, disk, clock, backups, audit "
        "log, settings. The exit status is 1 when anything is at fault; warnings leave it 0."
    )
    examples = "  manage.py doctor"

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return False  # that is one of its findings

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        try:
            for health in examine():
                faults += health.level == Level.FAULT
                self.stdout.write(f"{_MARKS[health.level]} {health.name:10} {health.told}")
                if health.level != Level.GOOD and health.remedy:
                    self.stdout.write(f"{'':18} -> {health.remedy}")
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}".strip()) from error
        if faults:
            raise CommandError(f"{faults} at fault.", returncode=1)
