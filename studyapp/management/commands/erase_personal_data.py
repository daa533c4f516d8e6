"""`manage.py erase_personal_data`."""

from argparse import ArgumentParser
from typing import Any

from studyapp.management.teaching import (
    TeachingCommand,
    refusals_as_command_errors,
    study_named,
)
from studyapp.selectors.retention import overdue_studies
from studyapp.services.personal_data import erase_personal_data


class Command(TeachingCommand):
    """Erases what ties codes to people, when its time has come."""

    help = (
        "Erase the recruiter's ids, and what recognises people by them, of every study that was "
        "closed longer ago than its protocol keeps them (recruitment.erase_ids_after_days). Run it "
        "every day. Answers stay; what is erased can't be brought back."
    )
    examples = (
        "  manage.py erase_personal_data\n"
        "  manage.py erase_personal_data --study my-study      now: it is closed and everybody paid"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", help="erase those of this closed study before their time")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["study"]
        studies = [study_named(slug)] if slug else overdue_studies()
        for study in studies:
            with refusals_as_command_errors():
                count = erase_personal_data(study=study)
            self.stdout.write(f"{study.slug}: {count} people's ids erased.")
        if not studies:
            self.stdout.write("Nothing is due.")
