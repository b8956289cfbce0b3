"""Readers by e-mail, and the secret that their links are signed with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.processes import together
from worker.edition import Counts, Edition
from worker.model import Delivery, Subscriber
from worker.store import editions, secrets, subscriptions
from worker.store.database import Database
from worker.store.subscriptions import Last
from worker.store.tables import SecretRow

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def add(database: Database, *addresses: str, now: datetime = NOW) -> None:
    """Subscribe readers to the daily digest."""
    with database.writing() as session:
        subscriptions.add(session, "daily", addresses, now)


def change(database: Database, address: str, state: str, now: datetime = LATER) -> None:
    """Change a reader's state."""
    with database.writing() as session:
        subscriptions.change(session, "daily", address, state, now)


def leave(database: Database, address: str, round_: int = 0, digest: str = "daily") -> bool:
    """Follow a link."""
    with database.writing() as session:
        return subscriptions.unsubscribe(session, digest, address, round_, LATER)


def readers(database: Database, *configured: str, digest: str = "daily") -> list[tuple[str, int]]:
    """Who gets a digest."""
    with database.reading() as session:
        return subscriptions.readers(session, digest, configured)


def send(database: Database, day: date, **statuses: str) -> None:
    """An edition and its deliveries: reader=status."""
    made = Edition(day.isoformat(), "daily", "Unbury", day, 1, NOW, "UTC", (), (), Counts(0, 0, 0))
    with database.writing() as session:
        editions.add(session, made)
        editions.send(
            session,
            [
                Delivery(f"{made.id}/{name}", made.id, Subscriber("mail", f"{name}@example.org", ("mail",)), status)
                for name, status in statuses.items()
            ],
        )


def statuses(database: Database, day: date) -> dict[str, tuple[str, str]]:
    """What became of an edition's deliveries, by reader."""
    with database.reading() as session:
        sent = editions.deliveries(session, day.isoformat())
    return {one.subscriber.address.partition("@")[0]: (one.status, one.receipt) for one in sent}


def test_the_database_wins_over_the_configuration(database: Database) -> None:
    """Those of both are one list, compared without case; who is paused or gone gets nothing, configured or not."""
    add(database, "Ada@example.org", "bob@example.org")
    assert readers(database, "cy@example.org", "BOB@example.org") == [
        ("Ada@example.org", 0),
        ("bob@example.org", 0),
        ("cy@example.org", 0),
    ]
    change(database, "CY@example.org", "paused")
    change(database, "ada@example.org", "removed")
    assert readers(database, "cy@example.org", "ada@EXAMPLE.org") == [("bob@example.org", 0)]
    assert readers(database, "cy@example.org", digest="weekly") == [("cy@example.org", 0)]


def test_only_adding_brings_back_whom_a_link_removed(database: Database) -> None:
    """A new round begins, and the link of the old one does nothing any more."""
    assert leave(database, "ada@example.org")
    assert readers(database, "ada@example.org") == []
    add(database, "ADA@example.org")
    assert readers(database, "ada@example.org") == [("ADA@example.org", 1)]
    assert not leave(database, "ada@example.org", 0)
    assert readers(database) == [("ADA@example.org", 1)]
    assert leave(database, "ada@example.org", 1)
    assert readers(database, "ada@example.org") == []


def test_adding_twice_begins_no_new_round(database: Database) -> None:
    """Who is there, or was paused, keeps the links of earlier mails; and the day they came."""
    add(database, "ada@example.org")
    add(database, "Ada@example.org", now=LATER)
    with database.reading() as session:
        stored = subscriptions.one(session, "daily", "ADA@example.org")
    assert stored and (stored.address, stored.since, stored.round) == ("ada@example.org", NOW, 0)
    change(database, "ada@example.org", "paused")
    add(database, "ada@example.org", "ada@example.org")
    assert readers(database) == [("ada@example.org", 0)]


def test_a_link_followed_twice_is_one_unsubscription(database: Database) -> None:
    """The second time does no harm, and the first one's day stays."""
    assert leave(database, "ada@example.org")
    with database.writing() as session:
        assert subscriptions.unsubscribe(session, "daily", "ada@example.org", 0, LATER + timedelta(days=9))
    with database.reading() as session:
        stored = subscriptions.one(session, "daily", "ada@example.org")
    assert stored and (stored.state, stored.since) == ("removed", LATER)


def test_a_link_is_for_one_digest(database: Database) -> None:
    """Other digests of the same reader go on."""
    assert leave(database, "ada@example.org", digest="weekly")
    assert readers(database, "ada@example.org") == [("ada@example.org", 0)]


def test_many_readers_take_a_few_statements(database: Database) -> None:
    """Ten thousand, and once more: all there, none doubled."""
    many = [f"reader{number}@example.org" for number in range(10_000)]
    add(database, *many)
    add(database, *many, "one@example.org")
    assert len(readers(database)) == 10_001


def test_who_leaves_gets_nothing_of_what_waits(database: Database) -> None:
    """Deliveries still to be made end, those of others and those that are done do not."""
    send(database, LATER.date(), ada="pending", bob="pending", cy="sending", dan="sent")
    leave(database, "Ada@example.org")
    change(database, "cy@example.org", "paused")
    change(database, "dan@example.org", "removed")
    assert statuses(database, LATER.date()) == {
        "ada": ("failed", "unsubscribed"),
        "bob": ("pending", ""),
        "cy": ("failed", "paused"),
        "dan": ("sent", ""),
    }


def test_an_old_link_ends_no_delivery(database: Database) -> None:
    """One of an earlier round changes nothing at all."""
    leave(database, "ada@example.org")
    add(database, "ada@example.org")
    send(database, LATER.date(), ada="pending")
    leave(database, "ada@example.org", 0)
    assert statuses(database, LATER.date()) == {"ada": ("pending", "")}


def test_the_last_delivery_is_the_newest_editions(database: Database) -> None:
    """By reader, also if the newest edition did not go to all."""
    send(database, NOW.date(), ada="sent", bob="failed")
    send(database, LATER.date(), ada="pending")
    with database.reading() as session:
        assert subscriptions.last(session, "daily") == {
            "ada@example.org": Last(LATER.date(), "pending", ""),
            "bob@example.org": Last(NOW.date(), "failed", ""),
        }
        assert subscriptions.last(session, "weekly") == {}


def _ask(url: str) -> str:
    database = Database(url)
    with database.writing() as session:
        return secrets.secret(session, "unsubscribe")


def test_processes_that_ask_at_once_get_one_secret(database: Database, database_url: str) -> None:
    """Whoever is first makes it; another name has another one."""
    found = set(together(_ask, [(database_url,)] * 4))
    assert len(found) == 1
    assert len(found.pop()) == 64
    with database.writing() as session:
        assert secrets.secret(session, "other") != secrets.secret(session, "unsubscribe")
        assert session.scalar(select(func.count()).select_from(SecretRow)) == 2


@pytest.mark.parametrize("state", ["paused", "removed"])
def test_a_change_of_one_that_is_only_configured_is_kept(database: Database, state: str) -> None:
    """The configuration's readers have no row until something is said of them."""
    change(database, "ada@example.org", state)
    assert readers(database, "ada@example.org") == []
    change(database, "ada@example.org", "active")
    assert readers(database, "ada@example.org") == [("ada@example.org", 0)]
