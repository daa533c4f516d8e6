"""`manage.py reset_sign_in USER`."""

from argparse import ArgumentParser
from typing import Any

from studyapp.management.teaching import TeachingCommand, user_named
from studyapp.services.people import reset_sign_in


class Command(TeachingCommand):
    """For somebody who lost the phone and the recovery codes."""

    help = (
        "Remove somebody's second factor and end their sessions. Make sure first that it is really "
        "they who ask. A forgotten password is set with `manage.py changepassword USER`."
    )
    examples = "  manage.py reset_sign_in ada"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_named(options["user"])
        reset_sign_in(user=user)
        self.stdout.write(
            f"{user.get_username()} signs in with the password and sets up a new one."
        )
