"""The archive: all that is to be written when an edition comes, loaded and thought; whoever delivers writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from worker import pipeline
from worker.edition import Edition, Entry
from worker.errors import ConfigError, FormFailed
from worker.exporters import atom, places
from worker.exporters.site import Site
from worker.model import Arrival, Part, Rendition
from worker.plugins import making
from worker.runtime import Runtime
from worker.store import editions, window

_FURTHER = re.compile(r"^digest-\d+(?=\.)")


def digests(runtime: Runtime) -> Rendition:
    """The page above the archives of several digests."""
    titles = {name: digest.title for name, digest in sorted(runtime.digests.items())}
    language = next(iter(runtime.digests.values())).language
    return Site(runtime.settings).digests("Unbury", language, titles)


class Shelf:
    """A digest's editions as they are now, and what its archive shows of them.

    Filenames are relative to the digest's folder. What is linked to comes before what links to it. `failed` are the
    forms that could not be made.
    """

    def __init__(self, runtime: Runtime, digest: str) -> None:
        self._runtime = runtime
        self._site = Site(runtime.settings)
        self.failed: list[ConfigError | FormFailed] = []
        with runtime.database.reading() as session:
            self.entries = editions.entries(session, digest=digest)

    def renditions(self, edition: Edition, forms: Sequence[str]) -> list[Rendition]:
        """An edition with all that changes with it: neighbours, lists, and if it is the newest, its copy."""
        own = self.own(edition, forms)
        lists = self._made("html", lambda: self._lists(edition)) if "html" in forms else []
        newest = not self.entries or self.entries[0].id == edition.id
        return [*own, *lists, *(_latest(own) if newest else ())]

    def own(self, edition: Edition, forms: Sequence[str]) -> list[Rendition]:
        """An edition in its forms, its page and its stories' evidence, and nothing around them."""
        pages_last = sorted(forms, key="html".__eq__)
        return [one for form in pages_last for one in self._made(form, partial(self._in_form, form, edition))]

    def _in_form(self, form: str, edition: Edition) -> list[Rendition]:
        if form == "html":
            return [*self._site.evidence(edition, self._documents(edition)), self._page(edition)]
        made = self._runtime.exporter(form).export(edition)
        return [replace(made, filename=f"{places.folder(edition)}/{made.filename}")]

    def _made(self, form: str, make: Callable[[], list[Rendition]]) -> list[Rendition]:
        """What is made in a form; if that fails, a note of it, as the other forms are written all the same."""
        try:
            with making(form):
                return make()
        except (ConfigError, FormFailed) as error:
            self.failed.append(error)
            return []

    def months(self, forms: Sequence[str]) -> Iterator[list[Rendition]]:
        """All editions, one after the other, and after each month what the search reads of it."""
        for _, entries in groupby(self.entries, key=places.month):
            month = list(self._read(entries).values())
            yield from (self.own(edition, forms) for edition in month)
            yield [self._site.month(month)]

    def newest(self) -> Edition:
        """The newest edition there is."""
        return self._read(self.entries[:1])[self.entries[0].id]

    def _lists(self, edition: Edition) -> list[Rendition]:
        """What changes with an edition: its neighbours' pages, the index, the search, the feed."""
        near = [one for one in self._neighbours(edition) if one]
        month = [one for one in self.entries if places.month(one) == places.month(edition)]
        latest = self.entries[: atom.MOST]
        read = self._read([*near, *month, *latest])
        about = edition.title, edition.language
        return [
            *(self._page(read[one.id]) for one in near),
            *([self._site.month([read[one.id] for one in month])] if month else ()),
            self._site.search(*about, self.entries),
            self._site.index(*about, self.entries, among_others=len(self._runtime.digests) > 1),
            self._feed(edition, [read[one.id] for one in latest] or [edition]),
        ]

    def _read(self, entries: Iterable[Entry]) -> dict[str, Edition]:
        """These editions by their ids, each read once."""
        with self._runtime.database.reading() as session:
            found = {name: editions.get(session, name) for name in dict.fromkeys(one.id for one in entries)}
        return {name: edition for name, edition in found.items() if edition}

    def _neighbours(self, edition: Edition) -> tuple[Entry | None, Entry | None]:
        """The editions before and after one."""
        place = edition.day, edition.number
        before = (one for one in self.entries if (one.day, one.number) < place)
        after = (one for one in reversed(self.entries) if (one.day, one.number) > place)
        return next(before, None), next(after, None)

    def _page(self, edition: Edition) -> Rendition:
        return self._site.page(edition, *self._neighbours(edition))

    def _feed(self, edition: Edition, newest: Sequence[Edition]) -> Rendition:
        part = Part("application/atom+xml", atom.feed(newest, self._runtime.settings, places.page))
        return Rendition(edition.id, edition.title, "feed.xml", (part,), edition.at, edition.digest, edition.title)

    def _documents(self, edition: Edition) -> Mapping[str, Arrival]:
        """The documents of an edition's stories, those that are quoted read again, as they were for it."""
        quoted = {one.span.document for item in edition.items for one in item.summary.sentences}

        def read(one: Arrival) -> Arrival:
            if one.document.id not in quoted or not one.document.paragraphs:
                return one
            # In whose order, and with which repeats, is no ranker's matter: one of the user's may be gone by now.
            return replace(one, reading=pipeline.read(one.document, pipeline.Recipe()))

        with self._runtime.database.reading() as session:
            witnesses = window.witnesses(session, edition)
        return {name: read(one) for name, one in witnesses.items()}


def _latest(own: Sequence[Rendition]) -> list[Rendition]:
    """The same in a folder of its own, always by the same names; what is named in another way would stay for ever."""
    named = {_FURTHER.sub(places.OWN, one.filename.partition("/")[2]): one for one in own}
    ours = (places.OWN, places.EVIDENCE)
    return [replace(one, filename=f"{places.LATEST}/{name}") for name, one in named.items() if name.startswith(ours)]
