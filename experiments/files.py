"""Files that are whole or absent, and folders whose every byte is accounted for."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from experiments.digest import sha256_file

CHECKSUMS_NAME = "SHA256SUMS"


class ChecksumError(Exception):
    """A file is missing, changed or unlisted. The message names each one."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Parameters
    ----------
    path
        Where the file ends up; its folder is made if need be.
    content
        Its bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Named before it is made: a Ctrl-C at any moment finds it to remove.
    temporary = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def folder_in_the_making(target: Path) -> Iterator[Path]:
    """Give a temporary folder beside `target`, renamed to it only when all went well.

    Raises
    ------
    FileExistsError
        When `target` is there already: nothing is overwritten.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists already; name another folder or remove it first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=f".{target.name}.", ignore_cleanup_errors=True
    ) as temporary:
        making = Path(temporary) / "content"
        making.mkdir()
        yield making
        making.replace(target)


def write_checksums(folder: Path) -> None:
    """Write `SHA256SUMS` (the format of `sha256sum`) over every other file of a folder."""
    lines = [f"{sha256_file(folder / name)}  {name}\n" for name in _file_names(folder)]
    write_atomically(folder / CHECKSUMS_NAME, "".join(lines).encode())


def verify_checksums(folder: Path) -> None:
    """Compare a folder with its `SHA256SUMS`.

    Raises
    ------
    ChecksumError
        Naming every missing, changed and unlisted file.
    """
    listed = _read_checksums(folder)
    present = set(_file_names(folder))
    problems = [f"{name} is missing" for name in sorted(set(listed) - present)]
    problems += [
        f"{name} is not listed in {CHECKSUMS_NAME}" for name in sorted(present - set(listed))
    ]
    problems += [
        f"{name} has changed"
        for name in sorted(present & set(listed))
        if sha256_file(folder / name) != listed[name]
    ]
    if problems:
        raise ChecksumError(f"{folder}: " + "; ".join(problems) + ".")


def _read_checksums(folder: Path) -> dict[str, str]:
    path = folder / CHECKSUMS_NAME
    if not path.is_file():
        raise ChecksumError(f"{path} is missing, so nothing in {folder} can be trusted.")
    listed: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name:
            raise ChecksumError(f"{path}, line {number}: not a line of sha256sum: {line!r}.")
        listed[name] = digest
    return listed


def _file_names(folder: Path) -> Iterable[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path != folder / CHECKSUMS_NAME
    )
