"""The words between a source and who asks it: what it brought, what was wrong, what to remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.model import Document

#: The source of what was named by hand: nobody is writing it just now, and what it gave is not remembered.
BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with what a source gave: where (with its line, if known), and a sentence."""

    where: str
    message: str
    line: int | None = None
    fatal: bool = True

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source; handed to it at each fetch, and what it gives back is kept.

    `seen` has an entry's or a file's name and the id of what it said; what says the same is not taken again.
    `address` is the id of the address that the user gave, `url` where that moved for good, `moving` where it
    says once that it has. It is not asked before `not_before`, by its own wish or after errors, and is next
    looked at by itself at `next_check`; `retired` means: never again. `rhythm` are the usual seconds between
    its news; `wishes` are a feed's ttl (seconds), skip_hours (UTC) and skip_days.
    """

    address: str = ""
    etag: str = ""
    modified: str = ""
    body: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    moving: str = ""
    retired: bool = False
    not_before: datetime | None = None
    next_check: datetime | None = None
    failures: int = 0
    error: str = ""
    failed: datetime | None = None
    succeeded: datetime | None = None
    changed: datetime | None = None
    rhythm: int = 0
    wishes: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    hub: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch brought: documents, what was wrong, the state to keep, and how many were known already."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    state: SourceState
    unchanged: int = 0
