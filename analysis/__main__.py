"""`python -m analysis`: did the explanation help?"""

import argparse
import signal
import sys
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from analysis.commands import (
    convert,
    fit,
    monitor,
    power,
    report,
    respondents,
    validate_psychds,
)
from analysis.errors import ExportError, FitError, FormulaError, PowerError, TableError

_EXAMPLES = """\
examples:
  python -m analysis report var/exports/gulls-demo
  python -m analysis fit --table trials.csv --formula "correct ~ arm + (1|participant) + (1|item)"
  python -m analysis power experiments/protocols/gulls-demo.yaml --jobs 2
  python -m analysis convert var/exports/gulls-demo --to psych-ds --out var/shared/gulls-demo
  python -m analysis COMMAND --help      teaches one command, with examples
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit status."""
    args = _parser().parse_args(arguments)
    try:
        # More threads gain nothing on matrices of a study's size, wait for each other where cores
        # are shared, and would let a machine's number of cores decide a figure's last digits.
        with threadpool_limits(1):
            return int(args.run(args))
    except (ExportError, FitError, FormulaError, PowerError, TableError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interruption:
        print(str(interruption) or "Stopped. Nothing half-written is left.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Analyses an export folder by its frozen plan, any table by a mixed model, and "
        "a protocol's power before anybody takes part.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    report.add_parser(commands)
    fit.add_parser(commands)
    monitor.add_parser(commands)
    power.add_parser(commands)
    respondents.add_parser(commands)
    convert.add_parser(commands)
    validate_psychds.add_parser(commands)
    return parser


if __name__ == "__main__":
    # A job that a script starts in the background inherits an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
