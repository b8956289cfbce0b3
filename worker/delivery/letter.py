"""An edition as an e-mail: text and HTML in one message, its headers safe, the same bytes each time."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_string, policy
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

from worker.errors import DeliveryRefused
from worker.model import UNSUBSCRIBE, Rendition, Subscriber

_LONGEST = 200
_LONGEST_LINE = 998  # RFC 5322, 2.1.1
_LINE = 76  # of a body (RFC 2045, 6.7), and of encoded words (RFC 2047, 2); policy.SMTP would write 78
_SPACES = {"Cc", "Zl", "Zp"}
#: Overrides of the writing direction make a subject read as something else.
_DIRECTIONS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200e", "\u200f", "\u061c"}
_MEDIA_TYPES = ("text/plain", "text/html")
#: What an address may hold as it is (RFC 3986); all else is written as %XX.
_IN_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"
_MIME = ("MIME-Version", "Content-Type")


def letter(renditions: Sequence[Rendition], sender: str, reader: Subscriber) -> bytes:
    """The message, with CRLF line ends. Raises DeliveryRefused for one that cannot be made safely."""
    bodies = {part.media_type: part.content for rendition in renditions for part in rendition.parts}
    missing = [media_type for media_type in _MEDIA_TYPES if media_type not in bodies]
    if missing:
        raise DeliveryRefused(f"the mail to {reader.address} cannot be made: its form {missing[0]} is missing")
    headers = _headers(renditions[0], sender, reader)
    way = headers["List-Unsubscribe"].strip("<>")
    plain = bodies["text/plain"].replace(UNSUBSCRIBE, way)
    page = bodies["text/html"].replace(UNSUBSCRIBE, html.escape(way))
    identity = headers["Message-ID"].strip("<>").partition("@")[0]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    packed = head.encode() + _alternative(plain, page, f"=_{identity}")
    _checked(packed, headers, reader.address)
    return packed


def _headers(rendition: Rendition, sender: str, reader: Subscriber) -> Mapping[str, str]:
    """All headers but those of MIME, encoded and folded. Letters beyond ASCII are only in addresses that have them."""
    name, address = parseaddr(" ".join(sender.split()))  # of two lines it reads the second
    domain = address.rpartition("@")[2]
    way = quote(reader.unsubscribe or f"mailto:{address}?subject=unsubscribe", safe=_IN_ADDRESS)
    at = rendition.at or datetime(2000, 1, 1, tzinfo=UTC)
    headers = {
        "From": _named("From", safe(name), address),
        "To": safe(reader.address),
        "Subject": _encoded("Subject", safe(rendition.subject)),
        "Date": format_datetime(at.astimezone(UTC)),
        "Message-ID": message_id(rendition.edition, reader.address, domain),
        "List-Id": _named("List-Id", safe(rendition.title) or safe(name), _list(rendition.digest, domain)),
        "List-Unsubscribe": f"<{way}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "bulk",
    }
    if not way.startswith("https://"):
        del headers["List-Unsubscribe-Post"]  # RFC 8058: it is about an https address, and nothing else
    return headers


def _alternative(plain: str, page: str, boundary: str) -> bytes:
    """Both bodies; the later one is what a mail program shows if it can."""
    whole = EmailMessage(policy.SMTP)
    whole["MIME-Version"] = "1.0"
    whole.make_alternative(boundary=boundary)
    for content, subtype in ((plain, "plain"), (page, "html")):
        body = MIMEPart(policy.SMTP.clone(max_line_length=_LINE))
        body.set_content(content, subtype=subtype, cte="quoted-printable")
        whole.attach(body)  # type: ignore[arg-type]  # typeshed: a part will do
    return whole.as_bytes()


def _encoded(header: str, text: str) -> str:
    """A text as a header's value: if it is not ASCII, in encoded words of at most 75 letters.

    Not by EmailMessage: 3.11 loses or doubles spaces between encoded words, and a longer line to keep it from folding
    makes them longer than RFC 2047 allows. ASCII is not folded: it would not come back where a word is long.
    """
    if text.isascii():
        return text
    return Header(text, "utf-8", maxlinelen=_LINE, header_name=header).encode(linesep="\r\n")


def _named(header: str, name: str, address: str) -> str:
    """An address, and before it a name that is no part of it whatever it holds."""
    if not name:
        return f"<{address}>"
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"' if name.isascii() else name
    return f"{_encoded(header, quoted)}\r\n <{address}>"


def _list(digest: str, domain: str) -> str:
    return ".".join(filter(None, (digest, "unbury", _ascii(domain))))


def message_id(edition: str, to: str, domain: str) -> str:
    """The id of the mail that brings an edition to a subscriber: the same whenever it is sent."""
    named = hashlib.sha256(f"{edition} {to}".encode()).hexdigest()
    return f"<{named[:32]}@{_ascii(domain)}>"


def _ascii(domain: str) -> str:
    """A domain as it is known to machines."""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise DeliveryRefused(f"no mail can be sent from {domain!r}: {error}", "set smtp.sender") from error


def safe(text: str) -> str:
    """A text that cannot be more than one header.

    Line breaks become spaces, and `=?` does not begin an encoded word: Python 3.11.7 decodes one
    with a line break in it and writes the header it holds (CVE-2024-6923).
    """
    spaced = "".join(" " if unicodedata.category(letter) in _SPACES else letter for letter in text)
    whole = "".join(x for x in spaced if unicodedata.category(x) != "Cs" and x not in _DIRECTIONS)
    plain = re.sub(r"=\?", "= ?", re.sub(r"\s+", " ", whole)).strip()
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def _checked(packed: bytes, headers: Mapping[str, str], to: str) -> None:
    """Read it as a server would: whatever a title held, there are our headers and no other."""
    found = message_from_string(packed.decode(), policy=policy.default)
    names = sorted(found.keys())
    if names != sorted((*headers, *_MIME)):
        raise DeliveryRefused(f"the mail to {to} cannot be made: its headers would be {', '.join(names)}")
    recipients = [address.addr_spec for address in found["To"].addresses]
    if recipients != [to]:
        raise DeliveryRefused(f"the mail to {to} cannot be made: it would go to {recipients}")
    if max(map(len, packed.split(b"\r\n"))) > _LONGEST_LINE:
        raise DeliveryRefused(f"the mail to {to} cannot be made: one of its lines would be too long for any server")
