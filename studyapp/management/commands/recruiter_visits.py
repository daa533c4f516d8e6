"""`manage.py recruiter_visits SLUG --out FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import CommandError

from experiments.files import write_atomically
from studyapp.management.teaching import TeachingCommand, add_slug, study_named
from studyapp.selectors.payment_files import PaymentFile, payment_files, payment_text
from studyapp.services.personal_data import look_at_visits


class Command(TeachingCommand):
    """Tells whom to pay: the recruiter's ids beside the participants' codes."""

    help = (
        "Write the recruiter's ids of a study with how each session stands, to approve and pay "
        "submissions. This is the one file that ties codes to people: keep it apart from exports, "
        "and delete it when everybody is paid. The audit log notes who wrote it."
    )
    examples = (
        "  manage.py recruiter_visits my-study --out var/visits.csv\n"
        "  manage.py recruiter_visits my-study --file bonuses --out var/bonuses.csv"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
        parser.add_argument(
            "--file",
            choices=list(PaymentFile),
            default=PaymentFile.VISITS,
            help="visits: all of it; approvals, bonuses: as Prolific or Mechanical Turk take them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study, file = study_named(options["slug"]), PaymentFile(options["file"])
        if file not in payment_files(study):
            raise CommandError(
                f"{study.slug} does not recruit through Prolific or Mechanical Turk: "
                "there is only --file visits."
            )
        rows = look_at_visits(study=study)
        write_atomically(options["out"], payment_text(study, file, rows).encode())
        options["out"].chmod(0o600)
        self.stdout.write(f"wrote {options['out']}: {len(rows)} visits. It names people.")
