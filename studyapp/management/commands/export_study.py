"""`manage.py export_study SLUG --out DIR`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from studyapp.management.teaching import TeachingCommand, add_slug, study_named
from studyapp.services.exports import export_study


class Command(TeachingCommand):
    """Writes all data of a study, documented and checksummed."""

    help = "Export a study: tidy tables (CSV, Parquet), codebook, protocol, manifest, checksums."
    examples = (
        "  manage.py export_study gulls-demo --out var/exports/gulls-demo\n"
        "  python -m analysis report var/exports/gulls-demo"
    )

    when_stopped = "Nothing was exported; the same command begins again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument(
            "--out", type=Path, required=True, help="a folder that is not there yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = study_named(options["slug"])
        try:
            counts = export_study(study=study, target=options["out"])
        except OSError as error:
            raise CommandError(str(error)) from error
        for table, count in counts.items():
            self.stdout.write(f"{count:8} {table}")
        self.stdout.write(f"Exported to {options['out']}.")
