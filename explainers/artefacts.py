"""The files of a stimulus folder: named by content, written whole, found again on a second run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from experiments.digest import sha256_bytes
from experiments.files import write_atomically
from experiments.manifest import FileRef, Picture
from explainers.rendering.layer import webp


@dataclass(frozen=True)
class ArtefactStore:
    """A stimulus folder being filled."""

    folder: Path

    def add_picture(self, image: Image.Image) -> Picture:
        """Store a picture and return where it lies."""
        file = self.add(webp(image), "files", "webp", "image/webp")
        return Picture(**file.model_dump(), width=image.width, height=image.height)

    def add(self, content: bytes, place: str, suffix: str, media_type: str) -> FileRef:
        """Store some bytes under their SHA-256 and return where they lie."""
        digest = sha256_bytes(content)
        path = f"{place}/{digest[:2]}/{digest}.{suffix}"
        if not self._holds({"path": path, "sha256": digest}):
            write_atomically(self.folder / path, content)
        return FileRef(path=path, sha256=digest, bytes=len(content), media_type=media_type)

    def write_sidecar(self, key: str, record: dict[str, Any]) -> None:
        """Note how something was made. It is written last: a sidecar's files are there."""
        text = json.dumps(record, indent=2, sort_keys=True) + "\n"
        write_atomically(self.sidecar_path(key), text.encode())

    def read_sidecar(self, key: str) -> dict[str, Any] | None:
        """Return what was noted, or None when it must be made (again)."""
        try:
            record: dict[str, Any] = json.loads(self.sidecar_path(key).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        files = [
            value for value in record.values() if isinstance(value, dict) and "sha256" in value
        ]
        whole = all(self._holds(file) for file in files)
        return record if whole else None

    def sidecar_path(self, key: str) -> Path:
        """Where a sidecar lies."""
        return self.folder / "sidecars" / f"{key}.json"

    def sidecar_file(self, key: str) -> FileRef:
        """Return a written sidecar as a file of the manifest."""
        content = self.sidecar_path(key).read_bytes()
        return FileRef(
            path=f"sidecars/{key}.json",
            sha256=sha256_bytes(content),
            bytes=len(content),
            media_type="application/json",
        )

    def _holds(self, file: dict[str, Any]) -> bool:
        path = self.folder / str(file["path"])
        return path.is_file() and sha256_bytes(path.read_bytes()) == file["sha256"]
