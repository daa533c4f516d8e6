"""What commands that run bots share."""

from argparse import ArgumentTypeError

from django.core.management import CommandError

from experiments.fitted_respondents import ResponseModelError, response_model_named
from experiments.respondents import ResponseModel


def bot_count(text: str) -> int:
    """How many, from the command line."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of bots; give 1 or more")
    return int(text)


def respondents_named(name: str) -> ResponseModel:
    """How bots answer. A wrong name is answered by the ones there are."""
    try:
        return response_model_named(name)
    except ResponseModelError as error:
        raise CommandError(str(error)) from error
