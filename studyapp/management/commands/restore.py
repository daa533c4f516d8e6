"""`manage.py restore FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors
from studyapp.services.backups import restore_backup


class Command(TeachingCommand):
    """Brings a backup back."""

    help = (
        "Restore a backup, after every checksum. Stop the server first. A database that holds "
        "anything is left alone unless you say --replace."
    )
    examples = "  manage.py restore larus.tar\n  manage.py restore larus.tar --replace"
    when_stopped = "The database is the one that was there; the same command begins again."

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return False  # it brings them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="written by `manage.py backup`")
        parser.add_argument(
            "--replace", action="store_true", help="everything in the database goes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with refusals_as_command_errors():
                restored = restore_backup(source=options["file"], replace=options["replace"])
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored {restored.rows} rows and {restored.card.media} pictures of "
            f"{restored.card.created_at}. Run `manage.py migrate`, then `manage.py doctor`."
        )
