"""Backups: a whole copy of the database while it is being written to, and the way back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, update

from worker.errors import StoreError
from worker.store import slots
from worker.store.database import Database, head
from worker.store.tables import DeliveryRow, DocumentRow, EditionRow, JobRow

_PATIENCE = 30.0  # seconds
_HELD = "the backup does not know whether it was sent since; `unbury jobs retry` sends it, `unbury jobs drop` leaves it"


def backup(database: Database, to: Path, *, force: bool = False) -> None:
    """Write the whole database into a file, even while it is written to. Raises StoreError.

    SQLite's own copy: of 15 copies made with cp under writes, 12 could not be read.
    """
    if to.exists() and not force:
        raise StoreError(f"{to} exists already", "name another file, or say --force")
    part = to.with_name(f".{to.name}.part")
    part.unlink(missing_ok=True)
    try:
        part.touch(0o600)  # readers' addresses stand in it, and the secret of their links
        if database.file:
            _vacuum(database.file, part)
        else:
            _pg(database, "pg_dump", "--format=custom", "--no-owner", f"--file={part}")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(to)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{to} cannot be written: {error}", "is there room, and permission?") from error
    finally:
        part.unlink(missing_ok=True)


def _vacuum(file: Path, part: Path) -> None:
    if not file.exists():
        raise StoreError(f"there is no database at {file}", "check database_url")
    with closing(_connected(file, "ro")) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))
    try:
        _version(part)
    except sqlite3.Error as error:
        raise StoreError(f"{file} is no database of ours: {error}", "check database_url") from error


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    """A connection to this very file: in an address, '#', '?' and '%' mean something else."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode={mode}", uri=True, timeout=_PATIENCE)


def _version(copy: Path) -> str:
    with closing(_connected(copy, "ro")) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def restore(database: Database, backed_up: Path, now: datetime, *, replace: bool = False) -> int:
    """Put a backup in the database's place; gives how many deliveries are held. Raises StoreError, AlreadyRunning.

    What was under way then may have been sent since: it is held, until somebody decides.
    """
    if not backed_up.is_file():
        raise StoreError(f"there is no backup at {backed_up}", "check the name")
    if not replace and _holds_something(database):
        raise StoreError(f"the database {database} is not empty", "--replace gives up what is in it")
    with database.sole_run():
        if database.file:
            _put_back(database, database.file, backed_up)
        else:
            _pg(database, "pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner",
                f"--dbname={database.url.database}", str(backed_up))  # fmt: skip
        database.upgrade()
        return hold(database, now)


def _holds_something(database: Database) -> bool:
    if database.file and not database.file.exists():
        return False
    if database.version() is None:
        return False
    with database.reading() as session:
        return bool(session.scalar(select(func.count()).select_from(DocumentRow)))


def _put_back(database: Database, file: Path, backed_up: Path) -> None:
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".restore-") as folder:
        copy = Path(folder) / file.name
        shutil.copy(backed_up, copy)
        _check(copy, backed_up)
        with copy.open("rb") as written:
            os.fsync(written.fileno())
        database.close()
        if file.exists():
            shutil.copymode(file, copy)
            _fold(file)
        for suffix in ("-wal", "-shm"):  # of the database that goes
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        copy.replace(file)


def _fold(file: Path) -> None:
    """Bring into a database what stands only beside it: who is killed before it is replaced has lost nothing."""
    with suppress(sqlite3.DatabaseError), closing(_connected(file, "rw")) as connection:  # it may be damaged
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(f"the database {file} is in use", "stop what works with it; it is as it was")


def _check(copy: Path, backed_up: Path) -> None:
    try:
        with closing(_connected(copy, "ro")) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        version = _version(copy)
    except sqlite3.Error as error:
        raise StoreError(f"{backed_up} is no backup of ours: {error}", "the database is as it was") from error
    if not whole:
        raise StoreError(f"{backed_up} is damaged", "the database is as it was; take another backup")
    if version > head():
        raise StoreError(f"{backed_up} is at {version}, newer than this Unbury ({head()})", "install the newer Unbury")


def hold(database: Database, now: datetime) -> int:
    """Have nothing go out that was under way in a copy of a database; gives how many deliveries are held.

    Whatever was due since the copy was made counts as covered: nobody knows what was sent since.
    """
    with database.writing() as session:
        for digest in session.scalars(select(EditionRow.digest).distinct()).all():
            slots.cover(session, digest, now)
        under_way = DeliveryRow.status.in_(("pending", "sending", "committing"))
        held = session.scalars(
            update(DeliveryRow).where(under_way).values(status="unknown", receipt=_HELD).returning(DeliveryRow.id)
        ).all()
        theirs = (JobRow.kind == "deliver") & JobRow.key.in_(held)
        session.execute(update(JobRow).where(theirs).values(state="dead", error=_HELD, finished=now, lease_until=None))
        session.execute(update(JobRow).where(JobRow.state == "running").values(state="due", lease_until=None))
    return len(held)


def _pg(database: Database, program: str, *options: str) -> None:
    url = database.url
    found = shutil.which(program)
    if found is None:
        raise StoreError(
            f"{program} is not on this machine",
            "install PostgreSQL's client, or let the server do it: docker compose exec -T postgres "
            "pg_dump -U unbury -Fc unbury > unbury.dump",
        )
    environment = os.environ | {"PGPASSWORD": str(url.password or "")}  # in no list of processes
    place = ["--host", url.host or "", "--port", str(url.port or 5432), "--username", url.username or ""]
    name = [] if program == "pg_restore" else [url.database or ""]
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own program
        [found, *place, *options, *name], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise StoreError(
            f"{program} failed: {said[0] if said else done.returncode}", "its version must be the server's"
        )
