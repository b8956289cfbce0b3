"""The edition as one message: as many stories as a service takes, each as its template has it.

A template, which may be the user's, has the words of one story; the message around them is built here, so it is
JSON and within the service's limits whatever a headline holds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from worker.edition import Edition, Item
from worker.errors import ConfigError
from worker.exporters import templates, wording
from worker.model import Rendition
from worker.settings import Settings

Message = Mapping[str, object]

_HEADLINE = 120
_OUTLET = 60
#: A sentence is not begun with less room than this, unless it is the first.
_FRAGMENT = 60
#: A longer one is left out: it would not leave a story's words room enough.
_LONGEST_ADDRESS = 700


@dataclass(frozen=True)
class Quoted:
    """Sentences, their outlet, and the way there if it can be a link; all escaped as the service wants it."""

    sentences: tuple[Markup, ...]
    outlet: Markup
    url: Markup


class MessageForm(ABC):
    """A form for a service that takes messages; each service says how it escapes, and how much it takes."""

    name: ClassVar[str]
    #: So many characters of a story are quoted: the first number with which it fits.
    lengths: ClassVar[Sequence[int]]
    story_limit: ClassVar[int]
    most_stories: ClassVar[int]
    most_sentences: ClassVar[int] = 1000

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's templates, if there are any."""
        self._templates = settings.templates if settings else ""

    def export(self, edition: Edition) -> Rendition:
        """The edition as application/json: the lead, and as many further stories as fit. Raises ConfigError."""
        shown = edition.items[: self.most_stories]
        stories = [self._story(number, edition, item) for number, item in enumerate(shown, 1)]
        counts = range(len(stories), -1, -1)
        messages = (self.message(edition, stories[:n], _more(edition, len(edition.items) - n)) for n in counts)
        message = next(filter(self.fits, messages))
        content = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        return wording.rendition(edition, "application/json", f"{self.name}.json", content)

    @abstractmethod
    def message(self, edition: Edition, stories: Sequence[str], more: str) -> Message:
        """What the service is sent; `more` says how many stories are not shown, if any."""

    @abstractmethod
    def fits(self, message: Message) -> bool:
        """Whether the service takes the message."""

    @staticmethod
    @abstractmethod
    def escape(text: str) -> str:
        """Words of others, so that they are shown as they stand."""

    @staticmethod
    @abstractmethod
    def escape_address(address: str) -> str:
        """An address, so that it ends where it ends."""

    @staticmethod
    def size(text: str) -> int:
        """The length of a text as the service counts it."""
        return len(text.encode("utf-16-le")) // 2

    def link(self, url: str) -> Markup:
        """An address as a link, or nothing if it cannot be one."""
        address = self.escape_address(wording.address(url))
        fits = wording.is_web(address) and self.size(address) <= _LONGEST_ADDRESS
        return Markup(address if fits else "")  # noqa: S704  # escaped by the service's own rules, which are not HTML's

    def words(self, text: str, most: int) -> Markup:
        """Words of others on one line, cut if need be, and escaped."""
        return Markup(self.escape(wording.shortened(wording.line(text), most)))  # noqa: S704  # the same

    def headline(self, edition: Edition, item: Item) -> Markup:
        """A story's headline, cut if need be."""
        return self.words(wording.headline(edition, item), _HEADLINE)

    def lead_link(self, item: Item) -> Markup:
        """The way to a story's first source."""
        return self.link(item.links[0].url if item.links else "")

    def _story(self, number: int, edition: Edition, item: Item) -> str:
        values: dict[str, object] = {
            "number": number,
            "headline": self.headline(edition, item),
            "url": self.lead_link(item),
            "badge": self.words(wording.badge(edition, item), _HEADLINE),
            "coverage": self.words(wording.coverage(edition, item), _HEADLINE),
            "edition": edition,
            "item": item,
        }
        text = ""
        for length in self.lengths:
            quotes = self._quotes(item, length)
            text = templates.filled(self._templates, f"{self.name}.j2", {**values, "quotes": quotes}).strip()
            if self.size(text) <= self.story_limit:
                return text
        size = f"{self.size(text)}, and {self.story_limit} fit"
        raise ConfigError(f"{self.name}.j2 makes a story longer than {self.name} takes: {size}", "shorten the template")

    def _quotes(self, item: Item, length: int) -> list[Quoted]:
        """The summary's first sentences, so many characters of them; the last one may be cut."""
        left, number, found = length, 0, []
        for quote in wording.quotes(item):
            said: list[Markup] = []
            for sentence in quote.sentences:
                text = wording.line(sentence.text)
                if number and (number >= self.most_sentences or left < min(len(text), _FRAGMENT)):
                    left = 0
                    break
                said.append(self.words(text, left))
                left, number = left - len(text), number + 1
            if said:
                outlet = self.words(quote.link.outlet, _OUTLET)
                found.append(Quoted(tuple(said), outlet, self.link(quote.link.url)))
        return found


def heading(edition: Edition) -> str:
    """The digest's title and the day, in at most 100 characters."""
    return wording.shortened(f"{wording.shortened(wording.line(edition.title), 40)} — {wording.dateline(edition)}", 100)


def about(edition: Edition) -> str:
    """What went into an edition, and how many corrections it has."""
    counts, corrections = wording.counts(edition), len(edition.corrections)
    return f"{counts} · {wording.say(edition, 'corrections')}: {corrections}" if corrections else counts


def _more(edition: Edition, hidden: int) -> str:
    return wording.several(edition, "more_in_full", hidden) if hidden else ""
