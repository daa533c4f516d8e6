"""`python -m analysis respondents`."""

import argparse
import sys
from pathlib import Path

from analysis import __version__
from analysis.errors import FitError
from analysis.response_model import FittedModel, TrialColumns, fit_response_model
from analysis.tidy_table import read_file
from experiments.digest import sha256_file
from experiments.files import write_atomically
from experiments.fitted_respondents import FittedRespondents, Source

_DESCRIPTION = """\
Fit a response model to a real study, so that simulated participants answer as people did: how much
they differ in ability, how much pictures differ in difficulty, how fast feedback teaches, how long
answers take. `python -m analysis power` and `manage.py run_bots --profile` read the file it writes,
which holds numbers and where they come from, and no data.
"""

_EXAMPLES = """\
examples:
  python -m analysis respondents --table trials.csv --participant participant --item image \\
    --outcome correct --study "Ours, 2026" --licence own --out ours.json
  python -m analysis respondents --table trials.csv --participant participant \\
    --item experiment,image_id --outcome correct --adjust experiment,strategy \\
    --trial trial --feedback phase=teach --seconds seconds_since_previous \\
    --study "Teaching categories to human learners with visual explanations (2018)" \\
    --licence MIT --out experiments/response_models/teaching.json
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "respondents",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--table", type=Path, required=True, help="a CSV or Parquet file")
    parser.add_argument("--participant", required=True, metavar="COLUMN")
    parser.add_argument(
        "--item", required=True, metavar="COLUMN,…", help="columns that together name a picture"
    )
    parser.add_argument("--outcome", required=True, metavar="COLUMN", help="right (1) or wrong (0)")
    parser.add_argument(
        "--adjust",
        default="",
        metavar="COLUMN,…",
        help="fixed differences that belong to no person or picture: the task, the arm",
    )
    parser.add_argument(
        "--condition",
        metavar="COLUMN",
        help="what was shown: how differently pictures react to it is fitted as well",
    )
    parser.add_argument("--trial", metavar="COLUMN", help="the trial's number within a participant")
    parser.add_argument(
        "--feedback", metavar="COLUMN=VALUE", help="trials whose truth was told; they teach"
    )
    parser.add_argument(
        "--judged",
        metavar="COLUMN",
        help="where people accept or reject a classifier's answer: was it right (1) or wrong (0)?",
    )
    times = parser.add_mutually_exclusive_group()
    times.add_argument("--seconds", metavar="COLUMN", help="time to answer, in seconds")
    times.add_argument("--milliseconds", metavar="COLUMN", help="time to answer, in milliseconds")
    parser.add_argument("--study", required=True, help="what the study was: authors, title, year")
    parser.add_argument("--licence", required=True, help="of the table")
    parser.add_argument(
        "--note", action="append", default=[], help="what a reader must know; may be repeated"
    )
    parser.add_argument("--out", type=Path, required=True, help="a JSON file")


def run(args: argparse.Namespace) -> int:
    """Fit, write the file and print its parameters."""
    table = read_file(args.table, as_text=[args.participant, *args.item.split(",")])
    time = args.milliseconds
    if args.seconds:
        if args.seconds not in table.columns:
            raise FitError(f"The table has no column {args.seconds}.")
        time = "milliseconds of " + args.seconds
        table[time] = table[args.seconds] * 1000.0
    columns = TrialColumns(
        participant=args.participant,
        item=args.item.split(","),
        outcome=args.outcome,
        adjust=args.adjust.split(",") if args.adjust else (),
        condition=args.condition,
        trial=args.trial,
        feedback=_feedback(args.feedback),
        time_ms=time,
        judged=args.judged,
    )
    found = fit_response_model(table, columns, tell=_say)
    fitted = _as_stored(args, found)
    write_atomically(args.out, (fitted.model_dump_json(indent=2) + "\n").encode())
    for name, own in fitted.parameters.items():
        error = "" if own.se is None else f"   (standard error {own.se:.3g})"
        print(f"{name:20}{own.estimate:10.4g}{error}")
    for note in fitted.notes:
        print(f"note: {note}")
    print(f"wrote {args.out}")
    return 0


def _as_stored(args: argparse.Namespace, found: FittedModel) -> FittedRespondents:
    return FittedRespondents(
        larus_version=__version__,
        source=Source(
            study=args.study,
            licence=args.licence,
            table_sha256=sha256_file(args.table),
            answers=found.answers,
            participants=found.participants,
            pictures=found.pictures,
        ),
        formulas=found.formulas,
        parameters=found.parameters,
        notes=(*args.note, *found.warnings),
    )


def _feedback(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    column, equals, value = text.partition("=")
    if not equals:
        raise FitError(f"--feedback {text}: write COLUMN=VALUE, such as phase=training.")
    return column, value


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
