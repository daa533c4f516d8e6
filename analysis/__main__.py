"""`python -m analysis report DIR`: did the explanation help?"""

import argparse
import sys
from pathlib import Path

from analysis.errors import ExportError
from analysis.report import write_report

_EXAMPLES = """\
examples:
  python manage.py export_study gulls-demo --out var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo
  python -m analysis report var/exports/gulls-demo --stage pilot --out var/reports/pilot
"""


def main() -> int:
    """Run one sub-command and return its exit status."""
    args = _parser().parse_args()
    out = args.out or args.folder.with_name(args.folder.name + "-report")
    if out.resolve().is_relative_to(args.folder.resolve()):
        print(f"error: {out} lies inside the export, which must not change.", file=sys.stderr)
        return 2
    try:
        headlines = write_report(
            args.folder, out, stage=args.stage, seed=args.seed, with_bots=args.with_bots
        )
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for headline in headlines:
        print(headline)
    print(f"wrote {out / 'report.html'} and results.json")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Analyses an export folder by the plan frozen with its study.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report = commands.add_parser(
        "report",
        help="write report.html and results.json",
        description="Verify every checksum, then write the report the frozen plan asks for.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.add_argument("folder", type=Path, help="written by `manage.py export_study`")
    report.add_argument("--out", type=Path, help="default: beside the export, NAME-report")
    report.add_argument("--stage", choices=["pilot", "main"], help="default: main, if it has any")
    report.add_argument("--seed", type=int, default=0, help="of the permutation test")
    report.add_argument(
        "--with-bots",
        action="store_true",
        help="analyse simulated participants together with people (default: only where all are)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
