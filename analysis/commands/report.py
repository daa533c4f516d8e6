"""`python -m analysis report`."""

import argparse
from pathlib import Path

from analysis.load import refuse_inside
from analysis.report import write_report

_EXAMPLES = """\
examples:
  python manage.py export_study gulls-demo --out var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo --stage pilot --out var/reports/pilot
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "report",
        help="write report.html and results.json of an export folder",
        description="Verify every checksum, then write the report the frozen plan asks for.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `manage.py export_study`")
    parser.add_argument("--out", type=Path, help="default: beside the export, NAME-report")
    parser.add_argument("--stage", choices=["pilot", "main"], help="default: main, if it has any")
    parser.add_argument("--seed", type=int, default=0, help="of the permutation test")
    parser.add_argument(
        "--with-bots",
        action="store_true",
        help="analyse simulated participants together with people (default: only where all are)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the report and print its headlines."""
    out = args.out or args.folder.with_name(args.folder.name + "-report")
    refuse_inside(args.folder, out)
    headlines = write_report(
        args.folder, out, stage=args.stage, seed=args.seed, with_bots=args.with_bots
    )
    for headline in headlines:
        print(headline)
    print(f"wrote {out / 'report.html'} and results.json")
    return 0
