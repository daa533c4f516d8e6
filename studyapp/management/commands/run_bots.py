"""`manage.py run_bots SLUG -n 60`."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.core.management.base import CommandError
from rich.progress import track

from experiments.digest import derive_seed
from experiments.fitted_respondents import known_names
from experiments.planted import KINDS, option_of, with_planted
from experiments.progress import PlainProgress
from experiments.respondents import draw_respondents
from studyapp.bots.bot import Bot, BotError, Ending
from studyapp.enums import SessionState
from studyapp.management.bots import bot_count, respondents_named
from studyapp.management.teaching import Stopped, TeachingCommand, add_slug, study_named
from studyapp.models import StudySession
from studyapp.selectors.recruitment import bots_refusal, bots_sessions
from studyapp.selectors.studies import protocol_of

_GO_ON = "With --in-all the same command goes on from there."


class Command(TeachingCommand):
    """Rehearses a study with simulated participants over the real pages."""

    help = (
        "Run bots through a study in the pilot stage. They are marked as bots in every table. "
        "A bot that meets an unexpected page is named, and the others go on."
    )
    examples = (
        "  manage.py run_bots gulls-demo -n 60\n"
        "  manage.py run_bots gulls-demo -n 60 --effect heatmap=0.8 --seed 7\n"
        "  manage.py run_bots gulls-demo -n 60 --profile teaching --effect heatmap=0.8\n"
        "  manage.py run_bots gulls-demo -n 60 --profile teaching --learning-effect heatmap=0.3\n"
        "  manage.py run_bots gulls-demo -n 60 --in-all\n"
        "  manage.py run_bots my-advice -n 60 --criterion advice_explained=-0.7\n"
        "  manage.py run_bots gulls-demo -n 20 --profile careless"
    )

    clock = staticmethod(time.monotonic)

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument(
            "-n", "--count", type=bot_count, default=30, help="how many (default 30)"
        )
        parser.add_argument(
            "--profile",
            default="attentive",
            help=f"how they answer: {', '.join(known_names())}, or a file that "
            "`python -m analysis respondents` wrote (default attentive)",
        )
        for kind, words in KINDS.items():
            parser.add_argument(
                option_of(kind),
                type=_effect,
                action="append",
                default=[],
                metavar="CONDITION=NUMBER",
                help=f"what a condition adds to {words}; may be repeated",
            )
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same bots")
        parser.add_argument(
            "--in-all",
            action="store_true",
            help="count those that ran before, bring those of them that stopped to their end, and "
            "run only the others: goes on after Ctrl-C. The first session is the first bot's, so "
            "give the same options. Who goes on answers trials as they would have; quizzes and "
            "questionnaires are drawn anew",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        study = study_named(options["slug"])
        reason = bots_refusal(study)
        if reason:
            raise CommandError(reason)
        planted = {kind: dict(options[kind]) for kind in KINDS}
        named = {condition for own in planted.values() for condition in own}
        unknown = named - set(protocol_of(study).conditions)
        if unknown:
            raise CommandError(f"The study has no condition {', '.join(sorted(unknown))}.")
        response_model = with_planted(respondents_named(options["profile"]), planted)
        begun = bots_sessions(study) if options["in_all"] else []
        seed, count = options["seed"], max(options["count"], len(begun))
        turns = [
            _Turn(number, Bot(study, person, derive_seed(seed, number)), session)
            for number, (person, session) in enumerate(
                zip_longest(draw_respondents(response_model, count, seed), begun)
            )
        ]
        self._run([turn for turn in turns if not turn.is_over], before=len(begun))

    def _run(self, turns: Sequence["_Turn"], *, before: int) -> None:
        if before:
            self.stdout.write(f"{_bots(before)} ran before.")
        if stopped := sum(turn.session is not None for turn in turns):
            self.stdout.write(f"{stopped} of them stopped on the way and will go on.")
        endings: Counter[str] = Counter()
        failures: list[str] = []
        try:
            with closing(self._with_progress(turns)) as shown:
                for turn in shown:
                    try:
                        endings[turn.take()] += 1
                    except BotError as error:
                        failures.append(f"bot {turn.number}: {error}")
        except KeyboardInterrupt as interruption:
            raise Stopped(_when_stopped(endings, failures, len(turns))) from interruption
        self._report(endings, failures)

    def _with_progress(self, turns: Sequence["_Turn"]) -> Generator["_Turn"]:
        """A bar on a terminal, now and then a line in a file."""
        self.stdout.write(f"{_bots(len(turns))} to run.")
        if self.stdout.isatty():
            yield from track(turns, description="Bots")
            return
        report = PlainProgress(self.stdout.write, self.clock)
        for done, turn in enumerate(turns, start=1):
            yield turn
            report("bots", done, len(turns))

    def _report(self, endings: Counter[str], failures: list[str]) -> None:
        self.stdout.write(f"{_bots(endings.total())}: {_told(endings)}.")
        if failures:
            raise CommandError("\n".join([f"{_bots(len(failures))} failed.", *failures, _GO_ON]))


@dataclass(frozen=True)
class _Turn:
    """A bot, and the session it began before, if it has."""

    number: int
    bot: Bot
    session: StudySession | None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: the session has ended, or its respondent has left it."""
        session = self.session
        return session is not None and (
            session.state != SessionState.ACTIVE or self.bot.has_left(session)
        )

    def take(self) -> Ending:
        return self.bot.run() if self.session is None else self.bot.go_on(self.session)


def _bots(count: int) -> str:
    return "1 bot" if count == 1 else f"{count} bots"


def _told(endings: Counter[str]) -> str:
    told = ", ".join(f"{count} {ending}" for ending, count in sorted(endings.items()))
    return told or "none finished"


def _when_stopped(endings: Counter[str], failures: list[str], count: int) -> str:
    ran = endings.total() + len(failures)
    failed = f", {len(failures)} failed" if failures else ""
    return (
        f"{ran} of {_bots(count)} had run: {_told(endings)}{failed}. The session of the bot that "
        f"was at work stays unfinished; the others never began. {_GO_ON}"
    )


def _effect(text: str) -> tuple[str, float]:
    condition, _, logits = text.partition("=")
    try:
        return condition, float(logits)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not CONDITION=NUMBER, such as heatmap=0.8") from error
