"""What a service answers: what there is to save, the jobs that follow, and what to tell whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from worker.edition import Edition
from worker.errors import UnburyError
from worker.fetched import Problem
from worker.model import Document, Job
from worker.store.database import Transaction


@dataclass(frozen=True)
class Ingested:
    """What an ingestion brought."""

    source: str = ""
    new: tuple[Document, ...] = ()
    revised: tuple[Document, ...] = ()
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> int:
        """How many things could not be taken in."""
        return sum(problem.fatal for problem in self.problems)


@dataclass(frozen=True)
class Delivered:
    """Where an edition went."""

    edition: str
    receipts: tuple[str, ...]
    channel: str
    address: str


#: What a job tells whoever watches.
Report: TypeAlias = Ingested | Delivered | Edition


@dataclass(frozen=True)
class Saved:
    """What a saving transaction left behind: the jobs that follow, and a report for whoever watches."""

    follow: Sequence[Job] = ()
    report: Report | None = None


@dataclass(frozen=True)
class Work:
    """A service's answer: what to save, and when the job is due again if it recurs.

    With an `error` the job is not done: it is put off until `again`, or given up. `after` is done once all
    is saved, and may be lost in a crash.
    """

    save: Callable[[Transaction], Saved] = lambda _: Saved()
    again: datetime | None = None
    error: UnburyError | None = None
    after: Callable[[], None] = lambda: None
