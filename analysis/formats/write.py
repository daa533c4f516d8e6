"""Writing an export in another format: whole, checked and checksummed, or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path

from analysis.errors import ExportError
from analysis.formats.bids import write_bids
from analysis.formats.jspsych import write_jspsych
from analysis.formats.psychds import write_psychds
from analysis.load import StudyData
from experiments.files import folder_in_the_making, write_checksums

FORMATS: Mapping[str, Callable[[StudyData, Path], None]] = {
    "psych-ds": write_psychds,
    "bids-beh": write_bids,
    "jspsych": write_jspsych,
}


def convert(study: StudyData, target: Path, to: str) -> None:
    """Write a study in another format into a new folder, with `SHA256SUMS`.

    Parameters
    ----------
    study
        A loaded export.
    target
        A folder that is not there yet; it appears when it is complete.
    to
        A key of `FORMATS`.

    Raises
    ------
    ExportError
        When the folder exists, or something of the study doesn't fit the format.
    """
    try:
        with folder_in_the_making(target) as folder:
            FORMATS[to](study, folder)
            write_checksums(folder)
    except FileExistsError as error:
        raise ExportError(str(error)) from error
