"""`manage.py replay_allocation SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from studyapp.management.teaching import TeachingCommand, add_slug, study_named
from studyapp.selectors.replay import replay_differences

_MOST_TOLD = 20


class Command(TeachingCommand):
    """Allocates again from seed and ledger, and says where the database differs."""

    help = (
        "Allocate everybody again from the study's seed and ledger, and compare with the database. "
        "Ends with status 0 when both are equal and the ledger's chain of digests is whole."
    )
    examples = "  manage.py replay_allocation my-study"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        study = study_named(options["slug"])
        differences = replay_differences(study)
        if differences:
            told = "\n  ".join(_shortened(differences))
            raise CommandError(f"{study.slug}: not as seed and ledger say.\n  {told}")
        self.stdout.write(
            f"{study.slug}: equal. {study.ledger.count()} entries of the ledger, "
            f"{study.slots.filter(holder__isnull=False).count()} of {study.slots.count()} "
            "places held."
        )


def _shortened(differences: list[str]) -> list[str]:
    """One early difference shifts everybody after it: the first ones tell the most."""
    left = len(differences) - _MOST_TOLD
    return [*differences[:_MOST_TOLD], *([f"and {left} more"] if left > 0 else [])]
