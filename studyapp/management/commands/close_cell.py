"""`manage.py close_cell SLUG ARM --reason WHY`."""

from typing import Any

from studyapp.management.cells import CellCommand
from studyapp.management.teaching import refusals_as_command_errors
from studyapp.services.allocation import close_cell


class Command(CellCommand):
    """Lets a cell give no more places."""

    help = (
        "Give no more places of a cell (an arm, or an arm within a stratum). Who has one goes on."
    )
    examples = (
        "  manage.py close_cell my-study heatmap --reason 'enough of them'\n"
        "  manage.py close_cell my-study heatmap --stratum novice+young --reason 'enough of them'"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_command_errors():
            close_cell(**self.cell(options))
        self.stdout.write(f"{options['slug']}: arm {options['arm']} is closed.")
