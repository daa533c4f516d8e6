"""`python -m analysis report`."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from analysis.errors import ExportError
from analysis.load import refuse_inside
from analysis.report import (
    ExportChoices,
    NoPdf,
    TableChoices,
    print_pdf,
    write_report,
    write_table_report,
)
from analysis.report.results import Results
from analysis.tidy_table import TidyColumns

_DESCRIPTION = """\
Write the report of a study: one page (report.html), its numbers (results.json, estimates.csv), a
methods section to paste (methods.md), and its plots (plots/).

Of an export every checksum is verified first. The plan that was frozen with the study decides what
is confirmatory; with --plan OTHER everything is exploratory, and so is all of pilot data and of
simulated participants. A study whose plan has interim looks is reported once a look has ended it:
the record that `monitor` keeps decides then.

Any other table of one row an answer is analysed the same way with --table. All is exploratory then,
unless --plan names a plan and --plan-digest the SHA-256 that was registered for it.
"""

_EXAMPLES = """\
examples:
  python manage.py export_study gulls-demo --out var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo --pdf --stage pilot --out var/reports/pilot
  python -m analysis report var/exports/gulls-demo --plan other-contrasts.yaml
  python -m analysis report var/exports/gulls-demo --scores var/stimuli/gulls-demo
  python -m analysis report --table trials.csv --participant who --item picture --outcome correct \\
    --condition explanation --baseline none --rt-ms rt
  python -m analysis report --table trials.csv --participant who --item picture --outcome correct \\
    --condition explanation --plan plan.yaml --plan-digest "$(cut -d' ' -f1 plan.yaml.sha256)"
  python -m analysis report --table trials.csv --participant Person --item Query \
    --outcome Correctness --condition Method --baseline ResNet-50 --judged ClassifierCorrectness
"""

_OF_TABLES = ("participant", "item", "outcome", "condition")
_OF_FIRST_ANSWERS = ("first_outcome", "first_confidence", "first_rt_ms")
_OF_ADVICE = ("judged", "choice", "advice", "advice_correct", "first_choice")
_OF_TABLES_TOO = (
    "confidence",
    "rt_ms",
    "excluded",
    *_OF_FIRST_ANSWERS,
    *_OF_ADVICE,
    "baseline",
    "alpha",
    "smallest_effect",
    "plan_digest",
)
_OF_EXPORTS = ("stage", "with_bots", "scores", "record")
# What a plan says, and so can't be said beside one.
_OF_NO_PLAN = ("baseline", "alpha", "smallest_effect")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "report",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="written by `manage.py export_study`")
    parser.add_argument("--out", type=Path, help="default: beside the export, NAME-report")
    parser.add_argument("--pdf", action="store_true", help="report.pdf too; needs Chromium")
    parser.add_argument("--seed", type=int, default=0, help="of permutations and simulations")
    parser.add_argument(
        "--bootstrap",
        type=_simulations,
        metavar="N",
        help="intervals of risk differences by N simulated studies, not by the delta method",
    )
    parser.add_argument(
        "--plan", type=Path, metavar="FILE", help="another plan: the analysis part of a protocol"
    )
    parser.add_argument(
        "--without-exploratory",
        action="store_true",
        help="leave out the exploratory questions, which take longest",
    )
    _add_export_options(parser.add_argument_group("of an export"))
    _add_table_options(parser.add_argument_group("of a table"))


def _add_export_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--stage", choices=["pilot", "main"], help="default: main, if it has any")
    group.add_argument(
        "--with-bots",
        action="store_true",
        help="analyse simulated participants together with people (default: only where all are)",
    )
    group.add_argument(
        "--scores",
        type=Path,
        metavar="FOLDER",
        help="stimulus folder with scores.json: what do the explanations shown score, and do "
        "scores predict the benefit?",
    )
    group.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="of looks, as `monitor` wrote it (default: beside the export, STUDY-STAGE-looks.json)",
    )


def _add_table_options(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--table", type=Path, metavar="FILE", help="CSV or Parquet, one row an answer"
    )
    for name, words in (
        ("participant", "who answered"),
        ("item", "the picture"),
        ("outcome", "0 or 1, false or true: was the answer right?"),
        ("condition", "what is compared"),
        ("confidence", "whole numbers, larger is surer (if there are any)"),
        ("rt-ms", "reaction time in milliseconds (if there are any)"),
        ("excluded", "1 or true: the plan leaves this participant out (if it leaves out any)"),
        ("first-outcome", "0 or 1: was the answer before the explanation right?"),
        ("first-confidence", "how sure of that"),
        ("first-rt-ms", "its reaction time in milliseconds"),
        ("judged", "0 or 1: people accepted or rejected a classifier's answer; was that right?"),
        ("choice", "what was answered, where the classifier advised (with the next two)"),
        ("advice", "what the classifier said"),
        ("advice-correct", "0 or 1: was that right?"),
        ("first-choice", "what was answered before the advice"),
    ):
        group.add_argument(f"--{name}", metavar="COLUMN", help=words)
    group.add_argument("--baseline", metavar="CONDITION", help="default: every pair is compared")
    group.add_argument("--alpha", type=_share, metavar="P", help="default: .05")
    group.add_argument(
        "--smallest-effect",
        type=_share,
        metavar="P",
        help="difference of accuracies, such as .05: asks whether the arms are equivalent",
    )
    group.add_argument(
        "--plan-digest",
        metavar="SHA256",
        help="of the file given as --plan, as it was registered before the data were seen",
    )


def run(args: argparse.Namespace) -> int:
    """Write the report and print its headlines."""
    _check(args)
    results, out = _of_export(args) if args.table is None else _of_table(args)
    for mark in results.marks:
        print(mark)
    for own in results.tested.headlines:
        print(own.sentence)
    print(f"wrote {out / 'report.html'}, methods.md, results.json, estimates.csv and plots/")
    if args.pdf:
        _print(out)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse options that don't go together, before anything is read."""
    if (args.table is None) == (args.folder is None):
        raise ExportError("Name one thing to report: an export folder, or --table FILE.")
    of_others = (*_OF_TABLES, *_OF_TABLES_TOO) if args.table is None else _OF_EXPORTS
    if stray := [name for name in of_others if getattr(args, name)]:
        whose = "a table" if args.table is None else "an export"
        raise ExportError(f"{_options(stray)}: of {whose} only.")
    missing = [name for name in _OF_TABLES if args.table is not None and not getattr(args, name)]
    if missing:
        raise ExportError(f"{args.table}: name its columns with {_options(missing)}.")
    together = [name for name in _OF_ADVICE[1:4] if getattr(args, name)]
    if together and (missing := sorted({*_OF_ADVICE[1:4]} - {*together})):
        raise ExportError(f"{_options(together)}: name {_options(missing)}, too.")
    if args.first_choice and not (together and args.first_outcome):
        raise ExportError("--first-choice: name --first-outcome, --choice and the advice, too.")
    if args.judged and together:
        raise ExportError(f"--judged and {_options(together)}: people did one or the other.")
    if args.plan_digest and args.plan is None:
        raise ExportError("--plan-digest is of the file given as --plan; name it.")
    beside = [name for name in _OF_NO_PLAN if getattr(args, name) is not None]
    if args.plan and beside:
        raise ExportError(f"{_options(beside)} and --plan: the plan says it; name one of them.")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 < value < 0.5:
        raise argparse.ArgumentTypeError(f"{text} does not lie between 0 and .5")
    return value


def _simulations(text: str) -> int:
    if not text.isdecimal() or int(text) < 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 100 or more")
    return int(text)


def _options(names: list[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _of_export(args: argparse.Namespace) -> tuple[Results, Path]:
    out = args.out or args.folder.with_name(args.folder.name + "-report")
    refuse_inside(args.folder, out)
    choices = ExportChoices(
        stage=args.stage,
        seed=args.seed,
        with_bots=args.with_bots,
        plan=args.plan,
        scores=args.scores,
        record=args.record,
        bootstrap=args.bootstrap,
        exploratory=not args.without_exploratory,
    )
    return write_report(args.folder, out, choices, progress=_say), out


def _of_table(args: argparse.Namespace) -> tuple[Results, Path]:
    out = args.out or args.table.with_name(args.table.stem + "-report")
    names = [own.name for own in fields(TidyColumns)]
    columns = TidyColumns(**{name: getattr(args, name) for name in names})
    choices = TableChoices(
        columns,
        baseline=args.baseline,
        plan=args.plan,
        plan_digest=args.plan_digest,
        alpha=0.05 if args.alpha is None else args.alpha,
        smallest_effect=args.smallest_effect,
        bootstrap=args.bootstrap,
        seed=args.seed,
        exploratory=not args.without_exploratory,
    )
    return write_table_report(args.table, out, choices, progress=_say), out


def _print(out: Path) -> None:
    try:
        print_pdf(out / "report.html", out / "report.pdf")
    except NoPdf as error:
        print(error, file=sys.stderr)
    else:
        print(f"wrote {out / 'report.pdf'}")


def _say(words: str) -> None:
    if words:
        print(f"{words} …", file=sys.stderr, flush=True)
