"""An export folder as one file, to be downloaded."""

from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from studyapp.models import Study
from studyapp.services.exports import export_study


def export_archive(*, study: Study) -> IO[bytes]:
    """Write the same files as `export_study` into a ZIP that is gone when it is closed."""
    archive = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    with TemporaryDirectory() as place:
        folder = Path(place) / study.slug
        export_study(study=study, target=folder)
        with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*")):
                packed.write(path, path.relative_to(place))
    archive.seek(0)
    return archive
