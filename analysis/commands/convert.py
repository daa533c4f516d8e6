"""`python -m analysis convert`."""

import argparse
from pathlib import Path

from analysis.formats.description import cautions
from analysis.formats.write import FORMATS, convert
from analysis.load import load_study, refuse_inside

_DESCRIPTION = """\
Write an export in a format that others read. Every checksum of the export is verified first, and
the new folder appears when it is complete, with checksums of its own.

formats
  psych-ds   all tables as they are, described in JSON-LD; checked by validate-psychds
  bids-beh   a _beh.tsv a participant, participants.tsv, questionnaires in phenotype/
  jspsych    one long CSV of the answered trials, with jsPsych's column names
"""

_EXAMPLES = """\
examples:
  python -m analysis convert var/exports/gulls-demo --to psych-ds --out var/shared/gulls-psychds
  python -m analysis validate-psychds var/shared/gulls-psychds
  python -m analysis convert var/exports/gulls-demo --to bids-beh --out var/shared/gulls-bids
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the sub-command."""
    parser = commands.add_parser(
        "convert",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="written by `manage.py export_study`")
    parser.add_argument("--to", choices=list(FORMATS), required=True, help="see above")
    parser.add_argument("--out", type=Path, required=True, help="a folder that is not there yet")


def run(args: argparse.Namespace) -> int:
    """Convert, and say what to look at before the data are shared."""
    refuse_inside(args.folder, args.out)
    study = load_study(args.folder)
    convert(study, args.out, args.to)
    print(f"wrote {args.out} ({args.to})")
    for caution in cautions(study):
        print(f"before you share it: {caution}")
    return 0
