"""Turns among all workers: one request at a time to each host, whichever process asks it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from worker.errors import HostBusy, UnburyError
from worker.store.database import Database, inserting
from worker.store.tables import HostRow


class SharedTurns:
    """Turns kept in the database. `delay` is a host's rest after each request.

    A turn that its holder never gives back, because it died, ends by itself after `longest`.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        delay: timedelta,
        longest: timedelta,
        patience: float = 5.0,
    ) -> None:
        self._database, self._now = database, now
        self._delay, self._longest, self._patience = delay, longest, patience

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait a little for the host to be free, and let it rest afterwards. Raises HostBusy."""
        until = time.monotonic() + self._patience
        while not self._taken(host):
            if time.monotonic() > until:
                raise HostBusy(f"{host} is busy with somebody else's request")
            time.sleep(0.2)
        try:
            yield
        finally:
            with suppress(UnburyError):  # the turn ends by itself
                self._free(host)

    def _taken(self, host: str) -> bool:
        now = self._now()
        with self._database.writing() as session:
            session.execute(inserting(session, HostRow).values(name=host, free=now).on_conflict_do_nothing())
            # No turn lasts so long: the clock that set it was ahead.
            free = or_(HostRow.free <= now, HostRow.free > now + 2 * max(self._longest, self._delay))
            mine = update(HostRow).where(HostRow.name == host, free).values(free=now + self._longest)
            return session.scalars(mine.returning(HostRow.name)).first() is not None

    def _free(self, host: str) -> None:
        with self._database.writing() as session:
            session.execute(update(HostRow).where(HostRow.name == host).values(free=self._now() + self._delay))


def forget(session: Session, before: datetime) -> None:
    """Forget the hosts that have been free since before a time."""
    session.execute(delete(HostRow).where(HostRow.free < before))
