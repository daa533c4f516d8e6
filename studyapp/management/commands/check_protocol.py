"""`manage.py check_protocol FILE`."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from experiments.checks import CheckResult, check_protocol
from experiments.loading import load_protocol
from experiments.manifest import ManifestError, read_manifest
from studyapp.management.teaching import TeachingCommand
from studyapp.selectors.plans import checked


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
        result = _result(path, options["stimuli"])
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


def _result(path: Path, folder: Path | None) -> CheckResult:
    if folder is None:
        return checked(load_protocol(path))
    try:
        return check_protocol(path, read_manifest(folder))
    except ManifestError as error:
        raise CommandError(str(error)) from error
