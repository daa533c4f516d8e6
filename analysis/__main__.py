"""`python -m analysis`: did the explanation help?"""

import argparse
import sys
from collections.abc import Sequence

from analysis.commands import fit, report
from analysis.errors import ExportError, FitError, FormulaError, TableError

_EXAMPLES = """\
examples:
  python -m analysis report var/exports/gulls-demo
  python -m analysis fit --table trials.csv --formula "correct ~ arm + (1|participant) + (1|item)"
  python -m analysis COMMAND --help      teaches one command, with examples
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit status."""
    args = _parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except (ExportError, FitError, FormulaError, TableError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Analyses an export folder by its frozen plan, or any table by a mixed model.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report.add_parser(commands)
    fit.add_parser(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
