"""`manage.py take_role SLUG USER ROLE`."""

from argparse import ArgumentParser
from typing import Any

from studyapp.enums import Role
from studyapp.management.teaching import (
    TeachingCommand,
    add_slug,
    refusals_as_command_errors,
    study_named,
    user_named,
)
from studyapp.services.people import take_role


class Command(TeachingCommand):
    """Takes a role away."""

    help = "Take a role in a study away. The only owner of a study stays one."
    examples = "  manage.py take_role my-study sam monitor"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("user")
        parser.add_argument("role", choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        study, user, role = (
            study_named(options["slug"]),
            user_named(options["user"]),
            options["role"],
        )
        with refusals_as_command_errors():
            take_role(user=user, study=study, role=Role(role))
        self.stdout.write(f"{user.get_username()} is no longer {role} of {study.slug}.")
