"""Sifting: which documents can be told at all; the others get their disposition at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.digest.rules import muted, outside
from worker.edition import Digest, Disposition, Verdict
from worker.model import Arrival

#: A new feed's entries may be so much older than its first fetch; else a year's archive floods the digest.
_BEFORE_FIRST_FETCH = timedelta(days=2)


@dataclass(frozen=True)
class Sifted:
    """Documents that may be told, in order of ids, and the dispositions of the others."""

    arrivals: tuple[Arrival, ...]
    account: tuple[Disposition, ...]


def sift(digest: Digest, arrivals: Sequence[Arrival]) -> Sifted:
    """The documents apart: those that may be told, and those of which it can be said already why not."""
    last = _last_revisions(arrivals)
    left, account = [], []
    for arrival in sorted(arrivals, key=lambda a: (a.document.id, a.document.revision)):
        if (found := _aside(digest, arrival, last)) is None:
            left.append(arrival)
        else:
            account.append(disposed(arrival, *found))
    return Sifted(tuple(left), tuple(account))


def disposed(arrival: Arrival, verdict: Verdict, because: str) -> Disposition:
    """The disposition of a document."""
    return Disposition(arrival.document.id, arrival.document.revision, verdict, because)


def _aside(digest: Digest, arrival: Arrival, last: dict[str, str]) -> tuple[Verdict, str] | None:
    if arrival.reading.failure is not None:
        return Verdict.unreadable, arrival.reading.failure
    if stale := _stale(arrival, last):
        return Verdict.nothing_new, stale
    if why := outside(digest, arrival):
        return Verdict.filtered, why
    if rule := muted(digest.rules, arrival):
        return Verdict.filtered, f"filtered by the rule {rule.name!r}"
    if _too_old(arrival):
        return Verdict.older, "older than its feed's first fetch by more than 2 days"
    return None if arrival.reading.sentences else (Verdict.nothing_new, "it has no sentences")


def _stale(arrival: Arrival, last: dict[str, str]) -> str:
    """Why a revision is not the one to be told, if it is not."""
    if arrival.superseded:
        return "a later revision of it was accounted for before"
    if arrival.document.revision != last[arrival.document.id]:
        return "a later revision of it came in before it was told"
    return ""


def _age(arrival: Arrival) -> tuple[datetime, datetime, str]:
    return arrival.arrived, arrival.document.published or arrival.arrived, arrival.document.revision


def _too_old(arrival: Arrival) -> bool:
    published = arrival.document.published
    if arrival.first_fetch is None or published is None:
        return False
    return published < arrival.first_fetch - _BEFORE_FIRST_FETCH


def _last_revisions(arrivals: Iterable[Arrival]) -> dict[str, str]:
    """For each document the revision that came last; of those that came together, the one with the latest date."""
    ordered = sorted(arrivals, key=_age)
    return {arrival.document.id: arrival.document.revision for arrival in ordered}
