"""The export of a rehearsal: what bots answered, for the report that a study would get."""

from pathlib import Path

from experiments.files import folder_in_the_making
from studyapp.models import Study
from studyapp.services.exports import write_tables


def export_rehearsal(*, rehearsal: Study, target: Path) -> None:
    """The same files as of a study. There is nothing in them that anybody could be blind to."""
    with folder_in_the_making(target) as folder:
        write_tables(rehearsal, folder)
