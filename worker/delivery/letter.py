"""An edition as an e-mail: text and HTML in one message, its headers safe, the same bytes each time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.utils import format_datetime, parseaddr

from worker.errors import DeliveryRefused
from worker.model import UNSUBSCRIBE, Rendition, Subscriber

# With shorter lines, a List-Unsubscribe of 80 characters is folded into encoded words, and is none any more.
_POLICY = policy.SMTP.clone(max_line_length=998)
_LONGEST = 200
_SPACES = {"Cc", "Zl", "Zp"}
#: Overrides of the writing direction make a subject read as something else.
_DIRECTIONS = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\u200e", "\u200f", "\u061c"}
_MEDIA_TYPES = ("text/plain", "text/html")
_OURS = frozenset(
    (
        "From To Subject Date Message-ID List-Id List-Unsubscribe Auto-Submitted X-Auto-Response-Suppress"
        " Precedence MIME-Version Content-Type"
    ).split()
)


def letter(renditions: Sequence[Rendition], sender: str, reader: Subscriber) -> bytes:
    """The message, with CRLF line ends. Raises DeliveryRefused for one that cannot be made safely."""
    to = reader.address
    bodies = {
        part.media_type: part.content.replace(UNSUBSCRIBE, reader.unsubscribe)
        for rendition in renditions
        for part in rendition.parts
    }
    missing = [media_type for media_type in _MEDIA_TYPES if media_type not in bodies]
    if missing:
        raise DeliveryRefused(f"the mail to {to} cannot be made: its form {missing[0]} is missing")
    first = renditions[0]
    message = _headed(first, sender, reader)
    identity = message["Message-ID"].strip("<>").partition("@")[0]
    message["MIME-Version"] = "1.0"
    message.make_alternative(boundary=f"=_{identity}")
    for media_type in _MEDIA_TYPES:
        message.attach(_body(bodies[media_type], media_type))  # type: ignore[arg-type]  # typeshed: a part will do
    packed = message.as_bytes()
    _checked(packed, to)
    return packed


def _headed(rendition: Rendition, sender: str, reader: Subscriber) -> EmailMessage:
    name, address = parseaddr(sender)
    local, _, domain = address.partition("@")
    message = EmailMessage(_POLICY)
    message["From"] = Address(safe(name), local, domain)
    message["To"] = Address("", *_halves(reader.address))
    message["Subject"] = safe(rendition.subject)
    message["Date"] = format_datetime((rendition.at or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC))
    message["Message-ID"] = message_id(rendition.edition, reader.address, domain)
    message["List-Id"] = f"{safe(name) or 'Unbury'} <unbury.{domain}>"
    message["List-Unsubscribe"] = f"<{reader.unsubscribe}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
    return message


def _body(content: str, media_type: str) -> MIMEPart:
    body = MIMEPart(policy.SMTP)  # its lines end before the 76th character (RFC 2045, 6.7)
    body.set_content(content, subtype=media_type.partition("/")[2], cte="quoted-printable")
    return body


def _halves(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local, domain


def message_id(edition: str, to: str, domain: str) -> str:
    """The id of the mail that brings an edition to a subscriber: the same whenever it is sent."""
    named = hashlib.sha256(f"{edition} {to}".encode()).hexdigest()
    return f"<{named[:32]}@{domain}>"


def safe(text: str) -> str:
    """A text that cannot be more than one header.

    Line breaks become spaces, and `=?` does not begin an encoded word: Python 3.11.7 decodes one
    with a line break in it and writes the header it holds (CVE-2024-6923).
    """
    spaced = "".join(" " if unicodedata.category(letter) in _SPACES else letter for letter in text)
    whole = "".join(x for x in spaced if unicodedata.category(x) != "Cs" and x not in _DIRECTIONS)
    plain = re.sub(r"=\?", "= ?", re.sub(r"\s+", " ", whole)).strip()
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1].rstrip() + "…"


def _checked(packed: bytes, to: str) -> None:
    """Read it as a server would: whatever a title held, there are our headers and no other."""
    found = message_from_bytes(packed, policy=policy.default)
    names = sorted(found.keys())
    if names != sorted(_OURS):
        raise DeliveryRefused(f"the mail to {to} cannot be made: its headers would be {', '.join(names)}")
    recipients = [address.addr_spec for address in found["To"].addresses]
    if recipients != [to]:
        raise DeliveryRefused(f"the mail to {to} cannot be made: it would go to {recipients}")
