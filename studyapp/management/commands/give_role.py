"""`manage.py give_role SLUG USER ROLE`."""

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
from studyapp.services.people import give_role


class Command(TeachingCommand):
    """Gives somebody who has an account a role in a study."""

    help = (
        "Give a role in a study. analyst_unblinded in a study that is not closed needs a --reason, "
        "which stays in the audit log."
    )
    examples = (
        "  manage.py give_role my-study ada owner\n"
        "  manage.py give_role my-study sam analyst_unblinded --reason 'interim look 1, as planned'"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("user")
        parser.add_argument("role", choices=Role.values)
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        study, user, role = (
            study_named(options["slug"]),
            user_named(options["user"]),
            options["role"],
        )
        with refusals_as_command_errors():
            give_role(user=user, study=study, role=Role(role), reason=options["reason"])
        self.stdout.write(f"{user.get_username()} is {role} of {study.slug}.")
