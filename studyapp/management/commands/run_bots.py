"""`manage.py run_bots SLUG -n 60`."""

import dataclasses
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from typing import Any

from django.core.management.base import CommandError
from rich.progress import track

from experiments.digest import derive_seed
from experiments.respondents import PROFILES, draw_respondents
from studyapp.bots.bot import Bot, BotError
from studyapp.management.teaching import TeachingCommand, add_slug, study_named
from studyapp.selectors.recruitment import bots_refusal
from studyapp.selectors.studies import protocol_of


class Command(TeachingCommand):
    """Rehearses a study with simulated participants over the real pages."""

    help = (
        "Run bots through a study in the pilot stage. They are marked as bots in every table. "
        "A bot that meets an unexpected page is named, and the others go on."
    )
    examples = (
        "  manage.py run_bots gulls-demo -n 60\n"
        "  manage.py run_bots gulls-demo -n 60 --effect heatmap=0.8 --seed 7\n"
        "  manage.py run_bots gulls-demo -n 20 --profile careless"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("-n", "--count", type=int, default=30, help="how many (default 30)")
        parser.add_argument("--profile", choices=sorted(PROFILES), default="attentive")
        parser.add_argument(
            "--effect",
            type=_effect,
            action="append",
            default=[],
            metavar="CONDITION=LOGITS",
            help="what a condition adds to the log-odds of a right answer; may be repeated",
        )
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same bots")

    def handle(self, *args: Any, **options: Any) -> None:
        study = study_named(options["slug"])
        reason = bots_refusal(study)
        if reason:
            raise CommandError(reason)
        effects = dict(options["effect"])
        unknown = set(effects) - set(protocol_of(study).conditions)
        if unknown:
            raise CommandError(f"The study has no condition {', '.join(sorted(unknown))}.")
        response_model = dataclasses.replace(PROFILES[options["profile"]], effects=effects)
        people = draw_respondents(response_model, options["count"], options["seed"])
        endings: Counter[str] = Counter()
        failures: list[str] = []
        for number, person in enumerate(track(people, description="Bots")):
            try:
                endings[Bot(study, person, derive_seed(options["seed"], number)).run()] += 1
            except BotError as error:
                failures.append(f"bot {number}: {error}")
        self._report(endings, failures)

    def _report(self, endings: Counter[str], failures: list[str]) -> None:
        told = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
        self.stdout.write(f"{endings.total()} bots: {told or 'none finished'}.")
        if failures:
            raise CommandError("\n".join([f"{len(failures)} bots failed.", *failures]))


def _effect(text: str) -> tuple[str, float]:
    condition, _, logits = text.partition("=")
    try:
        return condition, float(logits)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not CONDITION=LOGITS, such as heatmap=0.8") from error
