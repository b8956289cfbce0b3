"""An entry as a parser found it in a feed or a file, on its way from the parser's process to a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from worker.model import Document
from worker.text.clean import cleaned
from worker.text.identity import canonical, document, identity
from worker.text.languages import detect

_TEASER = 600  # characters: four or five sentences, as a digest would take them from the whole
_TRAILS_OFF = re.compile(
    r"(?:\[?(?:…|\.\.\.|&hellip;)\]?|\b(?:read more|continue reading|read the full (?:article|story|post)|weiterlesen"
    r"|lire la suite|leer más|continua a leggere|lees verder|læs mere|läs mer)\W*)$",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?=$|[-_])")
_ENCLOSURES = 10


@dataclass(frozen=True)
class Entry:
    """What stands in a feed or a file under one heading. `guid` is its name within its feed, if it has one."""

    title: str = ""
    url: str = ""
    guid: str = ""
    published: str = ""
    author: str = ""
    language: str = ""
    paragraphs: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()

    @property
    def when(self) -> datetime | None:
        """When it was published, if it says so."""
        return datetime.fromisoformat(self.published) if self.published else None

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return not self.paragraphs and not self.title

    @property
    def teaser(self) -> bool:
        """Whether this looks like the beginning of a text that stands elsewhere."""
        length = sum(map(len, self.paragraphs))
        return length < _TEASER or bool(_TRAILS_OFF.search(self.paragraphs[-1][-60:]))

    @property
    def print(self) -> str:
        """The id of what it says: another one means that it was edited.

        Its date and its address are not in it: some feeds date all entries anew, or count clicks in links.
        """
        return identity(self.title, *self.paragraphs)


def received(found: Mapping[str, Any]) -> Entry:
    """An entry as the parser's process sent it."""
    known = {name: found[name] for name in Entry.__dataclass_fields__ if found.get(name)}
    return Entry(**{**known, **{name: tuple(found.get(name, ())) for name in ("paragraphs", "enclosures")}})


def text(value: object) -> str:
    """The value, if it is text."""
    return value if isinstance(value, str) else ""


def address(link: str, base: str = "") -> str:
    """A link as a web address, absolute; empty for anything that is none."""
    bare = cleaned(link).strip()
    if not bare:
        return ""
    try:
        joined = urljoin(base, bare)
        parts = urlsplit(joined)
        return joined if parts.scheme.lower() in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def language(code: object) -> str:
    """The language of a code like "en-GB", in two or three small letters; empty for what is none."""
    found = _LANGUAGE.match(code.strip()) if isinstance(code, str) else None
    return found[0].lower() if found else ""


def moment(when: datetime | None) -> str:
    """A time as an entry carries it, in UTC; empty for one that no database takes."""
    if when is None or not 1900 < when.year < 9000:
        return ""
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC).isoformat()


def links(found: Iterable[str], base: str = "") -> tuple[str, ...]:
    """The web addresses among links, each once."""
    return tuple(filter(None, dict.fromkeys(address(link, base) for link in found)))[:_ENCLOSURES]


def keys(source: str, entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """For each entry the names by which it can be known: its guid in this feed, its address, else what it says.

    A guid or an address that several entries of the feed share names none of them.
    """
    named = [(identity("guid", source, entry.guid) if entry.guid else "", _canonical(entry.url)) for entry in entries]
    guids: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for guid, place in named:
        guids.setdefault(guid, set()).add(place)
        places.setdefault(place, set()).add(guid)
    found = []
    for entry, (guid, place) in zip(entries, named, strict=True):
        good_guid = guid if guid and (len(guids[guid]) == 1 or not place) else ""
        good_place = identity(place) if place and (len(places[place]) == 1 or not good_guid) else ""
        says = "" if good_guid or good_place else identity("text", source, entry.title, *entry.paragraphs)
        found.append(tuple(filter(None, (good_place, good_guid, says))))
    return found


def documented(
    entry: Entry, names: tuple[str, ...], *, source: str, home: str, speaks: str = "", shuffled: bool = False
) -> Document:
    """The document of an entry; `home` stands for an address that it does not have, `speaks` is the user's word."""
    paragraphs = entry.paragraphs or (entry.title,)  # of a mere link, its title is the text
    made = document(
        source=source,
        url=_canonical(entry.url) or f"{home}#{names[0]}",
        title=entry.title or _titled(paragraphs),
        published=entry.when,
        paragraphs=paragraphs,
        language=speaks or entry.language or detect(sorted(set(paragraphs))),
        shuffled=shuffled,
    )
    return replace(made, id=names[0], names=names, author=entry.author, enclosures=entry.enclosures)


def whole(found: Mapping[str, Any], *, source: str, home: str, speaks: str, shuffled: bool) -> Document:
    """The document that all of a file is: edited, it is a revision; without an address of its own, `home` is its."""
    entry = received(found)
    names = keys(source, [entry])[0] if entry.url else (identity(home),)
    made = documented(entry, names, source=source, home=home, speaks=speaks, shuffled=shuffled)
    return made if entry.url else replace(made, url=home)


def _canonical(url: str) -> str:
    try:
        return canonical(url) if url else ""
    except ValueError:
        return ""


def _titled(paragraphs: tuple[str, ...]) -> str:
    """The beginning of a text that has no title."""
    first = paragraphs[0] if paragraphs else ""
    return first if len(first) <= 80 else first[:80].rpartition(" ")[0] + " …"
