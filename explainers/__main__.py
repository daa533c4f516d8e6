"""`python -m explainers`: from pictures and a network to explanations."""

import argparse
import importlib
import signal
import sys
from collections.abc import Sequence

from explainers.errors import ExplainersError

COMMANDS = {
    "images": "look at an image set, check its files, draw a contact sheet",
    "train": "fit a network, or only its head, to an image set",
    "fit": "fit what a method needs before it can explain: an XNN",
    "build": "compute explanations and write a stimulus folder",
    "explain": "explain one picture",
    "score": "measure how faithful explanations are",
    "twins": "measure what each field mark does to a network",
}

_EXAMPLES = """\
examples:
  python -m explainers images gulls --sheet var/gulls.png
  python -m explainers train --images gulls --network gullnet --out var/networks/gulls
  python -m explainers COMMAND --help      teaches one command, with examples
"""

# What is kept of a command that Ctrl-C stopped, and how it goes on.
_STOPPED = {
    "images": "A folder or sheet that is there is whole; name a new folder to write one again.",
    "train": "Nothing was written; the same `train` command begins again from nothing.",
    "fit": "Species fitted so far are kept, and their fit is whole; run the same `fit` command to "
    "go on.",
    "build": "Nothing half-written is left; run the same `build` command to go on.",
    "explain": "No file is half-written; the same `explain` command begins again and writes all.",
    "score": "scores.json keeps the curves measured so far and the truths written before; the same "
    "`score` command goes on, with twins and --sanity from their beginning.",
    "twins": "Nothing was written; the same `twins` command begins again from nothing.",
}

_INTERRUPTED = 130
_USER_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    args = _parser(words).parse_args(words)
    try:
        return int(importlib.import_module(_module(args.command)).run(args))
    except ExplainersError as error:
        print(f"error: {error}", file=sys.stderr)
        return _USER_ERROR
    except KeyboardInterrupt as interruption:
        print(str(interruption) or f"Stopped. {_STOPPED[args.command]}", file=sys.stderr)
        return _INTERRUPTED


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m explainers",
        description="Image sets, networks and explanations.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        # Only the command that was asked for is imported: the others would load torch for nothing.
        if name in words[:1]:
            importlib.import_module(_module(name)).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def _module(command: str) -> str:
    return f"explainers.commands.{command}"


if __name__ == "__main__":
    # A job that a script starts in the background inherits an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
