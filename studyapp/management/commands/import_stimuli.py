"""`manage.py import_stimuli DIR --name NAME`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors
from studyapp.services.stimuli import import_stimuli


class Command(TeachingCommand):
    """Brings pictures and explanations into the study application."""

    help = "Import a stimulus folder. Every checksum is verified first; no network is run."
    examples = "  manage.py import_stimuli var/stimuli/gulls-cub --name gulls-cub"

    when_stopped = "Nothing was imported; the same command begins again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="written by `python -m explainers build`")
        parser.add_argument("--name", required=True, help="protocols name it as stimulus_set")

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_command_errors():
            stored, is_new = import_stimuli(folder=options["folder"], name=options["name"])
        said = "imported" if is_new else "was imported before"
        self.stdout.write(f"{stored.name} {said}: {stored.stimuli.count()} stimuli.")
