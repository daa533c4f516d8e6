"""`manage.py recruiter_visits SLUG --out FILE`."""

import csv
import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from experiments.files import write_atomically
from studyapp.management.teaching import TeachingCommand, add_slug, study_named
from studyapp.selectors.recruiters import VISIT_COLUMNS
from studyapp.services.personal_data import look_at_visits


class Command(TeachingCommand):
    """Tells whom to pay: the recruiter's ids beside the participants' codes."""

    help = (
        "Write the recruiter's ids of a study with how each session stands, to approve and pay "
        "submissions. This is the one file that ties codes to people: keep it apart from exports, "
        "and delete it when everybody is paid. The audit log notes who wrote it."
    )
    examples = "  manage.py recruiter_visits my-study --out var/visits.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, VISIT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        rows = look_at_visits(study=study_named(options["slug"]))
        writer.writerows(rows)
        write_atomically(options["out"], text.getvalue().encode())
        options["out"].chmod(0o600)
        self.stdout.write(f"wrote {options['out']}: {len(rows)} visits. It names people.")
