"""A backup is whole, or it is none, and the way back loses nothing."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.errors import StoreError
from worker.model import Job
from worker.store import backlog, jobs
from worker.store.backup import backup, restore
from worker.store.database import Database, address

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def made(file: Path) -> Database:
    """A database with a job in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    database = Database(address(file))
    database.ready()
    with database.writing() as session:
        jobs.insert(session, [Job("read", "mine")], NOW)
    return database


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41", "50%", "ä ö"])
def test_a_backup_is_of_that_very_file(tmp_path: Path, name: str) -> None:
    """Whatever its folder is called."""
    database = made(tmp_path / name / "u.db")
    backup(database, tmp_path / "copy.db")
    database.close()

    restored = made(tmp_path / "other.db")
    restore(restored, tmp_path / "copy.db", NOW, replace=True)
    with restored.reading() as session:
        assert backlog.census(session) == {"read": {"due": 1}}
    restored.close()
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == [name]
    assert not (tmp_path / "a").exists()


def test_what_is_no_database_of_ours_is_not_backed_up(tmp_path: Path) -> None:
    """An empty file would be found out on the day that the backup is needed."""
    (tmp_path / "u.db").touch()
    with pytest.raises(StoreError, match="no database of ours"):
        backup(Database(f"sqlite:///{tmp_path / 'u.db'}"), tmp_path / "copy.db")
    assert [one.name for one in tmp_path.iterdir()] == ["u.db"]


def test_nobody_else_reads_a_backup(database: Database, tmp_path: Path) -> None:
    """Readers' addresses and the secret of their links stand in it."""
    if not database.file and not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not on this machine")
    backup(database, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


def test_a_database_that_is_put_back_is_as_closed_as_it_was(tmp_path: Path) -> None:
    """It keeps its mode, and a new one has its backup's."""
    database = made(tmp_path / "u.db")
    backup(database, tmp_path / "copy.db")
    (tmp_path / "u.db").chmod(0o640)
    restore(database, tmp_path / "copy.db", NOW, replace=True)
    assert stat.S_IMODE((tmp_path / "u.db").stat().st_mode) == 0o640

    (tmp_path / "copy.db").chmod(0o600)
    new = Database(f"sqlite:///{tmp_path / 'new.db'}")
    restore(new, tmp_path / "copy.db", NOW)
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def left_by_a_crash(folder: Path) -> Database:
    """A database whose last job stands beside it only, in its write-ahead log."""
    running = Database(f"sqlite:///{folder / 'running' / 'u.db'}")
    running.ready()
    running.close()
    database = made(folder / "running" / "u.db")
    shutil.copytree(folder / "running", folder / "crashed")
    database.close()
    with closing(sqlite3.connect((folder / "crashed" / "u.db").as_uri() + "?immutable=1", uri=True)) as alone:
        assert alone.execute("SELECT key FROM job").fetchall() == []
    return Database(f"sqlite:///{folder / 'crashed' / 'u.db'}")


def test_who_is_killed_while_he_restores_has_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that stood in its write-ahead log."""
    crashed = left_by_a_crash(tmp_path)
    backup(made(tmp_path / "other.db"), tmp_path / "copy.db")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(crashed, tmp_path / "copy.db", NOW, replace=True)
    with crashed.reading() as session:
        assert backlog.census(session) == {"read": {"due": 1}}


def test_a_database_in_use_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in the middle of a transaction would go on in a file that is gone."""
    monkeypatch.setattr("worker.store.backup._PATIENCE", 0.2)
    database = made(tmp_path / "u.db")
    backup(database, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "u.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM job").fetchall()
        with database.writing() as session:
            jobs.insert(session, [Job("read", "later")], NOW)
        with pytest.raises(StoreError, match="in use"):
            restore(database, tmp_path / "copy.db", NOW, replace=True)
    with database.reading() as session:
        assert backlog.census(session) == {"read": {"due": 2}}
