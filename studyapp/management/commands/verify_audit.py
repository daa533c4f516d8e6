"""`manage.py verify_audit`."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError

from studyapp.management.teaching import TeachingCommand
from studyapp.selectors.audit import audit_head, audit_problems


class Command(TeachingCommand):
    """Shows whether anybody changed the audit log behind our back."""

    help = (
        "Check the audit log: every entry is sealed with the digest of the one before it, so that "
        "a changed, removed, added or reordered entry shows. The last line is the log's head; "
        "write it down elsewhere (backups hold it too) and give it to --expect later, for whoever "
        "can write to the database could seal a whole false log anew."
    )
    examples = "  manage.py verify_audit\n  manage.py verify_audit --expect 41:5d1f..."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect", type=_head, metavar="NUMBER:DIGEST", help="a head that was noted earlier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        problems = audit_problems(options["expect"])
        if problems:
            told = "\n  ".join(problems)
            raise CommandError(f"The audit log was tampered with.\n  {told}")
        number, digest = audit_head()
        self.stdout.write(f"{number} entries, unbroken. Head: {number}:{digest}")


def _head(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise ArgumentTypeError(f"{text!r} is not NUMBER:DIGEST, as verify_audit prints it.")
    return int(number), digest
