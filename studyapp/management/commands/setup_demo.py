"""`manage.py setup_demo`."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction

from studyapp.enums import Role, StudyStage
from studyapp.exceptions import FreezeRefused, ImportRefused
from studyapp.management.teaching import TeachingCommand, refusals_as_command_errors
from studyapp.models import Study
from studyapp.services.people import give_role
from studyapp.services.stimuli import import_stimuli
from studyapp.services.studies import freeze_protocol, set_stage

_PROTOCOL = Path("experiments/protocols/gulls-demo.yaml")
_STIMULI = Path("var/stimuli/gulls-demo")
_NAME = "gulls-demo"


class Command(TeachingCommand):
    """Prepares the demo study; run again, it changes nothing."""

    help = "Migrate, import the demo stimuli, freeze and open the demo study, make a staff login."
    examples = "  manage.py setup_demo"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stimuli", type=Path, default=_STIMULI)

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return False  # it makes them

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        with refusals_as_command_errors():
            study = self._study(options["stimuli"])
        self._staff(study)
        self.stdout.write(f"The demo study {study.slug} is in stage {study.stage}.")

    def _study(self, stimuli: Path) -> Study:
        """A demo that was set up before stays as it is: it may hold answers."""
        try:
            import_stimuli(folder=stimuli, name=_NAME)
            study, _ = freeze_protocol(path=_PROTOCOL)
        except (ImportRefused, FreezeRefused):
            earlier = Study.objects.filter(slug=_NAME).first()
            if earlier is None:
                raise
            self.stdout.write(
                "The demo has changed since it was set up here. The earlier one stays, with its "
                f"answers; for the new one move {settings.DATA_DIR}/larus.sqlite3 away and run "
                "this again."
            )
            return earlier
        if study.stage == StudyStage.FROZEN:
            set_stage(study=study, stage=StudyStage.PILOT)
        study.refresh_from_db()
        return study

    def _staff(self, study: Study) -> None:
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        with transaction.atomic():
            user = users.create_superuser("staff", password=password)
            give_role(user=user, study=study, role=Role.OWNER)
        self.stdout.write(f"Staff login at /staff/ (shown once): staff / {password}")
