"""The database: its migrations, its locks, and what is said when it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from tests.processes import together
from worker.errors import AlreadyRunning, ConfigError, StoreError, Unreachable
from worker.store.database import Database, head
from worker.store.tables import Table


def test_migrations_make_the_tables(database: Database) -> None:
    """A database that was migrated to the head has the very tables that the code declares."""
    with database.reading() as session:
        differences = compare_metadata(MigrationContext.configure(session.connection()), Table.metadata)

    assert differences == []
    assert database.version() == head()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    """An upgrade of what is up to date is harmless."""
    database.upgrade()

    assert database.version() == head()


def _upgrade(url: str) -> str | None:
    database = Database(url)
    database.ready()
    return database.version()


def test_four_upgrades_at_once(tmp_path: Path) -> None:
    """Four processes that find no database make one; without the lock three of four fail."""
    assert together(_upgrade, [(f"sqlite:///{tmp_path / 'unbury.db'}",)] * 4) == [head()] * 4


def test_a_newer_database_is_left_alone(database: Database) -> None:
    """A database of a later version is refused with what to do."""
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match="newer than this Unbury"):
        database.ready()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_tuned(database: Database) -> None:
    """Each connection waits for locks, syncs fully, and writes ahead."""
    with database.reading() as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "busy_timeout", "synchronous")
        }

    assert found == {"journal_mode": "wal", "busy_timeout": 30000, "synchronous": 2}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_run_at_a_time(database: Database) -> None:
    """A second run in one process is told that another one holds the lock, and may start after it."""
    with database.sole_run() as alone:
        assert alone
        with pytest.raises(AlreadyRunning, match="another run"), database.sole_run():
            pass
    with database.sole_run() as alone:
        assert alone


def test_what_is_raised_is_rolled_back(database: Database) -> None:
    """A transaction that does not end leaves nothing behind."""
    with pytest.raises(RuntimeError), database.writing() as session:
        session.execute(text("INSERT INTO run (started, result) VALUES ('2026-11-23 07:00:00', '{}')"))
        raise RuntimeError

    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM run")) == 0


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x/y"])
def test_a_wrong_url(url: str) -> None:
    """A URL that nobody can open is a wrong configuration, and an example is given."""
    with pytest.raises((ConfigError, Unreachable)):
        Database(url).ready()


def test_a_place_that_is_none(tmp_path: Path) -> None:
    """A database in a folder that is a file is unreachable, and its place is named."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Unreachable, match="no database at"):
        Database(f"sqlite:///{tmp_path / 'file' / 'unbury.db'}").ready()


@pytest.mark.parametrize("damage", ["garbage", "holes"])
def test_a_damaged_file_is_said(tmp_path: Path, damage: str) -> None:
    """With what to do about it."""
    file = tmp_path / "unbury.db"
    if damage == "garbage":
        file.write_bytes(b"no database at all" * 1000)
    else:
        Database(f"sqlite:///{file}").ready()
        content = file.read_bytes()
        file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    hint = {"garbage": "that file is something else", "holes": "restore a backup"}[damage]
    with pytest.raises(Unreachable, match="cannot be used") as said:
        Database(f"sqlite:///{file}").ready()
    assert hint in said.value.hint


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lock_that_cannot_be_opened_is_said(database: Database) -> None:
    """By its name."""
    assert database.file
    database.file.with_suffix(".lock").mkdir()
    with pytest.raises(Unreachable, match=r"unbury\.lock cannot be opened"), database.sole_run():
        pass
