"""`python -m analysis validate-psychds`."""

import argparse
from pathlib import Path

from analysis.errors import ExportError
from analysis.formats.psychds_rules import validate

_EXAMPLES = """\
examples:
  python -m analysis validate-psychds var/shared/gulls-psychds
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "validate-psychds",
        description="Check a folder against every rule of Psych-DS 1.x. Exit status 1 when it "
        "breaks one; warnings are recommendations.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="where dataset_description.json lies")


def run(args: argparse.Namespace) -> int:
    """Print every broken rule."""
    if not args.folder.is_dir():
        raise ExportError(f"{args.folder} is not a folder.")
    issues = validate(args.folder)
    errors = sum(issue.severity == "error" for issue in issues)
    for issue in issues:
        print(issue.sentence())
    verdict = "valid" if errors == 0 else "not valid"
    print(f"{args.folder}: {verdict} Psych-DS ({errors} errors, {len(issues) - errors} warnings)")
    return 1 if errors else 0
