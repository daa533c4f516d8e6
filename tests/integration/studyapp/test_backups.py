"""Backups and the doctor, on whatever database is in use; `test_postgres` runs them again."""

import os
import tarfile
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from studyapp.enums import StudyStage
from studyapp.models import AuditEntry, MediaFile, Study, StudySession
from studyapp.selectors.audit import audit_problems
from studyapp.selectors.media import media_path
from studyapp.services.sessions import start_session
from studyapp.services.studies import set_stage
from tests.factories import open_demo


@pytest.fixture
def study(transactional_db, tmp_path) -> Study:
    study = open_demo(tmp_path / "stimuli")
    for _ in range(3):
        start_session(study=study, entry_key=uuid.uuid4())
    return study


@pytest.fixture
def archive(study, tmp_path, capsys) -> Path:
    path = tmp_path / "backups" / "larus.tar"
    call_command("backup", "--out", str(path))
    assert "Wrote and verified" in capsys.readouterr().out
    return path


def everything() -> dict[str, list[str]]:
    """All rows of all tables, but for the audit log, which tells of backups too."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            if "audit" not in table:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def media(settings) -> dict[str, bytes]:
    paths = (media_path(settings.DATA_DIR, file.pk) for file in MediaFile.objects.all())
    return {path.name: path.read_bytes() for path in paths}


def test_a_backup_brings_back_every_row_and_every_picture(study, archive, settings, tmp_path):
    rows, pictures = everything(), media(settings)
    assert sum(map(len, rows.values())) > 300 and len(pictures) > 100
    start_session(study=study, entry_key=uuid.uuid4())
    set_stage(study=study, stage=StudyStage.OPEN)
    with pytest.raises(CommandError, match=r"The database holds data[.] Nothing was restored"):
        call_command("restore", str(archive))
    assert StudySession.objects.count() == 4

    settings.DATA_DIR = tmp_path / "another machine"
    call_command("restore", str(archive), "--replace")
    assert everything() == rows
    assert media(settings) == pictures
    assert AuditEntry.objects.last().action == "backup_restored"
    assert audit_problems() == []
    Study.objects.create(
        slug="next", stimulus_set=Study.objects.get().stimulus_set, frozen={}, digest="0" * 64
    )


def test_an_empty_database_takes_a_backup_without_being_told_twice(study, archive):
    rows = everything()
    call_command("flush", interactive=False, verbosity=0)
    call_command("restore", str(archive))
    assert everything() == rows


def test_a_backup_is_its_owners_alone_and_overwrites_nothing(archive):
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    before = archive.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", "--out", str(archive))
    assert archive.read_bytes() == before


DAMAGE = {
    "a changed byte": lambda content: content[:70_000] + b"?" + content[70_001:],
    "a cut end": lambda content: content[: len(content) // 2],
    "not a backup": lambda content: b"hello",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_is_refused_and_changes_nothing(archive, damage):
    archive.write_bytes(DAMAGE[damage](archive.read_bytes()))
    rows = everything()
    with pytest.raises(CommandError, match=r"damaged|can't be read|cut off"):
        call_command("restore", str(archive), "--replace")
    assert everything() == rows


def test_a_backup_can_be_read_without_larus(archive, tmp_path):
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert os.system(f"cd '{tmp_path / 'out'}' && sha256sum --quiet -c SHA256SUMS") == 0


def test_lost_pictures_are_named_and_the_rest_is_kept(study, tmp_path, settings):
    lost = MediaFile.objects.first()
    media_path(settings.DATA_DIR, lost.pk).unlink()
    path = tmp_path / "larus.tar"
    with pytest.raises(CommandError, match=f"1 pictures .*{lost.pk}"):
        call_command("backup", "--out", str(path))
    with tarfile.open(path) as tar:
        assert sum(name.startswith("media/") for name in tar.getnames()) > 100


def test_a_failed_backup_leaves_nothing(study, tmp_path, monkeypatch):
    monkeypatch.setattr("studyapp.services.backups.own_dump", Unable)
    with pytest.raises(CommandError, match="no room"):
        call_command("backup", "--out", str(tmp_path / "b" / "larus.tar"))
    assert list((tmp_path / "b").iterdir()) == []


class Unable:
    file_name = "database"

    def write(self, target: Path) -> None:
        raise OSError("no room")


def test_the_doctor_finds_a_sound_installation_sound(study, capsys):
    call_command("doctor")
    told = capsys.readouterr().out
    assert "FAULT" not in told
    for name in ("database", "migrations", "media", "disk", "clock", "audit log", "settings"):
        assert f" {name}" in told
    assert "WARNING backups" in told  # the study recruits, and there is none


def test_the_doctor_names_what_is_at_fault(study, capsys, settings):
    media_path(settings.DATA_DIR, MediaFile.objects.first().pk).write_bytes(b"no picture")
    settings.IS_PUBLIC = True
    StudySession.objects.update(started_at="2999-01-01T00:00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE studyapp_auditentry SET actor = 'nobody' WHERE number = 2")
    with pytest.raises(CommandError, match="at fault") as stopped:
        call_command("doctor")
    assert stopped.value.returncode == 1
    told = capsys.readouterr().out
    assert "FAULT   media" in told and "1 of" in told
    assert "FAULT   clock" in told
    assert "FAULT   audit log" in told
    assert "FAULT   settings   larus.E001: The development secret key is in use." in told
