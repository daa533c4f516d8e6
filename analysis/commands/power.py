"""`python -m analysis power`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from analysis.errors import PowerError
from analysis.power.design import pictures_of
from analysis.power.figure import figure_files, power_figure
from analysis.power.journal import Journal
from analysis.power.questions import Question, default_arms, default_effects, run_of
from analysis.power.records import record_of
from analysis.power.runs import Progress, run_studies
from analysis.power.studies import Studies
from analysis.power.text import curve_text
from experiments.checks import check_protocol
from experiments.files import write_atomically
from experiments.fitted_respondents import ResponseModelError, known_names, response_model_named
from experiments.power_record import PowerRecord
from experiments.progress import PlainProgress
from experiments.schema import Protocol

_DESCRIPTION = """\
Simulate a protocol's study many times and count how often its own confirmatory test finds the
effect: power, the smallest effect that is found, and how often nothing is called something.

Simulated people answer by a response model; allocation, order and exclusions are the protocol's,
and the test is the one of the report. Writes a JSON record that the freeze dossier reads, and the
curves beside it as SVG and PNG. docs/power.md says what is assumed and how to read it.

Ctrl-C keeps what is done: the same command goes on. The same seed gives the same record, whatever
--jobs says.
"""

_EXAMPLES = """\
examples:
  python -m analysis power experiments/protocols/gulls-demo.yaml
  python -m analysis power my-study.yaml --participants 60,120,240 --effects .05,.1 --jobs 2
  python -m analysis power my-study.yaml --participants 120 --pictures 12,24,48 --effects .1 \\
    --accuracy .6 --arm heatmap --arm placebo=0.3 --out var/power/pictures.json
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "power",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("protocol", type=Path, help="a protocol file")
    sizes = parser.add_argument_group("the curve: every combination is simulated")
    sizes.add_argument(
        "--participants",
        type=_counts,
        metavar="N,…",
        help="who consent, over all arms (default: the protocol's main places)",
    )
    sizes.add_argument(
        "--pictures",
        type=_counts,
        metavar="N,…",
        help="that one participant meets in the assessment (default: the protocol's)",
    )
    sizes.add_argument(
        "--effects",
        type=_shares,
        metavar="D,…",
        help="differences of accuracies, such as .05,.1 for 5 and 10 points; the null is always "
        "simulated besides (default: half, all and 1.5 of the plan's smallest_effect, or "
        ".05,.1,.15)",
    )
    sizes.add_argument("--studies", type=_positive, default=1000, help="a point (default 1000)")
    taken = parser.add_argument_group("what is taken for granted")
    taken.add_argument(
        "--respondents",
        default="teaching",
        metavar="MODEL",
        help=f"{', '.join(known_names())}, or a file that `respondents` wrote (default teaching)",
    )
    taken.add_argument(
        "--accuracy",
        type=_share,
        metavar="P",
        help="of attentive people in arms without the effect (default: what the model gives)",
    )
    taken.add_argument(
        "--arm",
        type=_arm,
        action="append",
        metavar="NAME[=SHARE]",
        help="an arm that has the effect, or a share of it; may be repeated (default: every arm "
        "that a contrast holds against another, but for placebos)",
    )
    taken.add_argument(
        "--reaction",
        type=float,
        metavar="SD",
        help="how differently pictures react to a condition, in logits (default: the model's)",
    )
    taken.add_argument("--careless", type=_share, metavar="P", help="share who answer at random")
    taken.add_argument("--abandon", type=_share, metavar="P", help="chance to leave, each trial")
    parser.add_argument("--wanted", type=_share, default=0.8, help="power to reach (default 0.8)")
    parser.add_argument("--out", type=Path, help="default: var/power/SLUG.json")
    parser.add_argument("--jobs", type=_positive, default=1, help="processes (default 1)")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> int:
    """Simulate, write record and figure, and print the curve."""
    protocol = _sound_protocol(args.protocol)
    question = _question(args, protocol)
    asked = run_of(question)
    out = args.out or Path("var/power") / f"{protocol.slug}.json"
    if out.suffix != ".json":
        raise PowerError(f"--out {out} must end in .json: the figure stands beside it.")
    journal = Journal(out.with_name(out.name + ".journal"), asked.fingerprint())
    test = Studies(asked).test_name()
    try:
        with _progress() as progress:
            counts = run_studies(asked, journal, jobs=args.jobs, progress=progress)
    except KeyboardInterrupt as interruption:
        done = sum(own.studies for own in journal.read().values())
        total = asked.studies * len(asked.points)
        raise KeyboardInterrupt(
            f"Stopped. {done} of {total} studies are kept in {journal.path}; the same command "
            "goes on from there."
        ) from interruption
    record = record_of(question, asked, counts, test)
    _write(record, out)
    journal.remove()
    print(curve_text(record))
    print(f"wrote {out}, {out.with_suffix('.svg').name} and {out.with_suffix('.png').name}")
    return 0


def _sound_protocol(path: Path) -> Protocol:
    checked = check_protocol(path, None)
    # Pictures are made up: whether a set of them was imported doesn't matter.
    errors = [
        own for own in checked.findings if own.severity == "error" and own.where != "stimulus_set"
    ]
    if errors or checked.protocol is None:
        told = "\n".join(own.sentence(str(path)) for own in errors)
        raise PowerError(f"the protocol can't be simulated before it is sound.\n{told}")
    return checked.protocol


def _question(args: argparse.Namespace, protocol: Protocol) -> Question:
    try:
        people = response_model_named(args.respondents)
    except ResponseModelError as error:
        raise PowerError(str(error)) from error
    changed = {
        "item_condition_sd": args.reaction,
        "careless": args.careless,
        "abandon": args.abandon,
    }
    return Question(
        protocol=protocol,
        participants=args.participants or _main_places(protocol),
        pictures=args.pictures or [pictures_of(protocol)],
        effects=args.effects or default_effects(protocol),
        shares_of_effect=dict(args.arm) if args.arm else default_arms(protocol),
        respondents=args.respondents,
        response_model=replace(
            people, **{name: value for name, value in changed.items() if value is not None}
        ),
        accuracy=args.accuracy,
        studies=args.studies,
        seed=args.seed,
        wanted_power=args.wanted,
    )


def _main_places(protocol: Protocol) -> list[int]:
    places = protocol.allocation.participants.get("main")
    if places is None:
        raise PowerError("The protocol plans no main stage: say how many by --participants.")
    return [places]


def _write(record: PowerRecord, out: Path) -> None:
    figure = power_figure(record)
    for suffix, content in figure_files(figure).items():
        write_atomically(out.with_suffix(suffix), content)
    write_atomically(out, (record.model_dump_json(indent=2) + "\n").encode())


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give a function that tells how many studies are done, with the time left."""
    console = Console(stderr=True)
    if not console.is_terminal:
        report = PlainProgress(lambda line: print(line, file=sys.stderr, flush=True))
        yield lambda done, total: report("simulated studies", done, total)
        return
    columns = (
        TextColumn("simulated studies"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console) as bar:
        task = bar.add_task("")
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _counts(text: str) -> list[int]:
    return sorted({_positive(part) for part in text.split(",")})


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _shares(text: str) -> list[float]:
    return sorted({_number(part) for part in text.split(",")})


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not -1 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between -1 and 1: write .05 for 5 points")
    return value


def _share(text: str) -> float:
    value = _number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return value


def _arm(text: str) -> tuple[str, float]:
    name, equals, share = text.partition("=")
    if not equals:
        return name, 1.0
    try:
        value = float(share)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{share!r} is not a number") from error
    if not -1 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text}: a share of the effect lies between -1 and 1")
    return name, value
