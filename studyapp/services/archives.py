"""One tar file in which every byte is accounted for, readable with `tar` and `sha256sum` alone."""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.files import CHECKSUMS_NAME
from studyapp.exceptions import ArchiveDamaged

_CHUNK_BYTES = 1 << 20
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class ArchiveWriter:
    """Adds files and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._lines: list[str] = []

    def add(self, name: str, path: Path) -> None:
        """Add a file, read once."""
        with path.open("rb") as stream:
            reader = _Digesting(stream)
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            member.mtime = int(path.stat().st_mtime)
            member.mode = 0o600
            self._tar.addfile(member, reader)
        self._lines.append(f"{reader.digest.hexdigest()}  {name}\n")

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add some bytes as a file."""
        member = tarfile.TarInfo(name)
        member.size = len(content)
        member.mode = 0o600
        self._tar.addfile(member, io.BytesIO(content))
        self._lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")

    def close(self) -> None:
        """Add the checksums, last."""
        content = "".join(self._lines).encode()
        self._lines = []
        self.add_bytes(CHECKSUMS_NAME, content)


class _Digesting(io.RawIOBase):
    """Passes on what is read, and digests it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self.digest.update(content)
        return content


@contextmanager
def archive_in_the_making(target: Path) -> Iterator[ArchiveWriter]:
    """Write a new archive under another name, read it again, and only then give it its own.

    It holds passwords' hashes and people's answers: only its owner may read it.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists already; name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    making = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with (
            os.fdopen(os.open(making, _NEW_FILE, 0o600), "wb") as stream,
            tarfile.open(fileobj=stream, mode="w") as tar,
        ):
            writer = ArchiveWriter(tar)
            yield writer
            writer.close()
            tar.close()
            stream.flush()
            os.fsync(stream.fileno())
        verify_archive(making)
        making.rename(target)
    finally:
        making.unlink(missing_ok=True)


def verify_archive(path: Path) -> None:
    """Every member must have the digest that is listed, and no other be there.

    Raises `ArchiveDamaged`, naming each one that is missing, changed or unlisted.
    """
    found: dict[str, str] = {}
    listed: dict[str, str] = {}
    with _reading(path) as tar:
        for member in tar:
            stream = tar.extractfile(member)
            if stream is None:
                raise ArchiveDamaged(f"{path}: {member.name} is no file. It is no backup.")
            if member.name == CHECKSUMS_NAME:
                listed = _listed(stream.read().decode())
                continue
            digest = hashlib.sha256()
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
            found[member.name] = digest.hexdigest()
    if not listed:
        raise ArchiveDamaged(f"{path} has no {CHECKSUMS_NAME}: it is cut off, or no backup.")
    problems = [f"{name} is missing" for name in sorted(listed.keys() - found.keys())]
    problems += [f"{name} is not listed" for name in sorted(found.keys() - listed.keys())]
    problems += [
        f"{name} has changed"
        for name in sorted(listed.keys() & found.keys())
        if listed[name] != found[name]
    ]
    if problems:
        raise ArchiveDamaged(f"{path} is damaged: {'; '.join(problems)}. Use another backup.")


def unpack(path: Path, folder: Path) -> None:
    """Unpack an archive that was verified."""
    with _reading(path) as tar:
        tar.extractall(folder, filter="data")


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise ArchiveDamaged(f"{path} can't be read as a backup: {error}.") from error


def _listed(text: str) -> dict[str, str]:
    pairs = (line.partition("  ") for line in text.splitlines())
    return {name: digest for digest, _, name in pairs}
