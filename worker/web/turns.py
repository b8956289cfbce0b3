"""One request at a time to each host, and a pause after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from worker.errors import HostBusy


class Turns(Protocol):
    """Gives each host's visitors their turn, one after the other."""

    def turn(self, host: str) -> AbstractContextManager[None]:
        """Within it, nobody else asks this host. Raises HostBusy if it does not become free in time."""


@dataclass
class _Host:
    """A host, and the moment (time.monotonic) from which the next may ask it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free: float = 0.0


class OwnTurns:
    """Turns among the threads of this process; `delay` and `patience` are seconds."""

    def __init__(self, delay: float, patience: float = 60.0) -> None:
        self._delay, self._patience = delay, patience
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for the host to be free, and let it rest afterwards. Raises HostBusy."""
        with self._lock:
            place = self._hosts.setdefault(host, _Host())
        if not place.lock.acquire(timeout=self._patience):
            raise HostBusy(f"{host} is still busy with somebody else's request")
        try:
            time.sleep(max(0.0, place.free - time.monotonic()))
            yield
        finally:
            place.free = time.monotonic() + self._delay
            place.lock.release()
