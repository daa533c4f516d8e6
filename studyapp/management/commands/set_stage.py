"""`manage.py set_stage SLUG STAGE`."""

from argparse import ArgumentParser
from typing import Any

from studyapp.enums import ALLOWED_MOVES, StudyStage
from studyapp.management.teaching import (
    TeachingCommand,
    add_slug,
    refusals_as_command_errors,
    study_named,
)
from studyapp.services.studies import set_stage

_STAGES = [stage.value for stage in StudyStage if stage != StudyStage.REHEARSAL]


class Command(TeachingCommand):
    """Opens, pauses or closes a study."""

    help = "Move a study to another stage. Allowed: " + "; ".join(
        f"{stage} -> {', '.join(sorted(moves))}" for stage, moves in ALLOWED_MOVES.items() if moves
    )
    examples = "  manage.py set_stage gulls-demo pilot\n  manage.py set_stage gulls-demo open"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_slug(parser)
        parser.add_argument("stage", choices=_STAGES)

    def handle(self, *args: Any, **options: Any) -> None:
        study = study_named(options["slug"])
        if study.stage == options["stage"]:
            self.stdout.write(f"{study.slug} is {study.stage} already.")
            return
        with refusals_as_command_errors():
            set_stage(study=study, stage=StudyStage(options["stage"]))
        self.stdout.write(f"{study.slug} is now {options['stage']}.")
