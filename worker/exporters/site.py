"""The archive: editions as pages of a small site, each story with its evidence, an index, and a search.

It needs no server: all links are relative, so that it works from any folder and below any address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import quote

from worker.edition import Edition, Entry
from worker.exporters import evidence, html, places, search, templates, wording
from worker.exporters.html import Around, Way
from worker.exporters.phrases import Phrases, phrases
from worker.model import Arrival, Part, Rendition
from worker.settings import Settings

_INDEX = "index.html"
_SEARCH = "search.html"


@dataclass(frozen=True)
class Line:
    """An edition as the index shows it."""

    way: Way
    lead: str
    stories: str


@dataclass(frozen=True)
class Month:
    """A month's editions, the newest first; `begins` is the year whose newest month it is, or nothing."""

    name: str
    lines: tuple[Line, ...]
    begins: str


class Site:
    """Makes the archive's pages; a rendition's filename is its place in the archive's folder.

    Each raises ConfigError for a template of the user's that is broken.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's templates, if there are any."""
        self._folder = (settings or Settings()).templates

    def page(self, edition: Edition, earlier: Entry | None = None, later: Entry | None = None) -> Rendition:
        """An edition's page, with the ways to its neighbours and to the evidence of its stories."""
        names = places.names(item.story.id for item in edition.items)
        around = Around(
            index=f"../{_INDEX}",
            search=f"../{_SEARCH}",
            earlier=_neighbour(edition, earlier),
            later=_neighbour(edition, later),
            stories={one: places.story(edition, name).partition("/")[2] for one, name in names.items()},
        )
        return _of_edition(edition, places.page(edition), html.page(self._folder, edition, around))

    def evidence(self, edition: Edition, documents: Mapping[str, Arrival]) -> list[Rendition]:
        """A page for each story: its documents, as far as they are kept, with what is quoted marked in them.

        Of a document that is quoted and not among these, or has no text, the text was forgotten. The others of a story
        are named by theirs, if they are of an earlier edition.
        """
        names = places.names(item.story.id for item in edition.items)
        return [
            _of_edition(
                edition,
                places.story(edition, names[item.story.id]),
                evidence.page(self._folder, edition, item, documents),
            )
            for item in edition.items
        ]

    def index(self, title: str, language: str, entries: Sequence[Entry], *, among_others: bool = False) -> Rendition:
        """The editions by month, the newest first; `among_others`: other digests have archives beside this one."""
        words = phrases(language)
        months = tuple(_months(words, entries))
        values = {"title": title, "words": words, "months": months, "among_others": among_others, "digests": ()}
        return _alone(title, _INDEX, templates.filled(self._folder, "index.html.j2", values))

    def digests(self, title: str, language: str, titles: Mapping[str, str]) -> Rendition:
        """The page above several archives: digests by their name, which is their folder, with their titles."""
        ways = tuple(Way(f"{quote(name, safe='')}/{_INDEX}", said) for name, said in titles.items())
        values = {"title": title, "words": phrases(language), "months": (), "among_others": False, "digests": ways}
        return _alone(title, _INDEX, templates.filled(self._folder, "index.html.j2", values))

    def search(self, title: str, language: str, entries: Sequence[Entry]) -> Rendition:
        """The page that searches the months of these entries; it changes only when a month begins."""
        return _alone(title, _SEARCH, search.page(self._folder, title, phrases(language), entries))

    def month(self, editions: Sequence[Edition]) -> Rendition:
        """What the search reads of a month: all editions of it, at least one."""
        first = editions[0]
        part = Part("text/javascript", search.month(editions))
        return Rendition("", first.title, places.month(first), (part,), digest=first.digest, title=first.title)


def _neighbour(edition: Edition, other: Entry | None) -> Way | None:
    return Way(f"../{places.page(other)}", wording.named(phrases(edition.language), other)) if other else None


def _months(words: Phrases, entries: Sequence[Entry]) -> Iterator[Month]:
    newest = sorted(entries, key=lambda one: (one.day, one.time, one.number), reverse=True)
    year = 0
    for month, found in groupby(newest, key=lambda one: one.day.replace(day=1)):
        name = f"{words.months[month.month - 1]} {month.year}"
        begins, year = str(month.year) if month.year != year else "", month.year
        yield Month(name, tuple(_line(words, one) for one in found), begins)


def _line(words: Phrases, entry: Entry) -> Line:
    lead = wording.line(entry.headlines[0][1]) if entry.headlines else words.say("correction")
    way = Way(places.page(entry), wording.named(words, entry))
    return Line(way, lead or words.say("untitled"), words.several("stories", entry.stories))


def _of_edition(edition: Edition, filename: str, content: str) -> Rendition:
    return wording.of_edition(edition, filename, Part("text/html", content + "\n"))


def _alone(title: str, filename: str, content: str) -> Rendition:
    return Rendition("", title, filename, (Part("text/html", content + "\n"),), title=title)
