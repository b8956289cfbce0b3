"""Several processes at one database: each claim is one's own, nobody deadlocks, and a copy is whole."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.builders import document
from tests.postgres import PostgresServer, postgres_server
from tests.processes import SPAWN, together
from worker.errors import Unreachable
from worker.model import Job
from worker.store import backlog, documents, jobs
from worker.store.backup import backup
from worker.store.database import Database, head

pytestmark = pytest.mark.faults
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def _trigger(url: str) -> int:
    database, won = Database(url), 0
    for number in range(50):
        with database.writing() as session:
            won += len(jobs.insert(session, [Job("compose", f"daily/{number}")], NOW))
    return won


def test_one_of_eight_wins(database_url: str) -> None:
    """The same 50 editions asked for by eight processes at once. Naive, look and then insert: 5 winners of one."""
    database = Database(database_url)
    database.ready()
    assert sum(together(_trigger, [(database_url,)] * 8)) == 50
    with database.reading() as session:
        assert backlog.census(session) == {"compose": {"due": 50}}
    database.close()


def _add(url: str, seed: int) -> tuple[int, int]:
    database, chance = Database(url), random.Random(seed)
    new = 0
    for _ in range(40):
        some = chance.sample(range(400), 60)
        texts = [
            document(f"This is document number {number}.", url=f"https://a.example/{number}", shuffled=False)
            for number in some
        ]
        with database.writing() as session:
            new += len(documents.add(session, texts, NOW).new)
    return new, seed


def test_who_adds_the_same_waits_and_does_not_deadlock(database_url: str) -> None:
    """60 of 400 documents, in random order, 40 times, by four. Naive: 120 of 160 transactions deadlocked."""
    database = Database(database_url)
    database.ready()
    added = together(_add, [(database_url, seed) for seed in range(4)])
    with database.reading() as session:
        stored, revisions = documents.count(session)
    assert sum(new for new, _ in added) == stored == revisions
    database.close()


def _write(url: str, number: int) -> int:
    database = Database(url)
    for turn in range(100):
        with database.writing() as session:
            jobs.insert(session, [Job("read", f"{number}-{turn}-{n}") for n in range(20)], NOW)
    return number


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_four_writers_and_a_lock_of_three_seconds(database_url: str) -> None:
    """All wait, none is refused. Naive, a deferred BEGIN: 94 % failed at once, whatever the timeout."""
    database = Database(database_url)
    database.ready()
    with closing(sqlite3.connect(str(database.file), isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        import threading

        threading.Timer(3.0, lambda: other.execute("COMMIT")).start()
        together(_write, [(database_url, number) for number in range(4)])
    with database.reading() as session:
        assert backlog.census(session) == {"read": {"due": 8000}}
    database.close()


def _upgrade(url: str, at: float) -> str | None:
    import alembic.command  # noqa: F401  # its import takes a second, and all are to start at once

    time.sleep(max(0.0, at - time.time()))
    database = Database(url)
    database.upgrade()
    return database.version()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_upgrades_at_once(kind: str, tmp_path: Path, postgres: PostgresServer) -> None:
    """Each ends with the newest tables. Naive, Alembic alone: 3 of 4 failed, on both databases."""
    url = postgres.empty() if kind == "postgresql" else f"sqlite:///{tmp_path / 'new.db'}"
    assert together(_upgrade, [(url, time.time() + 5)] * 4) == [head()] * 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_under_writes_is_whole(database_url: str, tmp_path: Path) -> None:
    """Eight copies while four write: each can be read. Naive, cp of the file: 12 of 15 could not, or lacked rows."""
    database = Database(database_url)
    database.ready()
    writers = [SPAWN.Process(target=_write, args=(database_url, number)) for number in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(1.5)
    for number in range(8):
        backup(database, tmp_path / f"{number}.db")
    for writer in writers:
        writer.join()
    for number in range(8):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) % 20 FROM job").fetchone() == (0,)
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    database.close()
    shutil.rmtree(tmp_path, ignore_errors=True)


def test_a_restarted_server_is_found_again() -> None:
    """While it is away, a sentence and exit code 4; afterwards the same object goes on, and nothing is half-done."""
    with postgres_server() as server:
        database = Database(server.fresh())
        with database.writing() as session:
            jobs.insert(session, [Job("read", "before")], NOW)
        with suppress(Unreachable), database.writing() as session:
            jobs.insert(session, [Job("read", "torn")], NOW)
            server.kill()
        with pytest.raises(Unreachable) as away, database.reading() as session:
            backlog.census(session)
        assert away.value.exit_code == 4
        server.start()
        with database.writing() as session:
            jobs.insert(session, [Job("read", "after")], NOW)
        with database.reading() as session:
            assert [entry.key for entry in backlog.listed(session)] == ["after", "before"]
        database.close()


def test_nobody_waits_for_a_lock_for_ever(postgres: PostgresServer) -> None:
    """A forgotten transaction holds a row: after 10 s a sentence says so."""
    database = Database(postgres.fresh())
    with database.writing() as session:
        jobs.insert(session, [Job("read", "x")], NOW)
    other = Database(str(database.url.render_as_string(hide_password=False)))
    with other.writing() as session:
        session.execute(text("UPDATE job SET holder = 'other'"))
        with pytest.raises(Unreachable, match="lock timeout"), database.writing() as waiting:
            waiting.execute(text("UPDATE job SET holder = 'me'"))
    other.close()
    database.close()
