"""The link by which a reader unsubscribes: whom it is for, signed, so that nobody else can make one."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whom a link unsubscribes from what, and in which of the reader's rounds it is good."""

    digest: str
    address: str
    round: int = 0

    def signed(self, secret: str) -> str:
        """The token of its link, in letters that stand in an address as they are."""
        said = json.dumps([self.digest, self.address.lower(), self.round], ensure_ascii=False).encode()
        whom = _written(said)
        return f"{whom}.{_signature(whom, secret)}"


def opened(token: str, secret: str) -> Unsubscription | None:
    """What a link's token asks for; None for one that we did not sign, as it stands."""
    whom, _, signature = token.partition(".")
    # The letters are compared, not the bytes they stand for: base64 has several ways to write those.
    if not hmac.compare_digest(_bytes(signature), _bytes(_signature(whom, secret))):
        return None
    digest, address, round_ = json.loads(urlsafe_b64decode(whom + "=" * (-len(whom) % 4)))
    return Unsubscription(digest, address, round_)


def _signature(whom: str, secret: str) -> str:
    return _written(hmac.digest(secret.encode(), _bytes(whom), hashlib.sha256))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
