"""What all commands share: help that keeps its line breaks, errors as one sentence."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from studyapp.exceptions import LarusError
from studyapp.models import Study


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the examples of a help text as they were written."""


class TeachingCommand(BaseCommand):
    """A command whose help ends with examples."""

    examples = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=f"Examples:\n{self.examples}" if self.examples else None,
            formatter_class=_Formatter,
            **kwargs,
        )


def add_slug(parser: ArgumentParser) -> None:
    """Most commands work on one study."""
    parser.add_argument("slug", help="the study's slug, as in its protocol")


def study_named(slug: str) -> Study:
    """A wrong slug is answered by the ones there are."""
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no study {slug!r}. Frozen studies: {known or 'none yet'}.")
    return study


@contextmanager
def refusals_as_command_errors() -> Iterator[None]:
    """A refusal is for the person at the terminal: no traceback."""
    try:
        yield
    except LarusError as refusal:
        raise CommandError(str(refusal)) from refusal
