"""`manage.py personal_copy CODE --out FILE`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.serializers.json import DjangoJSONEncoder

from experiments.files import write_atomically
from studyapp.management.teaching import TeachingCommand
from studyapp.models import Participant
from studyapp.services.personal_data import copy_for_participant


class Command(TeachingCommand):
    """Answers somebody who asks what is stored of them."""

    help = (
        "Write everything that is stored of one participant, for them (GDPR, article 15), as JSON. "
        "The code begins with p; recruiter_visits finds it by the recruiter's id. Until the study "
        "is closed, columns that would tell arm or truth are left out, and named."
    )
    examples = "  manage.py personal_copy pbcdfghjkmn --out var/copy.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        participant = Participant.objects.filter(code=options["code"]).first()
        if participant is None:
            raise CommandError(
                f"No participant has the code {options['code']!r}. Codes are in the export "
                "(participants.csv) and in `manage.py recruiter_visits`."
            )
        copy = copy_for_participant(participant=participant)
        text = json.dumps(copy, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
        write_atomically(options["out"], (text + "\n").encode())
        options["out"].chmod(0o600)
        self.stdout.write(f"wrote {options['out']}. It is about a person: send it to nobody else.")
