"""Pictures and layers by digest."""

from pathlib import Path

from studyapp.models import MediaFile


def media_path(data_dir: Path, sha256: str) -> Path:
    """Where an imported file lies."""
    return data_dir / "media" / sha256[:2] / sha256


def media_file(sha256: str) -> MediaFile | None:
    """Only imported pictures and layers are served; sidecars and maps never were imported."""
    return MediaFile.objects.filter(pk=sha256).first()
