"""Unsubscribing: looking changes nothing, one click does, and nobody can click for another."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Thread

import pytest

from tests.newsroom import composed, desk, later
from tests.serve.house import ADA, BOB, FORM, ONE_CLICK, House, runtime, serving
from tests.sink import Sink, smtp_sink
from worker.delivery.unsubscribe import Unsubscription
from worker.queue import working
from worker.runtime import Runtime
from worker.services.recipients import unsubscribing
from worker.store import backlog, editions, subscriptions

_MULTIPART = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_looking_changes_nothing(house: House, method: str) -> None:
    """Mail scanners follow each link, whatever they send along."""
    for body in (b"", ONE_CLICK):
        answer = house.ask(house.path(ADA), method, body, Content_Type=FORM["Content-Type"])
        assert answer.status == (200 if method in ("GET", "HEAD") else 405)
        if answer.status == 405:
            assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert house.stored(ADA) is None
    assert house.readers() == [ADA, BOB]


def test_the_page_has_a_button_for_whoever_it_names(small_house: House) -> None:
    """The form sends what mail programs send; the digest's title is text, whatever it holds."""
    page = small_house.ask(small_house.path(ADA)).text
    assert "ada@example.org will get no more mails of “The Daily &lt;b&gt;”" in page
    assert '<form method="post">' in page
    assert '<input type="hidden" name="List-Unsubscribe" value="One-Click">' in page
    assert '<html lang="en">' in page


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", ONE_CLICK),
        ("multipart/form-data; boundary=x", _MULTIPART),
    ],
)
def test_one_click_unsubscribes(house: House, kind: str, body: bytes) -> None:
    """Without a login and without a redirect; from this digest, this reader, no other; and again it is the same."""
    path = house.path(ADA)
    for _ in range(2):
        answer = house.ask(path, "POST", body, Content_Type=kind)
        assert (answer.status, "location" in answer.headers) == (200, False)
        assert "You are unsubscribed" in answer.text
    assert house.readers() == [BOB]
    assert house.readers("weekly") == [ADA, BOB]
    page = house.ask(path).text
    assert "You are unsubscribed" in page
    assert "<form" not in page


@pytest.mark.parametrize("body", [b"", b"x=1", b"List-Unsubscribe=", b"One-Click"])
def test_another_body_unsubscribes_nobody(small_house: House, body: bytes) -> None:
    """Whoever posts something else means something else."""
    assert small_house.ask(small_house.path(ADA), "POST", body, Content_Type=FORM["Content-Type"]).status == 400
    assert small_house.readers() == [ADA, BOB]


def test_a_body_too_long_is_not_read(small_house: House) -> None:
    """With its length said beforehand, or in chunks."""
    path = small_house.path(ADA)
    assert small_house.ask(path, "POST", ONE_CLICK + b"&x=" + b"x" * 5000).status == 413
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
    )
    assert small_house.say(head + b"1a\r\n" + ONE_CLICK + b"\r\n" + chunk).startswith(b"HTTP/1.1 413 ")
    assert small_house.readers() == [ADA, BOB]


def test_a_link_that_is_not_ours_is_refused(house: House) -> None:
    """Forged, changed, cut off, or with another digest's or reader's signature: a clear page, and nothing changed."""
    good = house.path(ADA)
    other_digest = house.path(ADA, "weekly")
    spliced = good.partition(".")[0] + "." + other_digest.partition(".")[2]
    forged = "/unsubscribe/" + Unsubscription("daily", ADA).signed("guessed")
    bad = [
        good[:-1],
        good[:-10],
        good + "x",
        good.partition(".")[0],
        spliced,
        forged,
        "/unsubscribe/x",
        "/unsubscribe/.",
    ]
    bad += ["/unsubscribe/%00", "/unsubscribe/%ff%fe.%ed%a0%80", "/unsubscribe/" + "a" * 9000, good + "%0a"]
    for path in bad:
        for answer in (house.ask(path), house.click(path)):
            assert answer.status == 403, path
            assert "This link is not whole" in answer.text
    assert house.readers() == house.readers("weekly") == [ADA, BOB]


def test_an_old_link_does_not_end_a_new_subscription(house: House) -> None:
    """After the reader has subscribed anew, the links of earlier mails are void, and those of new ones are not."""
    old = house.path(ADA)
    house.click(old)
    with house.parts.database.writing() as session:
        subscriptions.add(session, "daily", [ADA], house.parts.now())
    for answer in (house.ask(old), house.click(old)):
        assert answer.status == 410
        assert "an earlier subscription" in answer.text
    assert house.readers() == [ADA, BOB]
    new = house.path(ADA)
    assert new != old
    assert house.click(new).status == 200
    assert house.readers() == [BOB]


def test_many_clicks_at_once_are_one(house: House) -> None:
    """Each is answered well, whoever is first."""
    path, answers = house.path(ADA), list[int]()
    clicking = [Thread(target=lambda: answers.append(house.click(path).status)) for _ in range(12)]
    for thread in clicking:
        thread.start()
    for thread in clicking:
        thread.join()
    assert answers == [200] * 12
    assert house.readers() == [BOB]


def _told(parts: Runtime, *said: str, work: bool = True) -> None:
    """One more edition, and if asked for, all deliveries."""
    later(parts, timedelta(days=1))
    source = desk(parts)
    source.put(f"https://a.example/{len(source.documents)}", *said, published=parts.now())
    composed(parts)
    if work:
        _work(parts)


def _work(parts: Runtime) -> None:
    while working.work(parts, ["deliver"]):
        pass


def _recipients(sink: Sink) -> list[str]:
    return sorted(recipient for taken in sink.messages for recipient in taken.recipients)


def _link(sink: Sink, address: str) -> str:
    """The path of the link in a reader's newest mail."""
    mails = [taken for taken in sink.messages if taken.recipients == (address,)]
    found = re.search("<https://news.example.org(/unsubscribe/[^>]+)>", _header(mails[-1].content))
    assert found
    return found[1]


def _header(content: bytes) -> str:
    return str(message_from_bytes(content, policy=policy.default)["List-Unsubscribe"])


def test_who_unsubscribed_gets_no_further_mail_and_others_do(tmp_path: Path, database_url: str) -> None:
    """By the link as it stands in the mail; also what was waiting to be sent does not go, and no job dies of it."""
    with smtp_sink() as sink:
        parts = runtime(tmp_path, database_url, sink.port, daily="The Daily")
        parts.database.ready()
        with serving(parts) as house:
            _told(parts, "A ship came in at noon with apples for the town and left before the tide.")
            assert _recipients(sink) == [ADA, BOB]
            first = _link(sink, ADA)

            sink.messages.clear()
            _told(parts, "Engineers closed the gap in the sea wall before the spring tide of Saturday.", work=False)
            assert house.click(first).status == 200
            _work(parts)
            assert _recipients(sink) == [BOB]

            _told(parts, "Growers in the east said that a late frost had halved the harvest of cherries.")
            assert _recipients(sink) == [BOB, BOB]
            with parts.database.reading() as session:
                assert backlog.troubled(session) == []


def test_who_leaves_while_the_mail_is_being_made_gets_none(tmp_path: Path) -> None:
    """The state is looked at once more just before the mail is made."""
    with smtp_sink() as sink:
        parts = runtime(tmp_path, f"sqlite:///{tmp_path / 'unbury.db'}", sink.port, daily="The Daily")
        parts.database.ready()
        _told(parts, "A ship came in at noon with apples for the town and left before the tide.", work=False)
        with parts.database.writing() as session:
            subscriptions.unsubscribe(session, "daily", ADA, 0, parts.now())
            latest = editions.latest(session, "daily")
            assert latest
            for one in editions.deliveries(session, latest.id):
                editions.mark(session, one.id, status="pending")  # as if it had just been taken on
        _work(parts)
        assert _recipients(sink) == [BOB]
        parts.database.close()


def test_without_an_address_of_ones_own_mails_are_answered_by_mail(tmp_path: Path) -> None:
    """The operator's, or the sender's, with a subject that names the digest."""
    parts = runtime(tmp_path, f"sqlite:///{tmp_path / 'unbury.db'}")
    parts.database.ready()
    serve = parts.settings.serve.model_copy(update={"base_url": ""})
    parts.settings = parts.settings.model_copy(update={"serve": serve})
    assert unsubscribing(parts, "daily", ADA) == "mailto:unbury@localhost?subject=unsubscribe%20daily"
    smtp = parts.settings.smtp.model_copy(update={"unsubscribe": "desk@example.org"})
    parts.settings = parts.settings.model_copy(update={"smtp": smtp})
    assert unsubscribing(parts, "weekly", ADA) == "mailto:desk@example.org?subject=unsubscribe%20weekly"
    parts.database.close()
