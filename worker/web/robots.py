"""robots.txt: whether a page may be fetched that the user did not name (RFC 9309)."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from protego import Protego

from worker.errors import FetchFailed, Refused
from worker.web.access import Client

_KEPT = 24 * 3600.0  # seconds; section 2.4 asks for no more
_MOST = 500 * 1024  # bytes that count; section 2.5
_HOSTS = 1000
_NAME = "Unbury"


class Robots:
    """Remembers what hosts allow, for a day and in this process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, tuple[float, Protego]] = {}

    def allow(self, url: str) -> bool:
        """Whether the host lets us fetch the page. Raises HostBusy."""
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        kept = self._known.get(place)
        if kept is None or kept[0] < time.monotonic():
            while len(self._known) >= _HOSTS:
                self._known.pop(next(iter(self._known)), None)
            kept = self._known[place] = (time.monotonic() + _KEPT, self._rules(place))
        return bool(kept[1].can_fetch(url, _NAME))

    def _rules(self, place: str) -> Protego:
        """Section 2.3.1: a refusal (4xx) allows everything, an error (5xx, no answer) nothing."""
        try:
            answer = self._client.get(f"{place}/robots.txt", {"Accept": "text/plain"})
        except (FetchFailed, Refused):
            return Protego.parse("User-agent: *\nDisallow: /")
        if answer.status >= 500:
            return Protego.parse("User-agent: *\nDisallow: /")
        return Protego.parse(answer.content[:_MOST].decode("utf-8", "replace") if answer.status == 200 else "")
