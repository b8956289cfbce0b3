"""The mail's bytes: its headers are ours and no other's, whatever a title holds."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.delivery.letter import letter, message_id, safe
from worker.errors import DeliveryRefused
from worker.model import Part, Rendition, Subscriber

AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
SENDER, READER = "Unbury <digest@example.org>", "reader@example.net"
TO = Subscriber("mail", READER, ("mail",), "mailto:digest@example.com?subject=unsubscribe%20daily")
HEADERS = (
    "From To Subject Date Message-ID List-Id List-Unsubscribe Auto-Submitted X-Auto-Response-Suppress"
    " Precedence MIME-Version Content-Type"
).split()


def renditions(subject: str = "Morning", text: str = "Hi.\n", html: str = "<p>Hi.</p>\n") -> list[Rendition]:
    """An edition as text and as HTML."""
    return [
        Rendition("edition", subject, "digest.txt", (Part("text/plain", text),), AT),
        Rendition("edition", subject, "digest.html", (Part("text/html", html),), AT),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "A\r\nBcc: victim@example.com",
        "A\nBcc: victim@example.com\n\nBody",
        "=?utf-8?q?a=0D=0ABcc:_victim@example.com?=",  # naive, Python 3.11.7: decoded, and a Bcc header written
        "A\u2028Bcc: victim@example.com",
        "A\x00B\x0bC\x1c",
        "A\ud800B",
        "x" * 5000,
        "A \u202egpj.exe",
        "渡船 " * 100,
        "",
    ],
)
def test_a_title_is_one_header(title: str) -> None:
    """No line break, encoded word or length makes another header, and nobody else gets the mail."""
    packed = letter(renditions(title), SENDER, TO)
    found = message_from_bytes(packed, policy=policy.default)

    assert sorted(found.keys()) == sorted(HEADERS)
    assert found["To"] == READER
    assert len(found["Subject"]) <= 200


@given(st.text())
def test_any_title_is_one_header(title: str) -> None:
    """Whatever the title, the headers are the expected ones."""
    found = message_from_bytes(letter(renditions(title), SENDER, TO), policy=policy.default)
    assert sorted(found.keys()) == sorted(HEADERS)
    assert found["Subject"] == safe(title)


def test_the_same_edition_is_the_same_bytes() -> None:
    """Boundary, date and id come from the edition: a mail sent again is the same mail."""
    first = letter(renditions(), SENDER, TO)
    assert first == letter(renditions(), SENDER, TO)
    assert message_id("edition", READER, "example.org").encode() in first
    assert b"Date: Mon, 23 Nov 2026 07:00:00 +0000" in first
    assert message_id("edition", READER, "x") != message_id("edition", "other@example.net", "x")


def test_a_long_unsubscribe_address_stays_whole() -> None:
    """Naive, policy.SMTP: folded into encoded words, and so no address any more."""
    sender = f"Unbury <{'d' * 60}@mail.of.the.example.org>"
    packed = letter(renditions(), sender, TO)
    assert f"List-Unsubscribe: <mailto:{'d' * 60}@mail.of.the.example.org?subject=unsubscribe>\r\n".encode() in packed


def test_both_bodies_come_back_as_they_went_in() -> None:
    """Long lines, dots and letters of the world survive; no line is longer than mail allows."""
    text = ".\n..dots\n" + "word " * 1000 + "\nGröße 渡船\n"
    packed = letter(renditions(text=text, html=f"<p>{text}</p>\n"), SENDER, TO)
    plain, html = message_from_bytes(packed, policy=policy.default).iter_parts()

    assert plain.get_content().replace("\r\n", "\n") == text
    assert html.get_content().replace("\r\n", "\n") == f"<p>{text}</p>\n"
    assert max(map(len, packed.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 100


def test_a_missing_form_is_refused() -> None:
    """A mail without its text part is not sent."""
    with pytest.raises(DeliveryRefused, match="text/plain"):
        letter(renditions()[1:], SENDER, TO)
