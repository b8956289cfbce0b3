"""The mail's bytes: its headers are ours and no other's, whatever a title holds."""

from __future__ import annotations

import quopri
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import MANY, NEWS, SOME, anything
from tests.exporters.editions import edition, item, link
from worker.delivery.letter import letter, message_id, safe
from worker.edition import Failure
from worker.errors import DeliveryRefused
from worker.exporters.mail import Mail
from worker.model import UNSUBSCRIBE, Part, Rendition, Subscriber
from worker.text.clean import cleaned

AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
SENDER, READER = "Unbury <digest@example.org>", "reader@example.net"
WAY = "https://news.example.org/unsubscribe/daily?token=a1&b=2"
TO = Subscriber("mail", READER, ("mail",), "mailto:digest@example.com?subject=unsubscribe%20daily")
CLICK = Subscriber("mail", READER, ("mail",), WAY)
HEADERS = (
    "From To Subject Date Message-ID List-Id List-Unsubscribe Auto-Submitted X-Auto-Response-Suppress"
    " Precedence MIME-Version Content-Type"
).split()
INJECTIONS = (
    "A\r\nBcc: victim@example.com",
    "A\nBcc: victim@example.com\n\nBody",
    "=?utf-8?q?a=0D=0ABcc:_victim@example.com?=",  # naive, Python 3.11.7: decoded, and a Bcc header written
    "=?utf-8?b?QQ0KQmNjOiB2aWN0aW1AZXhhbXBsZS5jb20=?=",
    "渡 =?utf-8?q?a=0D=0ABcc:_victim@example.com?=",
    "A\u2028Bcc: victim@example.com",
    "A\x00B\x0bC\x1c\x85Bcc: victim@example.com",
    "A\ud800B",
    "x" * 10_000,
    "A \u202egpj.exe",
    "渡船 " * 100,
    "渡" * 10_000,
    "عاصفة تضرب الساحل\u200f، وإصابة 12",
    "👩‍🚒 Fire\u200b brigade 🇩🇪",
    '"Quoted" \\ (comment), <a@b.example>; group: c@d.example;',
    "a" + "\u0301" * 300,
    "",
)


def renditions(subject: str = "Morning", text: str = "Hi.\n", html: str = "<p>Hi.</p>\n") -> list[Rendition]:
    """An edition as text and as HTML."""
    return [
        Rendition("edition", subject, "digest.txt", (Part("text/plain", text),), AT),
        Rendition("edition", subject, "digest.html", (Part("text/html", html),), AT),
    ]


def titled(title: str, digest: str = "daily") -> list[Rendition]:
    """An edition of a digest with a title."""
    return [replace(rendition, title=title, digest=digest) for rendition in renditions()]


def named(name: str) -> str:
    """A sender's name as it is written in the settings."""
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def read(packed: bytes) -> EmailMessage:
    """The message, once it is found to be one by the letter of the RFCs."""
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", packed) is None  # RFC 5322, 2.3
    assert packed.isascii()
    assert max(map(len, packed.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    head, _, body = packed.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76  # RFC 2045, 6.7
    for line in head.split(b"\r\n"):
        assert re.match(rb"[!-9;-~]+: ?|[ \t]+\S", line)  # a header, or its continuation
        words = re.findall(rb"=\?[^?]*\?[^?]*\?[^?]*\?=", line)
        assert all(len(word) <= 75 for word in words)  # RFC 2047, 2
        assert not words or len(line) <= 76
    found = message_from_bytes(packed, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert found.defects == [] and not any(value.defects for value in found.values())
    expected = [*HEADERS, "List-Unsubscribe-Post"] if "https" in found["List-Unsubscribe"] else HEADERS
    assert sorted(found.keys()) == sorted(expected)
    return found


def bodies(packed: bytes) -> tuple[str, str]:
    """The text and the page, decoded by hand."""
    parts = read(packed).iter_parts()
    plain, html = (quopri.decodestring(str(part.get_payload())).decode() for part in parts)
    return plain.replace("\r\n", "\n"), html.replace("\r\n", "\n")


@pytest.mark.parametrize("title", INJECTIONS)
def test_a_title_is_one_header(title: str) -> None:
    """No line break, encoded word or length makes another header, and nobody else gets the mail."""
    found = read(letter(renditions(title), SENDER, TO))

    assert found["To"] == READER
    assert found["Subject"] == safe(title)
    assert len(found["Subject"]) <= 200


@MANY
@given(title=st.one_of(st.text(), anything))
@example(title="x" * 80 + " ,a > y")
@example(title="a =? b ?= =?utf-8?q?x?= ‡")
@example(title="ü " + "x" * 90 + " ü ü  =?")
def test_any_title_is_one_header(title: str) -> None:
    """Whatever the title, the headers are the expected ones, and it comes back."""
    assert read(letter(renditions(title), SENDER, TO))["Subject"] == safe(title)


@MANY
@given(name=st.one_of(st.text(), anything, st.sampled_from(INJECTIONS)))
@example(name='Ü "quoted", <victim@example.com>')
def test_any_digests_title_names_its_list(name: str) -> None:
    """The list is known by its digest and the sender's domain; the title before it is words and no address."""
    found = read(letter(titled(name), SENDER, TO))
    said, _, known = found["List-Id"].rpartition(" ")
    assert (known or said) == "<daily.unbury.example.org>"
    plain = re.sub(r"\\(.)", r"\1", said.removeprefix('"').removesuffix('"'))
    assert (safe(name) or "Unbury") in (said, plain)


@pytest.mark.parametrize(
    "name", ["Größe & Söhne", "渡船新聞社", "نشرة الصباح", 'O\'Neill, "Bob" <x>', "Unbury: daily", "👩‍🚒"]
)
def test_a_senders_name_comes_back(name: str) -> None:
    """In any script, and with all that could end it."""
    [sender] = read(letter(renditions(), f"{named(name)} <digest@example.org>", TO))["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "digest@example.org")


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_senders_name_is_no_header(name: str) -> None:
    """A name may be odd, but it is a name."""
    found = read(letter(renditions(), f"{named(name)} <digest@example.org>", TO))
    assert found["From"].addresses[0].addr_spec == "digest@example.org"


def test_the_same_edition_is_the_same_bytes() -> None:
    """Boundary, date and id come from the edition: a mail sent again is the same mail."""
    first = letter(renditions(), SENDER, TO)
    assert first == letter(renditions(), SENDER, TO)
    assert message_id("edition", READER, "example.org").encode() in first
    assert b"Date: Mon, 23 Nov 2026 07:00:00 +0000" in first
    assert message_id("edition", READER, "x") != message_id("edition", "other@example.net", "x")


def test_who_is_reached_by_https_leaves_with_one_click() -> None:
    """The address in the header, the promise that RFC 8058 asks for, and the same way in both bodies."""
    mail = renditions(text=f"Unsubscribe: {UNSUBSCRIBE}\n", html=f'<p><a href="{UNSUBSCRIBE}">Unsubscribe</a></p>\n')
    packed = letter(mail, SENDER, CLICK)
    found, (plain, html) = read(packed), bodies(packed)

    assert found["List-Unsubscribe"] == f"<{WAY}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain == f"Unsubscribe: {WAY}\n"
    assert html == f'<p><a href="{WAY.replace("&", "&amp;")}">Unsubscribe</a></p>\n'


def test_who_is_reached_by_mail_has_no_button() -> None:
    """One click is for https alone; a mailto: address is as good as ever."""
    found = read(letter(renditions(), SENDER, TO))
    assert found["List-Unsubscribe"] == f"<{TO.unsubscribe}>"
    assert "List-Unsubscribe-Post" not in found


def test_without_an_address_one_writes_to_the_sender() -> None:
    """There is no mail that cannot be unsubscribed from."""
    found = read(letter(renditions(), SENDER, replace(TO, unsubscribe="")))
    assert found["List-Unsubscribe"] == "<mailto:digest@example.org?subject=unsubscribe>"


@pytest.mark.parametrize(
    ("way", "written"),
    [
        ('https://x.example/a"><script>', "https://x.example/a%22%3E%3Cscript%3E"),
        ("https://x.example/\r\nBcc: y@z.example", "https://x.example/%0D%0ABcc:%20y@z.example"),
        ("mailto:größe@example.org", "mailto:gr%C3%B6%C3%9Fe@example.org"),
        ("https://x.example/'&lt;", "https://x.example/'&lt;"),
    ],
)
def test_an_odd_address_stays_in_its_place(way: str, written: str) -> None:
    """Between its brackets in the header, and between its quotes in the page."""
    packed = letter(renditions(html=f'<a href="{UNSUBSCRIBE}">x</a>\n'), SENDER, replace(TO, unsubscribe=way))
    assert read(packed)["List-Unsubscribe"] == f"<{written}>"
    escaped = written.replace("&", "&amp;").replace("'", "&#x27;")
    assert bodies(packed)[1] == f'<a href="{escaped}">x</a>\n'


def test_a_long_unsubscribe_address_stays_whole() -> None:
    """Naive, policy.SMTP: folded into encoded words, and so no address any more."""
    way = f"https://{'d' * 60}.mail.of.the.example.org/unsubscribe/daily/{'0' * 300}"
    packed = letter(renditions(), SENDER, replace(TO, unsubscribe=way))
    assert f"\r\nList-Unsubscribe: <{way}>\r\n".encode() in packed


def test_an_address_that_no_server_takes_is_refused() -> None:
    """Longer than a line may be."""
    with pytest.raises(DeliveryRefused, match="too long"):
        letter(renditions(), SENDER, replace(TO, unsubscribe=f"https://x.example/{'0' * 1000}"))


def test_a_second_recipient_is_refused() -> None:
    """Whatever came past the settings."""
    for to in ("reader@example.net, victim@example.com", "reader@example.net\r\nBcc: victim@example.com"):
        with pytest.raises(DeliveryRefused, match="cannot be made"):
            letter(renditions(), SENDER, replace(TO, address=to))


def test_an_address_with_letters_of_the_world_is_written_as_it_is() -> None:
    """Such mail goes only to servers with SMTPUTF8 (RFC 6532); a domain in an id is written for machines."""
    packed = letter(renditions(), "Unbury <digest@bücher.example>", replace(TO, address="jürgen@example.net"))
    assert "\r\nTo: jürgen@example.net\r\n" in packed.decode()
    assert message_id("edition", "jürgen@example.net", "bücher.example").endswith("@xn--bcher-kva.example>")
    assert b'List-Id: "Unbury"\r\n <unbury.xn--bcher-kva.example>' in packed


def test_both_bodies_come_back_as_they_went_in() -> None:
    """Long lines, dots and letters of the world survive; no line is longer than mail allows."""
    text = ".\n..dots\n" + "word " * 1000 + "\nGröße 渡船\nFrom here on\n--=_x\nends in a space \n\n\ttab\t\n"
    packed = letter(renditions(text=text, html=f"<p>{text}</p>\n"), SENDER, TO)
    assert bodies(packed) == (text, f"<p>{text}</p>\n")
    plain, html = message_from_bytes(packed, policy=policy.default).iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == text
    assert html.get_content().replace("\r\n", "\n") == f"<p>{text}</p>\n"


@SOME
@given(headline=anything, said=anything, outlet=anything, title=anything, name=anything)
@example(*[NEWS[0] * 100] * 5)
@example(*["\u202e" + "渡" * 10_000] * 5)
def test_any_edition_is_a_sound_mail(headline: str, said: str, outlet: str, title: str, name: str) -> None:
    """By the RFCs, whatever strangers wrote; what the exporter made comes back, each letter."""
    told = item(headline, [(cleaned(said) or "x", 1), (NEWS[0], 2)], [link(1, outlet=outlet), link(2)])
    made = replace(edition(told, title=title), failures=(Failure(outlet, name),))
    exported = Mail().export(made)
    sender = f"{named(name)} <digest@example.org>"
    packed = letter([exported], sender, CLICK)

    plain, html = (part.content for part in exported.parts)
    assert bodies(packed) == (plain.replace(UNSUBSCRIBE, WAY), html.replace(UNSUBSCRIBE, WAY.replace("&", "&amp;")))
    assert read(packed)["From"].addresses[0].addr_spec == "digest@example.org"
    assert packed == letter([Mail().export(made)], sender, CLICK)


def test_a_missing_form_is_refused() -> None:
    """A mail without its text part is not sent."""
    with pytest.raises(DeliveryRefused, match="text/plain"):
        letter(renditions()[1:], SENDER, TO)
