"""`manage.py write_api_docs`."""

from pathlib import Path
from typing import Any

from experiments.files import write_atomically
from studyapp.api.openapi import openapi_text
from studyapp.management.teaching import TeachingCommand

TARGET = Path(__file__).parents[3] / "docs" / "openapi.json"


class Command(TeachingCommand):
    """Writes the description of the player's API."""

    help = "Write docs/openapi.json from the types of the player's API."
    examples = "  manage.py write_api_docs"

    def needs_tables(self, options: dict[str, Any]) -> bool:
        return False

    def handle(self, *args: Any, **options: Any) -> None:
        write_atomically(TARGET, openapi_text().encode())
        self.stdout.write(f"wrote {TARGET}")
