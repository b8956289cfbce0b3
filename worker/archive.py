"""The archive: all that is to be written when an edition comes, loaded and thought; whoever delivers writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from worker import pipeline
from worker.edition import Edition, Entry
from worker.exporters import atom, places
from worker.exporters.site import Site
from worker.model import Arrival, Part, Rendition
from worker.runtime import Runtime
from worker.store import archive, editions, window
from worker.store.database import Transaction

_FURTHER = re.compile(r"^digest-\d+(?=\.)")
#: The folder in which the newest edition lies once more, whatever day it is.
LATEST = "latest"


def renditions(runtime: Runtime, edition: Edition, forms: Sequence[str]) -> list[Rendition]:
    """An edition in its forms, its page and its stories' evidence, and what changes with it: neighbours and lists.

    Filenames are relative to the digest's folder. What is linked to comes before what links to it.
    """
    with runtime.database.reading() as session:
        shelf = _Shelf(session, runtime, edition.digest)
        own = _own(runtime, shelf, edition, forms)
        latest = _latest(own) if shelf.is_newest(edition) else []
        return [*own, *(shelf.lists(edition) if "html" in forms else ()), *latest]


def alone(runtime: Runtime, edition: Edition, forms: Sequence[str]) -> list[Rendition]:
    """An edition in its forms, its page and its stories' evidence, and nothing around them."""
    with runtime.database.reading() as session:
        return _own(runtime, _Shelf(session, runtime, edition.digest), edition, forms)


def known(runtime: Runtime, digest: str) -> list[str]:
    """The ids of the editions that a digest's archive has to show, the newest first."""
    with runtime.database.reading() as session:
        return [entry.id for entry in archive.entries(session, digest=digest)]


def _own(runtime: Runtime, shelf: _Shelf, edition: Edition, forms: Sequence[str]) -> list[Rendition]:
    return [*_forms(runtime, edition, forms), *(shelf.pages(edition) if "html" in forms else ())]


def _forms(runtime: Runtime, edition: Edition, forms: Iterable[str]) -> list[Rendition]:
    made = [runtime.exporter(form).export(edition) for form in forms if form != "html"]
    return [replace(one, filename=f"{places.folder(edition)}/{one.filename}") for one in made]


def _latest(own: Iterable[Rendition]) -> list[Rendition]:
    """The same in a folder of its own, always by the same names."""
    return [replace(one, filename=f"{LATEST}/{_FURTHER.sub('digest', one.filename.partition('/')[2])}") for one in own]


def digests(runtime: Runtime) -> Rendition:
    """The page above the archives of several digests."""
    titles = {name: digest.title for name, digest in sorted(runtime.digests.items())}
    language = next(iter(runtime.digests.values())).language
    return Site(runtime.settings).digests("Unbury", language, titles)


class _Shelf:
    """A digest's editions, as its archive shows them."""

    def __init__(self, session: Transaction, runtime: Runtime, digest: str) -> None:
        self._session, self._runtime = session, runtime
        self._site = Site(runtime.settings)
        self._entries = archive.entries(session, digest=digest)

    def is_newest(self, edition: Edition) -> bool:
        """Whether no edition comes after this one."""
        return not self._entries or self._entries[0].id == edition.id

    def pages(self, edition: Edition) -> list[Rendition]:
        """The evidence of an edition's stories, and its own page."""
        return [*self._site.evidence(edition, self._documents(edition)), self._page(edition)]

    def lists(self, edition: Edition) -> list[Rendition]:
        """What changes with an edition: its neighbours' pages, the index, the search, the feed."""
        near = [self._of(one) for one in archive.neighbours(self._session, edition) if one]
        about = edition.title, edition.language
        several = len(self._runtime.digests) > 1
        return [
            *map(self._page, near),
            *([self._site.month(month)] if (month := self._month(edition.day)) else ()),
            self._site.search(*about, self._entries),
            self._site.index(*about, self._entries, among_others=several),
            self._feed(edition),
        ]

    def _page(self, edition: Edition) -> Rendition:
        return self._site.page(edition, *archive.neighbours(self._session, edition))

    def _of(self, entry: Entry) -> Edition:
        found = editions.get(self._session, entry.id)
        assert found is not None  # noqa: S101  # its row was just read
        return found

    def _month(self, day: date) -> list[Edition]:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return [self._of(one) for one in self._entries if first <= one.day <= last]

    def _feed(self, edition: Edition) -> Rendition:
        settings = self._runtime.settings
        newest = [self._of(one) for one in self._entries[: atom.MOST]] or [edition]
        part = Part("application/atom+xml", atom.feed(newest, settings, places.page))
        return Rendition(edition.id, edition.title, "feed.xml", (part,), edition.at, edition.digest, edition.title)

    def _documents(self, edition: Edition) -> Mapping[str, Arrival]:
        """The documents of an edition's stories, those that are quoted read again, as they were for it."""
        quoted = {one.span.document for item in edition.items for one in item.summary.sentences}

        def read(one: Arrival) -> Arrival:
            if one.document.id not in quoted or not one.document.paragraphs:
                return one
            # In whose order, and with which repeats, is no ranker's matter: one of the user's may be gone by now.
            return replace(one, reading=pipeline.read(one.document, pipeline.Recipe()))

        return {name: read(one) for name, one in window.witnesses(self._session, edition).items()}
