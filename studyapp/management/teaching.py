"""What all commands share: help that keeps its line breaks, errors and stops as one sentence."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from studyapp.exceptions import LarusError
from studyapp.models import Study
from studyapp.selectors.studies import real_studies

_INTERRUPTED = 130


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the examples of a help text as they were written."""


class Stopped(CommandError):
    """Ctrl-C, said in one line."""

    def __init__(self, told: str) -> None:
        super().__init__(told, returncode=_INTERRUPTED)


class TeachingCommand(BaseCommand):
    """A command whose help ends with examples."""

    examples = ""
    when_stopped = "The same command begins again."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"Examples:\n{self.examples}" if self.examples else None,
            formatter_class=_Formatter,
            **kwargs,
        )

    def needs_tables(self, options: dict[str, Any]) -> bool:
        """Tell whether the command reads or writes the database."""
        return True

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            if self.needs_tables(options):
                _require_tables()
            return super().execute(*args, **options)
        except KeyboardInterrupt as interruption:
            raise Stopped(str(interruption) or self.when_stopped) from interruption


def _require_tables() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database has no tables yet (or old ones). Run `python manage.py migrate`."
        )


def add_slug(parser: ArgumentParser) -> None:
    """Most commands work on one study."""
    parser.add_argument("slug", help="the study's slug, as in its protocol")


def study_named(slug: str) -> Study:
    """A wrong slug is answered by the ones there are."""
    study = real_studies().filter(slug=slug).first()
    if study is None:
        known = ", ".join(real_studies().order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no study {slug!r}. Frozen studies: {known or 'none yet'}.")
    return study


def user_named(username: str) -> User:
    """A wrong name is answered by the ones there are."""
    users = get_user_model().objects
    user: User | None = users.filter(username=username).first()
    if user is None:
        known = ", ".join(users.order_by("username").values_list("username", flat=True))
        raise CommandError(f"There is no account {username!r}. Accounts: {known or 'none yet'}.")
    return user


@contextmanager
def refusals_as_command_errors() -> Iterator[None]:
    """A refusal is for the person at the terminal: no traceback."""
    try:
        yield
    except LarusError as refusal:
        raise CommandError(str(refusal)) from refusal
