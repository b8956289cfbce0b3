"""The database: opened, tuned, locked, and brought up to date."""

from __future__ import annotations

import fcntl
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from worker.errors import AlreadyRunning, ConfigError, StoreError, Unreachable

#: What a service is given to save in.
Transaction: TypeAlias = Session
T = TypeVar("T")

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
#: Measured with 4 writing processes: WAL and an immediate BEGIN let none fail and wait 5.7 s at most.
_PRAGMAS = ("journal_mode=WAL", "busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON")
_AT_ONCE = 500  # SQLite takes at most 32,766 values in a statement
#: A server may be restarted between two transactions, so each is preceded by a ping. Nobody waits for a
#: lock for longer than 10 s, and who holds one and says nothing for a minute is gone.
_SERVER: dict[str, Any] = {
    "pool_pre_ping": True,
    "connect_args": {
        "connect_timeout": 5,
        "application_name": "unbury",
        "options": "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000",
    },
}


class Database:
    """One database, SQLite or PostgreSQL, by its URL. Raises ConfigError for a URL nobody can open."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self._engine = create_engine(self.url, **({} if self._is_sqlite else _SERVER))
        except ImportError as error:
            raise ConfigError(f"database_url needs a driver: {error}", "pip install 'unbury[postgres]'") from None
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise ConfigError(
                f"database_url cannot be used: {error}", 'write it like "sqlite:///var/unbury.db"'
            ) from None
        if self._is_sqlite:
            _tune(self._engine)
        weakref.finalize(self, self._engine.dispose)

    def __str__(self) -> str:
        return self.url.set(query={}).render_as_string(hide_password=True)

    @property
    def _is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file it is, if it is one."""
        return Path(self.url.database) if self._is_sqlite and self.url.database not in (None, "", ":memory:") else None

    def close(self) -> None:
        """Give back all connections; the next transaction opens one anew."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of things and writes nothing."""
        with self._said(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is kept as a whole at the end, or not at all if something is raised."""
        engine = self._engine.execution_options(writes=True)
        with self._said(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            unusable = isinstance(error, (OperationalError, InterfaceError)) or error.connection_invalidated
            if not unusable and type(error) is not DatabaseError:  # that is SQLite's, for a damaged file
                raise
            reason, hint = _explained(error)
            raise Unreachable(f"the database {self} cannot be used: {reason}", hint) from error

    def clock(self) -> datetime | None:
        """The time it is for the server; None for a file, which has this machine's."""
        if self._is_sqlite:
            return None
        with self.reading() as session:
            now: datetime | None = session.scalar(text("SELECT clock_timestamp()"))
            return now

    def version(self) -> str | None:
        """The migration the database stands at; None for an empty one."""
        with self.reading() as session:
            if not inspect(session.connection()).has_table("alembic_version"):
                return None
            return session.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def upgrade(self) -> None:
        """Bring the database to the newest migration; several at once wait for each other."""
        from alembic import command  # 1 s to import, needed once in a database's life
        from alembic.config import Config

        self._make_room()
        config = Config()
        config.set_main_option("script_location", str(_VERSIONS.parent))
        with self._said(), self._alone(), self._engine.execution_options(writes=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def ready(self) -> None:
        """Make sure that the schema is the one this version knows; a file of ours is upgraded at once.

        Raises StoreError where the user has to decide.
        """
        if self.file and not self.file.exists():
            return self.upgrade()
        found, newest = self.version(), head()
        if found == newest:
            return None
        if found is not None and found > newest:
            raise StoreError(
                f"the database is at {found}, newer than this Unbury ({newest})", "install the newer Unbury"
            )
        if self._is_sqlite:
            return self.upgrade()
        raise StoreError(
            f"the database is at {found or 'nothing'}, this Unbury needs {newest}", "run `unbury db upgrade`"
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._is_sqlite and not self.file:
            yield
        elif self.file:
            with _locked(self.file.with_suffix(".migrating"), wait=True):
                yield
        else:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT pg_advisory_lock(7520171)"))  # goes with the connection
                yield

    @contextmanager
    def sole_run(self) -> Iterator[bool]:
        """Within it no other run in one process works on the same file. Raises AlreadyRunning.

        Gives whether that could be made sure: a server's database has leases for it instead.
        """
        if self.file is None:
            yield False
        else:
            self._make_room()
            with _locked(self.file.with_suffix(".lock"), wait=False):
                yield True

    def _make_room(self) -> None:
        try:
            if self.file:
                self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(
                f"there can be no database at {self.file}: {error.strerror}", "set database_url"
            ) from None


def address(file: Path) -> str:
    """The URL of a SQLite file; in one, "?" and "%" mean something else."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def head() -> str:
    """The newest migration, by the names of the files: asking Alembic costs a second."""
    return max(path.stem.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


#: By what SQLite and PostgreSQL say, what to do about it.
_REMEDIES = {
    "password authentication failed": "check the password in database_url",
    "does not exist": "create it, or check database_url",
    "readonly database": "make the file and its folder writable",
    "unable to open database file": "make its folder, and let it be written to",
    "disk is full": "make room on the disk",
    "No space left": "make room on the database's disk",
    "not a database": "that file is something else: check database_url",
    "malformed": "restore a backup: `unbury db restore FILE`",
    "lock timeout": "somebody holds a lock for long; it is tried again",
    "deadlock detected": "it is tried again",
    "resolve": "check the host in database_url",
    "Connection refused": "is the server running, and database_url right?",
}


def _explained(error: DBAPIError) -> tuple[str, str]:
    """What the database said, in one line, and what to do."""
    said = " ".join(str(error.orig).split())
    hint = next((hint for words, hint in _REMEDIES.items() if words in said), "is its place there, and writable?")
    return said, hint


def alone(session: Session) -> None:
    """Wait until nobody else adds documents; the lock goes with the transaction. On SQLite, who writes is alone."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7520172)"))


def inserting(session: Session, table: Any) -> Any:
    """An INSERT in the database's own words, which know what to do on a conflict."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # 50 ms, which whoever has a file saves

        return insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def portions(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Rows in portions that a statement can take."""
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _tune(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A deferred transaction that reads first and writes later fails at once with
        # SQLITE_BUSY_SNAPSHOT, whatever the timeout: 94 % of them, measured.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[None]:
    try:
        opened = path.open("a")
    except OSError as error:
        raise Unreachable(f"{path} cannot be opened: {error.strerror}", "make it writable, or take it away") from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise AlreadyRunning(f"another run holds {path}", "wait until it has ended") from None
        yield
