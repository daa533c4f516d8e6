"""`manage.py check_protocol FILE`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from experiments.checks import check_protocol
from experiments.loading import load_protocol
from experiments.manifest import Manifest, ManifestError, read_manifest
from studyapp.management.teaching import TeachingCommand
from studyapp.models import StimulusSet
from studyapp.selectors.studies import manifest_of


class Command(TeachingCommand):
    """Reports every problem of a protocol at once and changes nothing."""

    help = "Check a protocol: every problem at once, with its line and what to do about it."
    examples = (
        "  manage.py check_protocol my-study.yaml\n"
        "  manage.py check_protocol my-study.yaml --stimuli var/stimuli/gulls-cub\n"
        "  manage.py check_protocol my-study.yaml --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--stimuli",
            type=Path,
            help="check against this stimulus folder instead of the imported set",
        )
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def needs_tables(self, options: dict[str, Any]) -> bool:
        # A folder of stimuli stands in for the database.
        return options["stimuli"] is None

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        result = check_protocol(path, _manifest(path, options["stimuli"]))
        if options["json"]:
            self.stdout.write(
                json.dumps([asdict(finding) for finding in result.findings], indent=2)
            )
        else:
            for finding in result.findings:
                self.stdout.write(finding.sentence(str(path)))
        errors = sum(finding.severity == "error" for finding in result.findings)
        if errors:
            told = "1 error" if errors == 1 else f"{errors} errors"
            raise CommandError(f"{told} in {path}.", returncode=1)
        if not options["json"]:
            self.stdout.write(self.style.SUCCESS(f"{path} can be frozen."))


def _manifest(path: Path, folder: Path | None) -> Manifest | None:
    if folder is not None:
        try:
            return read_manifest(folder)
        except ManifestError as error:
            raise CommandError(str(error)) from error
    protocol = load_protocol(path).protocol
    name = protocol.stimulus_set if protocol else ""
    stored = StimulusSet.objects.filter(name=name).first()
    return manifest_of(stored) if stored else None
