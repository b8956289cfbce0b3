"""`unbury subscribers`: one list out of the configuration, the command, and what readers did by their links."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cli.desk import Desk
from worker.edition import Counts, Edition
from worker.model import Delivery, Subscriber
from worker.runtime import clock
from worker.store import editions, subscriptions
from worker.store.database import Database

_MAIL = '[smtp]\nhost = "127.0.0.1"\n'
ONE = f'{_MAIL}[digests.daily]\nzone = "UTC"\nsubscribers = ["cy@example.org"]\n'
TWO = f"{ONE}[digests.weekly]\nzone = 'UTC'\nsubscribers = ['cy@example.org']\n"


def stored(desk: Desk) -> Database:
    """The desk's database."""
    made = Database(f"sqlite:///{desk.folder / 'var' / 'unbury.db'}")
    made.ready()
    return made


def listed(desk: Desk, *more: str) -> dict[str, tuple[str, str]]:
    """State and origin of each reader."""
    found = desk.call("subscribers", "list", "--json", *more).json["subscribers"]
    return {one["address"]: (one["state"], one["from"]) for one in found}


def leave(desk: Desk, address: str) -> None:
    """What following a link does."""
    database = stored(desk)
    with database.writing() as session:
        subscriptions.unsubscribe(session, "daily", address, 0, clock())
    database.close()


def test_readers_of_both_kinds_are_one_list(desk: Desk) -> None:
    """Where each comes from stands beside it; adding one of the configuration is no second one."""
    desk.configure(ONE)
    assert "ada@example.org is subscribed" in desk.call("subscribers", "add", "ada@example.org", "CY@example.org").out
    assert "1 known already" in desk.call("subscribers", "add", "Ada@Example.org").out
    assert listed(desk) == {"ada@example.org": ("active", "command"), "cy@example.org": ("active", "configuration")}
    assert "active  cy@example.org (configuration); nothing sent yet" in desk.call("subscribers", "list").out


def test_a_reader_is_paused_resumed_and_removed(desk: Desk) -> None:
    """Also one of the configuration, whatever the case of the letters."""
    desk.configure(ONE)
    for word, state in (("pause", "paused"), ("resume", "active"), ("remove", "removed"), ("remove", "removed")):
        said = desk.call("subscribers", word, "CY@example.org").out
        assert said.startswith(f"daily: cy@example.org is {state}")
        assert ("the configuration names it still" in said) is (word == "remove")
        assert listed(desk)["cy@example.org"][0] == state
    assert desk.call("subscribers", "resume", "cy@example.org").code == 2


def test_only_adding_brings_back_who_unsubscribed(desk: Desk) -> None:
    """It says so, as it is against what the reader said."""
    desk.configure(ONE)
    leave(desk, "cy@example.org")
    found = desk.call("subscribers", "resume", "cy@example.org")
    assert (found.code, "has unsubscribed from daily" in found.err) == (2, True)
    said = desk.call("subscribers", "add", "cy@example.org").out
    assert said == "daily: cy@example.org is subscribed anew, having unsubscribed; links in earlier mails are void\n"
    assert listed(desk)["cy@example.org"][0] == "active"
    assert desk.call("subscribers", "list", "--json").json["subscribers"][0]["round"] == 1


def test_with_several_digests_one_is_named(desk: Desk) -> None:
    """Where it cannot be told, nothing is done; an unknown one is answered with the nearest."""
    desk.configure(TWO)
    found = desk.call("subscribers", "add", "ada@example.org")
    assert (found.code, "--digest: daily, weekly" in found.err) == (2, True)
    found = desk.call("subscribers", "remove", "cy@example.org")
    assert (found.code, "cy@example.org gets daily and weekly" in found.err) == (2, True)
    found = desk.call("subscribers", "add", "ada@example.org", "--digest", "dayly")
    assert (found.code, "did you mean 'daily'?" in found.err) == (2, True)
    assert desk.call("subscribers", "remove", "cy@example.org", "--digest", "weekly").code == 0
    assert listed(desk, "--digest", "weekly") == {"cy@example.org": ("removed", "configuration")}
    assert listed(desk, "--digest", "daily") == {"cy@example.org": ("active", "configuration")}
    assert desk.call("subscribers", "pause", "cy@example.org").out == "daily: cy@example.org is paused\n"


def test_ten_thousand_come_out_of_a_file(desk: Desk) -> None:
    """One a line, with remarks and a mark of byte order; those that are there are counted."""
    desk.configure(ONE)
    lines = ["# the old list", "", *(f"reader{number}@example.org" for number in range(10_000)), "CY@example.org"]
    raw = b"\xef\xbb\xbf" + "\r\n".join(lines).encode()
    first = desk.call("subscribers", "add", "--file", "-", stdin=raw)
    assert first.out == "daily: 10000 added\ndaily: 1 known already\n"
    assert len(listed(desk)) == 10_001


def test_a_file_brings_back_nobody_who_unsubscribed(desk: Desk) -> None:
    """It may be older than what the reader said; whoever is meant is named."""
    desk.configure(ONE)
    leave(desk, "Ada@example.org")
    file = desk.folder / "readers.txt"
    file.write_text("ada@example.org\nbob@example.org\nBOB@example.org\n")
    found = desk.call("subscribers", "add", "--file", "readers.txt", "--json").json
    assert [found[key] for key in ("new", "again", "gone", "known")] == [
        ["BOB@example.org"],
        [],
        ["ada@example.org"],
        [],
    ]
    said = desk.call("subscribers", "add", "--file", "readers.txt").out
    assert "1 left out, having unsubscribed: name them to add them" in said
    assert listed(desk)["Ada@example.org"][0] == "removed"
    desk.call("subscribers", "pause", "bob@example.org")
    desk.call("subscribers", "add", "ada@example.org", "--file", "readers.txt")
    assert (listed(desk)["ada@example.org"][0], listed(desk)["BOB@example.org"][0]) == ("active", "paused")


@pytest.mark.parametrize(
    "bad", ["ada", "ada@", "Ada <ada@example.org>", "a@b, c@d", "a@b\tBcc: c@d", "a@b\0", f"{'a' * 250}@example.org"]
)
def test_a_bad_line_is_named_and_nothing_added(desk: Desk, bad: str) -> None:
    """The file's name and the number of its line; also what stands before it is not added."""
    (desk.folder / "readers.txt").write_text(f"ada@example.org\n\n{bad}\nbob@example.org\n")
    found = desk.call("subscribers", "add", "--file", "readers.txt")
    assert found.code == 2
    assert "line 3 of readers.txt: " in found.err
    assert "nothing was done" in found.err
    assert listed(desk) == {}


def test_what_cannot_be_read_or_is_not_there_is_said(desk: Desk) -> None:
    """A file that is away or no text, no address at all, and a reader nobody knows."""
    assert desk.call("subscribers", "add", "--file", "nothing.txt").code == 2
    assert desk.call("subscribers", "add", "--file", "-", stdin=b"\xff\xfe").code == 2
    assert desk.call("subscribers", "add").code == 2
    assert desk.call("subscribers", "remove").code == 2
    assert "Nobody gets it by e-mail yet" in desk.call("subscribers", "list").out
    assert "smtp.host is not set" in desk.call("subscribers", "add", "ada@example.org").err
    found = desk.call("subscribers", "remove", "adda@example.org")
    assert (found.code, "did you mean ada@example.org?" in found.err) == (1, True)


def test_how_the_last_mail_went_stands_in_the_list(desk: Desk) -> None:
    """With the server's words, if it failed."""
    desk.configure(ONE)
    database = stored(desk)
    made = Edition("e1", "daily", "Unbury", date(2026, 11, 23), 1, clock(), "UTC", (), (), Counts(0, 0, 0))
    reader = Subscriber("mail", "CY@example.org", ("mail",))
    with database.writing() as session:
        editions.add(session, made)
        editions.send(session, [Delivery("d1", "e1", reader, "failed", "550 no such user")])
    database.close()
    assert "; last 2026-11-23 failed: 550 no such user" in desk.call("subscribers", "list").out
    [found] = desk.call("subscribers", "list", "--json").json["subscribers"]
    assert found["last"] == {"day": "2026-11-23", "status": "failed", "receipt": "550 no such user"}
