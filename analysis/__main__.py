"""`python -m analysis`: did the explanation help?"""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from analysis.errors import ExportError, FitError, FormulaError, PowerError, TableError

COMMANDS = {
    "report": "write the report of an export folder, or of any table",
    "fit": "fit a mixed model to a table",
    "monitor": "look at a running study by its plan, blinded unless a look is due",
    "power": "power of a protocol's own test, by simulation",
    "respondents": "fit simulated participants to a real study",
    "convert": "write an export as Psych-DS, BIDS or jsPsych data",
    "validate-psychds": "check any folder against the rules of Psych-DS",
}

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
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        args = _parser(words).parse_args(words)
        # More threads gain nothing on matrices of a study's size, wait for each other where cores
        # are shared, and would let a machine's number of cores decide a figure's last digits.
        with threadpool_limits(1):
            return int(importlib.import_module(_module(args.command)).run(args))
    except (ExportError, FitError, FormulaError, PowerError, TableError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interruption:
        print(str(interruption) or "Stopped. Nothing half-written is left.", file=sys.stderr)
        return 130


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Analyses an export folder by its frozen plan, any table by a mixed model, and "
        "a protocol's power before anybody takes part.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        # Only the command that was asked for is imported: the others would load models and plots.
        if name in words[:1]:
            importlib.import_module(_module(name)).add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser


def _module(command: str) -> str:
    return f"analysis.commands.{command.replace('-', '_')}"


if __name__ == "__main__":
    # A job that a script starts in the background inherits an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
