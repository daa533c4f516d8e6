"""Whether this installation is fit to hold people's answers: one check for each thing."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models import Max, Model
from django.utils import timezone

from experiments.digest import sha256_file
from studyapp.enums import RECRUITS_FOR
from studyapp.models import AuditEntry, Event, MediaFile, Response, Study, StudySession
from studyapp.selectors.audit import audit_problems
from studyapp.selectors.media import media_path
from studyapp.selectors.retention import overdue_studies

_LITTLE_BYTES, _TOO_LITTLE_BYTES = 5 << 30, 500 << 20
_OLD_BACKUP = timedelta(days=2)
_CHECK_DEPLOY = "python manage.py check --deploy tells more"
_CLOCK_TOLERANCE = timedelta(seconds=5)


class Level(Enum):
    """How bad it is."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Health:
    """What one check found, and what to do about it."""

    name: str
    level: Level
    told: str
    remedy: str = ""


def examine() -> Iterator[Health]:
    """Every check, in the order in which they make sense of each other.

    Without tables the checks that read them are left out.
    """
    for name, check in _CHECKS.items():
        health = check()
        yield health
        if name == "migrations" and health.level == Level.FAULT:
            break
    yield from _settings()


def backups_folder() -> Path:
    """Where backups lie unless another place is named."""
    return Path(settings.DATA_DIR) / "backups"


def unknown_migrations(applied: Iterable[tuple[str, str]]) -> list[str]:
    """Migrations that this version of Larus does not have."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    own_apps = {app for app, _ in known}
    return [
        f"{app}.{name}" for app, name in applied if app in own_apps and (app, name) not in known
    ]


def _database() -> Health:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            (said,) = cursor.fetchone()
            if said != "ok":
                return Health("database", Level.FAULT, said, "restore a backup")
            return Health("database", Level.GOOD, f"SQLite, sound: {_name()}")
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return Health("database", Level.GOOD, f"PostgreSQL {version}: {_name()}")


def _name() -> str:
    """The database in use, by the name in DATABASE_URL."""
    return str(connection.settings_dict["NAME"])


def _migrations() -> Health:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        told = f"{len(plan)} to be applied"
        return Health("migrations", Level.FAULT, told, "python manage.py migrate")
    newer = unknown_migrations(executor.loader.applied_migrations)
    if newer:
        told = f"the database is of a newer Larus: {', '.join(newer)}"
        return Health("migrations", Level.FAULT, told, "update Larus")
    return Health("migrations", Level.GOOD, "all applied")


def _media() -> Health:
    bad = [file.sha256 for file in MediaFile.objects.order_by("pk").iterator() if not _sound(file)]
    count = MediaFile.objects.count()
    if bad:
        told = f"{len(bad)} of {count} lost or damaged, first {bad[0]}"
        return Health("media", Level.FAULT, told, "import the stimulus sets again (import_stimuli)")
    return Health("media", Level.GOOD, f"{count} files, each with the right digest")


def _sound(file: MediaFile) -> bool:
    path = media_path(Path(settings.DATA_DIR), file.sha256)
    try:
        return path.stat().st_size == file.bytes and sha256_file(path) == file.sha256
    except OSError:
        return False


def _disk() -> Health:
    free = shutil.disk_usage(Path(settings.DATA_DIR)).free
    told = f"{free / (1 << 30):.1f} GiB free in {settings.DATA_DIR}"
    remedy = "make room: answers that can't be written are refused"
    if free < _TOO_LITTLE_BYTES:
        return Health("disk", Level.FAULT, told, remedy)
    return Health("disk", Level.WARNING if free < _LITTLE_BYTES else Level.GOOD, told, remedy)


def _clock() -> Health:
    """Times of answers are the server's: they must neither jump back nor differ by machine."""
    now = timezone.now()
    ahead = _newest_row() - now
    if ahead > _CLOCK_TOLERANCE:
        told = f"rows were written {ahead} from now: the clock was set back"
        return Health("clock", Level.FAULT, told, "let ntp or chrony set it")
    difference = abs(_database_time() - timezone.now())
    if difference > _CLOCK_TOLERANCE:
        told = f"{difference} apart from the database server's"
        return Health("clock", Level.FAULT, told, "let ntp or chrony set both")
    return Health("clock", Level.GOOD, f"{now:%Y-%m-%d %H:%M:%S} UTC, not behind what is stored")


def _newest_row() -> datetime:
    times: list[tuple[type[Model], str]] = [
        (StudySession, "started_at"),
        (Response, "received_at"),
        (Event, "occurred_at"),
        (AuditEntry, "occurred_at"),
    ]
    found = [model._default_manager.aggregate(at=Max(column))["at"] for model, column in times]
    return max((at for at in found if at), default=timezone.now())


def _database_time() -> datetime:
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


def _backups() -> Health:
    """Old backups matter once people take part."""
    written = [path.stat().st_mtime for path in backups_folder().glob("*.tar")]
    in_use = Study.objects.filter(stage__in=list(RECRUITS_FOR)).exists()
    bad = Level.WARNING if in_use else Level.GOOD
    remedy = "python manage.py backup, every day, and a copy on another machine"
    if not written:
        return Health("backups", bad, f"none in {backups_folder()}", remedy)
    age = timezone.now().timestamp() - max(written)
    told = f"the newest is {age / 86400:.1f} days old"
    return Health("backups", bad if age > _OLD_BACKUP.total_seconds() else Level.GOOD, told, remedy)


def _retention() -> Health:
    overdue = [study.slug for study in overdue_studies()]
    if overdue:
        told = f"the recruiter's ids of {', '.join(overdue)} should be gone"
        return Health("retention", Level.FAULT, told, "python manage.py erase_personal_data")
    return Health("retention", Level.GOOD, "no recruiter's ids are kept too long")


def _audit() -> Health:
    problems = audit_problems()
    if problems:
        return Health("audit log", Level.FAULT, problems[0], "python manage.py verify_audit")
    return Health("audit log", Level.GOOD, f"{AuditEntry.objects.count()} entries, unbroken")


def _settings() -> Iterator[Health]:
    """What would endanger a public server is asked of a public server only."""
    is_public = settings.IS_PUBLIC
    found = run_checks(include_deployment_checks=is_public, databases=["default"])
    if not found:
        whom = "a public server" if is_public else "this machine alone"
        yield Health("settings", Level.GOOD, f"nothing unsafe for {whom}")
    for one in found:
        level = Level.FAULT if one.level >= ERROR else Level.WARNING
        sentence = str(one.msg).partition(". ")[0]
        yield Health("settings", level, f"{one.id}: {sentence}", one.hint or _CHECK_DEPLOY)


_CHECKS: dict[str, Callable[[], Health]] = {
    "database": _database,
    "migrations": _migrations,
    "media": _media,
    "disk": _disk,
    "clock": _clock,
    "backups": _backups,
    "retention": _retention,
    "audit log": _audit,
}
