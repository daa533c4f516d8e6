"""The whole database as one file, and back."""

import os
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from contextlib import closing
from pathlib import Path

from django.db import connection

from studyapp.exceptions import BackupRefused
from studyapp.services.snapshots import one_snapshot

Rows = dict[str, int]


class Dump(ABC):
    """A database's own way of copying itself."""

    file_name: str

    @abstractmethod
    def write(self, target: Path) -> Rows:
        """Copy one state of the database while others go on writing; count its rows by table."""

    @abstractmethod
    def load(self, source: Path) -> None:
        """Put the copy in the place of everything in the database, wholly or not at all."""


class SqliteDump(Dump):
    """By SQLite's backup API, which sees one state and waits for no writer."""

    file_name = "database.sqlite3"

    def write(self, target: Path) -> Rows:
        with closing(self._open()) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
            return _sqlite_rows(copy)

    def load(self, source: Path) -> None:
        with closing(sqlite3.connect(source)) as copy, closing(self._open()) as target:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BackupRefused("The database in this backup is damaged. Use another one.")
            copy.backup(target)
            target.execute("PRAGMA journal_mode=WAL")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(connection.settings_dict["NAME"], timeout=20)


class PostgresDump(Dump):
    """By pg_dump; loaded by psql in one transaction, which drops the tables that are there."""

    file_name = "database.dump"

    def write(self, target: Path) -> Rows:
        with one_snapshot(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            _run("pg_dump", "-Fc", f"--snapshot={snapshot}", "-f", str(target), names_it=True)
            return {name: _count(name) for name in connection.introspection.table_names(cursor)}

    def load(self, source: Path) -> None:
        script = source.with_suffix(".sql")
        _run("pg_restore", "--no-owner", "--no-privileges", "-f", str(script), str(source))
        connection.close()
        psql = ("psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull)
        _run(*psql, "-c", _DROP_ALL, "-f", str(script), names_it=True)


_DROP_ALL = """
DO $$ DECLARE name text; own regprocedure; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('DROP TABLE %I CASCADE', name);
  END LOOP;
  FOR own IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
    EXECUTE format('DROP FUNCTION %s', own);
  END LOOP;
END $$
"""


def own_dump() -> Dump:
    """The way of the database that is in use."""
    return PostgresDump() if connection.vendor == "postgresql" else SqliteDump()


def rows_now() -> Rows:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        return {name: _count(name) for name in connection.introspection.table_names(cursor)}


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        # A table's name as the database gave it.
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _sqlite_rows(database: sqlite3.Connection) -> Rows:
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in database.execute(names).fetchall()
    }


def _run(program: str, *arguments: str, names_it: bool = False) -> None:
    """Run one of PostgreSQL's programs; `names_it` adds which database is meant."""
    # The password goes by the environment: other users can read command lines.
    where, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *arguments]
    if names_it:
        *options, name = where[1:]
        command += [*options, "-d", name]
    try:
        done = subprocess.run(
            command,
            check=False,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupRefused(f"{program} is missing: install postgresql-client.") from error
    if done.returncode:
        raise BackupRefused(f"{program}: {done.stderr.strip()}")
