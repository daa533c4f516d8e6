"""`manage.py freeze_protocol FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors
from studyapp.services.studies import freeze_protocol


class Command(TeachingCommand):
    """Makes a study of a protocol. From then on its plan never changes."""

    help = "Freeze a protocol: store it with its digest, its pictures and its allocation sequence."
    examples = "  manage.py freeze_protocol experiments/protocols/gulls-demo.yaml"

    when_stopped = "Nothing was frozen; the same command begins again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_command_errors():
            study, is_new = freeze_protocol(path=options["file"])
        said = "frozen" if is_new else "was frozen before, with the same plan"
        self.stdout.write(
            f"{study.slug} {said}: {study.slots.count()} slots, digest {study.digest}."
        )
