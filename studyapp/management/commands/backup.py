"""`manage.py backup`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors
from studyapp.selectors.health import backups_folder
from studyapp.services.backups import write_backup


class Command(TeachingCommand):
    """Keeps what can't be made again."""

    help = (
        "Write database and pictures into one archive, and read it again. People may go on "
        "answering meanwhile. It holds everything, passwords' hashes included: keep it like the "
        "database, and a copy of it on another machine."
    )
    examples = (
        "  manage.py backup\n  manage.py backup --out /mnt/safe/larus.tar\n"
        "  tar tf larus.tar; tar xOf larus.tar SHA256SUMS     what is in it, without Larus"
    )
    when_stopped = "Nothing was kept; the same command begins again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--out", type=Path, help="the file to write (default: DATA/backups/larus-TIME.tar)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"larus-{timezone.now():%Y%m%d-%H%M%S}.tar"
        target: Path = options["out"] or backups_folder() / name
        try:
            with refusals_as_command_errors():
                card = write_backup(target=target)
        except OSError as error:
            raise CommandError(f"No backup was written: {error}") from error
        number, digest = card.audit_head
        self.stdout.write(
            f"Wrote and verified {target}: {sum(card.rows.values())} rows of {card.database}, "
            f"{card.media} pictures. Audit head {number}:{digest}"
        )
        if card.damaged_media:
            raise CommandError(
                f"{len(card.damaged_media)} pictures are lost or damaged and not in it "
                f"({card.damaged_media[0]}, ...): import their stimulus sets again.",
                returncode=1,
            )
