"""`python -m analysis report`."""

import argparse
import sys
from pathlib import Path

from analysis.errors import ExportError
from analysis.report import ExportChoices, NoPdf, print_pdf, write_report

_DESCRIPTION = """\
Write the report of a study: one page (report.html), its numbers (results.json, estimates.csv), a
methods section to paste (methods.md), and its plots (plots/).

Of an export every checksum is verified first. The plan that was frozen with the study decides what
is confirmatory; with --plan OTHER everything is exploratory.
"""

_EXAMPLES = """\
examples:
  python manage.py export_study gulls-demo --out var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo --pdf --stage pilot --out var/reports/pilot
  python -m analysis report var/exports/gulls-demo --plan other-contrasts.yaml
  python -m analysis report var/exports/gulls-demo --scores var/stimuli/gulls-demo/scores.json
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "report",
        help="write the report of an export folder",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `manage.py export_study`")
    parser.add_argument("--out", type=Path, help="default: beside the export, NAME-report")
    parser.add_argument("--pdf", action="store_true", help="report.pdf too; needs Chromium")
    parser.add_argument("--stage", choices=["pilot", "main"], help="default: main, if it has any")
    parser.add_argument("--seed", type=int, default=0, help="of permutations and simulations")
    parser.add_argument(
        "--with-bots",
        action="store_true",
        help="analyse simulated participants together with people (default: only where all are)",
    )
    parser.add_argument(
        "--plan", type=Path, help="another plan than the frozen one: all is exploratory then"
    )
    parser.add_argument(
        "--scores", type=Path, help="scores.json of the stimuli: do scores predict the benefit?"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report and print its headlines."""
    out = args.out or args.folder.with_name(args.folder.name + "-report")
    if out.resolve().is_relative_to(args.folder.resolve()):
        raise ExportError(f"{out} lies inside the export, which must not change.")
    choices = ExportChoices(
        stage=args.stage,
        seed=args.seed,
        with_bots=args.with_bots,
        plan=args.plan,
        scores=args.scores,
    )
    results = write_report(args.folder, out, choices, progress=_say)
    for mark in results.marks:
        print(mark)
    for own in results.tested.headlines:
        print(own.sentence)
    print(f"wrote {out / 'report.html'}, methods.md, results.json, estimates.csv and plots/")
    if args.pdf:
        _print(out)
    return 0


def _print(out: Path) -> None:
    try:
        print_pdf(out / "report.html", out / "report.pdf")
    except NoPdf as error:
        print(error, file=sys.stderr)
    else:
        print(f"wrote {out / 'report.pdf'}")


def _say(words: str) -> None:
    print(f"{words} …", file=sys.stderr, flush=True)
