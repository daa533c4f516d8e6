"""`manage.py invite NAME`."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.urls import reverse

from studyapp.enums import Role
from studyapp.management.teaching import (
    TeachingCommand,
    refusals_as_command_errors,
    study_named,
)
from studyapp.selectors.permissions import PERMISSIONS
from studyapp.services.people import invite

_ROLES = "\n".join(
    f"  {role.value:18} {'; '.join(sorted(allowed))}" for role, allowed in PERMISSIONS.items()
)


class Command(TeachingCommand):
    """Makes a link that gives somebody an account and a role, once."""

    help = (
        "Make a link with which somebody chooses a name and a password, or adds a role to the "
        "account they have. It works once, for --days days, and can't be shown again."
    )
    examples = (
        "  manage.py invite 'Ada Lovelace' --study my-study --role owner\n"
        "  manage.py invite 'Grace Hopper' --administrator\n\n"
        f"Roles, and what each may do:\n{_ROLES}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("invitee", help="whom the link is for; the audit log keeps it")
        parser.add_argument("--study", help="its slug")
        parser.add_argument("--role", choices=Role.values)
        parser.add_argument(
            "--administrator", action="store_true", help="may look after accounts of all studies"
        )
        parser.add_argument("--days", type=int, default=7, help="how long it works (default 7)")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, role = options["study"], options["role"]
        if options["administrator"] == bool(slug or role) or bool(slug) != bool(role):
            raise CommandError("Say either --study with --role, or --administrator.")
        if options["days"] < 1:
            raise CommandError("--days is at least 1.")
        with refusals_as_command_errors():
            token = invite(
                invitee=options["invitee"],
                study=study_named(slug) if slug else None,
                role=Role(role) if role else None,
                days=options["days"],
            )
        path = reverse("staff-invitation", args=[token])
        self.stdout.write(f"{_site()}{path}")
        self.stdout.write("Send it over a safe way: whoever opens it first has it.")


def _site() -> str:
    if not settings.IS_PUBLIC:
        return "http://127.0.0.1:8000"
    own = {"127.0.0.1", "localhost", "[::1]"}
    return "https://" + next(host for host in settings.ALLOWED_HOSTS if host not in own)
