"""Turns at a host, among all workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from worker.errors import HostBusy
from worker.store.database import Database
from worker.store.hosts import SharedTurns

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def turns(database: Database, now: datetime) -> SharedTurns:
    """Turns of at most a minute, by a clock that stands."""
    return SharedTurns(database, lambda: now, timedelta(seconds=1), timedelta(minutes=1), patience=0.0)


def test_a_host_rests_after_each_request(database: Database) -> None:
    """And nobody else's turn comes while it is somebody's."""
    with turns(database, NOW).turn("a.example"):
        with pytest.raises(HostBusy), turns(database, NOW).turn("a.example"):
            pass
        with turns(database, NOW).turn("b.example"):
            pass
    with pytest.raises(HostBusy), turns(database, NOW).turn("a.example"):
        pass
    with turns(database, NOW + timedelta(seconds=1)).turn("a.example"):
        pass


def test_a_clock_that_was_ahead_keeps_no_host_busy(database: Database) -> None:
    """What is free only after longer than any turn lasts is free; that of a clock a few seconds ahead is not."""
    ahead = turns(database, NOW + timedelta(seconds=5)).turn("a.example")
    ahead.__enter__()  # and its worker is gone
    with pytest.raises(HostBusy), turns(database, NOW).turn("a.example"):
        pass
    turns(database, NOW + timedelta(days=365)).turn("b.example").__enter__()
    with turns(database, NOW).turn("b.example"):
        pass
