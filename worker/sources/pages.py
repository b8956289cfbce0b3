"""The whole text of an entry that is only a teaser, from its page."""

from __future__ import annotations

import time
from dataclasses import replace

from worker.errors import FetchFailed, HostBusy, ParsingFailed, Refused, Unparsable
from worker.parsers.entry import Entry
from worker.parsing import parsed
from worker.web.access import Web

_MOST = 30  # pages for one look at a feed; the others come with the next
_SECONDS = 90.0  # for all of them
_PARSING = 10.0
_ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class Pages:
    """Fetches pages for one look at a feed. `again`: the last one may come at another time; `left`: any."""

    def __init__(self, web: Web, wanted: str) -> None:
        self._web, self._wanted = web, wanted
        self._until = time.monotonic() + _SECONDS
        self._fetched = 0
        self.again = self.left = False

    def whole(self, entry: Entry) -> Entry:
        """The entry with its page's text, if that is wanted and has more of it than the entry."""
        self.again = False
        if not entry.url or not self._wants(entry):
            return entry
        if self._fetched >= _MOST or time.monotonic() > self._until:
            self.again = self.left = True
            return entry
        self._fetched += 1
        try:
            found = tuple(self._text(entry.url))
        except (Refused, Unparsable, ParsingFailed):
            return entry
        except (FetchFailed, HostBusy):
            self.again = True
            return entry
        more = sum(map(len, found)) > sum(map(len, entry.paragraphs))
        return replace(entry, paragraphs=found) if more else entry

    def _wants(self, entry: Entry) -> bool:
        return self._wanted == "always" or (self._wanted == "auto" and (not entry.paragraphs or entry.teaser))

    def _text(self, url: str) -> list[str]:
        """The paragraphs of a page; none if it is refused. Raises FetchFailed, HostBusy, Unparsable, ParsingFailed."""
        if not self._web.robots.allow(url):
            return []
        answer = self._web.client.get(url, {"Accept": _ACCEPT})
        if answer.status != 200:
            if answer.status >= 500 or answer.status == 429:
                raise FetchFailed(f"it answers with {answer.status}")
            return []
        media_type = answer.headers.get("content-type", "text/html")
        if not any(kind in media_type for kind in ("html", "text/plain")):
            return []
        page = parsed("page", answer.content, seconds=_PARSING, media_type=media_type, url=answer.url)
        found: list[str] = page["paragraphs"]
        return found
