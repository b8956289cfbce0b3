"""The edition as an Atom feed with one entry, and the feed of a site, with an entry for each edition (RFC 4287)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from worker.edition import Edition
from worker.exporters import addresses, templates, wording
from worker.model import Rendition
from worker.settings import Settings

#: So many editions are in a site's feed.
MOST = 30
#: A tag's day is one on which its host had its owner. A feed's has to stay the same, whatever day it is made.
_SINCE = "2026"


@dataclass(frozen=True)
class Piece:
    """A feed or an entry, as the template writes it; without `link`, there is no address to tell."""

    id: str
    title: str
    updated: str
    author: str
    language: str
    link: str = ""
    content: str = ""


class Atom:
    """Writes an edition as a feed."""

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's templates, if there are any."""
        self._settings = settings or Settings()

    def export(self, edition: Edition) -> Rendition:
        """The edition as application/atom+xml. Raises ConfigError for a template of the user's that is broken."""
        return wording.rendition(edition, "application/atom+xml", "atom", feed([edition], self._settings))


def feed(editions: Sequence[Edition], settings: Settings, page: Callable[[Edition], str] | None = None) -> str:
    """The feed of the newest of at least one edition, the newest first.

    `page` gives the address of an edition's page, which may be relative to the feed's own.
    Raises ConfigError for a template of the user's that is broken.
    """
    known = {edition.id: edition for edition in editions}.values()
    newest = sorted(known, key=lambda edition: (edition.at, edition.day, edition.id), reverse=True)[:MOST]
    link = page or (lambda edition: addresses.page(settings, edition))
    entries = [_entry(settings, edition, link(edition)) for edition in newest]
    digests = {edition.digest for edition in newest}
    name = f"feed/{quote(digests.pop())}" if len(digests) == 1 else "feed"
    whole = replace(_piece(newest[0]), id=addresses.tag(settings, _SINCE, name))
    return templates.filled(settings.templates, "feed.xml.j2", {"feed": whole, "entries": entries})


def _entry(settings: Settings, edition: Edition, link: str) -> Piece:
    values = {"edition": addresses.strict(edition)}
    return replace(
        _piece(edition),
        id=addresses.edition_tag(settings, edition),
        title=wording.subject(edition),
        link=wording.address(link),
        content=templates.filled(settings.templates, "feed.html.j2", values),
    )


def _piece(edition: Edition) -> Piece:
    """What a feed and its newest entry have in common."""
    title = wording.line(edition.title) or "Unbury"
    return Piece("", title, _instant(edition.at), title, wording.language(edition))


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
