"""What the commands that close and reopen a cell share."""

from argparse import ArgumentParser
from typing import Any

from studyapp.enums import RecruitmentStage
from studyapp.management.teaching import TeachingCommand, add_slug, study_named


class CellCommand(TeachingCommand):
    """Names a cell: an arm of a recruitment stage, within a stratum where strata have quotas."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("arm")
        parser.add_argument("--stage", choices=RecruitmentStage.values, default="main")
        parser.add_argument("--stratum", default="", help="where strata have quotas")
        parser.add_argument("--reason", required=True, help="stays in the ledger")

    @staticmethod
    def cell(options: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a service."""
        return {
            "study": study_named(options["slug"]),
            "recruitment_stage": RecruitmentStage(options["stage"]),
            "arm": options["arm"],
            "stratum": options["stratum"],
            "reason": options["reason"],
        }
