"""Backups: the database and every imported picture in one archive, and back."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from experiments.digest import sha256_file
from experiments.files import write_atomically
from studyapp import __version__
from studyapp.enums import AuditAction
from studyapp.exceptions import BackupRefused
from studyapp.models import MediaFile
from studyapp.selectors.audit import audit_head
from studyapp.selectors.health import unknown_migrations
from studyapp.selectors.media import media_path
from studyapp.services.archives import archive_in_the_making, unpack, verify_archive
from studyapp.services.audit import record
from studyapp.services.dumps import own_dump, rows_now

_CARD = "backup.json"


class BackupCard(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = 1
    larus_version: str
    created_at: str
    database: str
    rows: dict[str, int]
    migrations: list[tuple[str, str]]
    # Number and digest: what `verify_audit --expect` takes.
    audit_head: tuple[int, str]
    media: int
    # Pictures that were lost or damaged already: the backup is whole but for them.
    damaged_media: list[str]


@dataclass(frozen=True)
class Restored:
    """What a backup brought."""

    card: BackupCard
    rows: int


def write_backup(*, target: Path) -> BackupCard:
    """Write an archive of everything that can't be made again, and read it again.

    The database comes first: pictures are there before the rows that name them and never change,
    so that each row's picture is in the archive. The secret key and the settings are not.
    """
    dump = own_dump()
    with (
        archive_in_the_making(target) as archive,
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder,
    ):
        head = audit_head()
        copy = Path(folder) / dump.file_name
        rows = dump.write(copy)
        archive.add(dump.file_name, copy)
        copy.unlink()
        digests = list(MediaFile.objects.order_by("pk").values_list("pk", flat=True))
        damaged = [digest for digest in digests if not _is_sound(digest)]
        for digest in sorted(set(digests) - set(damaged)):
            archive.add(f"media/{digest}", _media(digest))
        card = BackupCard(
            larus_version=__version__,
            created_at=timezone.now().isoformat(),
            database=connection.vendor,
            rows=rows,
            migrations=sorted(MigrationRecorder(connection).applied_migrations()),
            audit_head=head,
            media=len(digests) - len(damaged),
            damaged_media=damaged,
        )
        archive.add_bytes(_CARD, card.model_dump_json(indent=2).encode())
    record(AuditAction.BACKUP_WRITTEN, details={"sha256": sha256_file(target)})
    return card


def restore_backup(*, source: Path, replace: bool) -> Restored:
    """Put a verified backup in the place of an empty database, or of any with `replace`.

    Pictures come first: more of them than rows do no harm, and a database that fails to load
    leaves the one that was there.
    """
    verify_archive(source)
    if not replace and not _is_empty():
        raise BackupRefused(
            "The database holds data. Nothing was restored. Write a backup of it first, then say "
            "--replace to put this one in its place."
        )
    data_dir = Path(settings.DATA_DIR)
    data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as unpacked:
        folder = Path(unpacked)
        unpack(source, folder)
        card = _card(folder)
        _refuse_foreign(card)
        for file in sorted((folder / "media").glob("*")):
            if not _is_sound(file.name):
                write_atomically(_media(file.name), file.read_bytes())
        dump = own_dump()
        dump.load(folder / dump.file_name)
    rows = rows_now()
    if rows != card.rows:
        raise BackupRefused("The restored tables don't have the rows of the backup. Restore again.")
    record(AuditAction.BACKUP_RESTORED, details={"sha256": sha256_file(source)})
    return Restored(card, sum(rows.values()))


def _card(folder: Path) -> BackupCard:
    try:
        return BackupCard.model_validate_json((folder / _CARD).read_bytes())
    except (OSError, ValueError) as error:
        raise BackupRefused(f"{_CARD} is missing or of another version of Larus.") from error


def _refuse_foreign(card: BackupCard) -> None:
    if card.database != connection.vendor:
        raise BackupRefused(
            f"This is a backup of {card.database}, and DATABASE_URL names {connection.vendor}. "
            f"Set DATABASE_URL to a database of {card.database}."
        )
    newer = unknown_migrations(card.migrations)
    if newer:
        raise BackupRefused(
            f"This backup was written by a newer Larus ({card.larus_version}; it has "
            f"{', '.join(newer)}). Update Larus first."
        )


def _is_empty() -> bool:
    """A database that `migrate` has just made has no rows of ours and nobody's account."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("studyapp_") or table == "auth_user":
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608
                if cursor.fetchone():
                    return False
    return True


def _media(digest: str) -> Path:
    return media_path(Path(settings.DATA_DIR), digest)


def _is_sound(digest: str) -> bool:
    return _media(digest).is_file() and sha256_file(_media(digest)) == digest
