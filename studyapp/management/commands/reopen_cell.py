"""`manage.py reopen_cell SLUG ARM --reason WHY`."""

from typing import Any

from studyapp.management.cells import CellCommand
from studyapp.management.teaching import refusals_as_command_errors
from studyapp.services.allocation import reopen_cell


class Command(CellCommand):
    """Lets a closed cell give places again."""

    help = "Give places of a closed cell again."
    examples = (
        "  manage.py reopen_cell my-study heatmap --reason 'more are needed'\n"
        "  manage.py reopen_cell my-study heatmap --stratum novice+young --reason 'more are needed'"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_command_errors():
            reopen_cell(**self.cell(options))
        self.stdout.write(f"{options['slug']}: arm {options['arm']} is open again.")
