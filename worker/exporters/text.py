"""The edition as plain text in 72 columns, for terminals and mail."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator

from worker.edition import Edition, Item, Link
from worker.exporters import wording
from worker.model import Rendition
from worker.settings import Settings

_COLUMNS = 72
_GAP = "   "


class Text:
    """Writes an edition as plain text."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Nothing is set for it."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/plain."""
        return wording.rendition(edition, "text/plain", "txt", "\n".join(_lines(edition)))


def _lines(edition: Edition) -> Iterator[str]:
    yield from _wrapped(f"{wording.line(edition.title).upper()} — {wording.dateline(edition)}")
    yield from _counts(edition)
    yield ""
    yield from _corrections(edition)
    numbers = itertools.count(1)
    several = wording.sections(edition)
    for name, items in several:
        if len(several) > 1 or name != wording.say(edition, "top_stories"):
            yield from (name.upper(), "")
        for item in items:
            yield from _item(f"{next(numbers)}. ", edition, item)
            yield ""
    if not edition.items and not edition.corrections:
        yield from (wording.say(edition, "nothing_today"), "")
    yield from _wrapped(wording.say(edition, "promise"))
    yield from _wrapped(wording.account(edition))
    if edition.failures:
        yield from _wrapped(wording.failures(edition))


def _counts(edition: Edition) -> list[str]:
    """The counts, broken between two of them and never within one."""
    whole = wording.counts(edition).replace(" ", "\xa0").replace("·\xa0", "· ")
    return [part.replace("\xa0", " ") for part in _wrapped(whole)]


def _corrections(edition: Edition) -> Iterator[str]:
    for correction in edition.corrections:
        before, now = wording.corrected(edition, correction)
        yield from _wrapped(f"{wording.say(edition, 'correction').upper()}  {before}")
        yield from _wrapped(wording.line(correction.told), "   ", "   ")
        yield from _wrapped(now)
        if correction.now:
            yield from _wrapped(wording.line(correction.now.text), "   ", "   ")
        yield from (f"     -- {_source(correction.link)}", "")


def _item(numbered: str, edition: Edition, item: Item) -> Iterator[str]:
    indent = " " * len(numbered)
    yield from _heading(numbered, indent, edition, item)
    number = 0
    for quoted in wording.quotes(item):
        for sentence in quoted.sentences:
            yield from _wrapped(wording.line(sentence.text), indent, indent)
        first, number = number + 1, number + len(quoted.sentences)
        last = f"-{number}" if number > first else ""
        yield f"{indent}  -- {_source(quoted.link)} [{wording.sentence_id(item, first)}{last}]"
    for figures in wording.differing(edition, item):
        yield from _wrapped(f"[{figures}]", indent, indent)
    others, more = wording.also_shown(edition, item)
    yield from (f"{indent}  {wording.say(edition, 'also_in', source=_source(link))}" for link in others)
    if more:
        yield f"{indent}  {more}"


def _heading(number: str, indent: str, edition: Edition, item: Item) -> Iterator[str]:
    tags = f"[{wording.badge(edition, item).upper()}] {wording.coverage(edition, item)}".rstrip()
    *lines, last = _wrapped(wording.headline(edition, item), number, indent)
    yield from lines
    if len(last) + len(_GAP) + len(tags) <= _COLUMNS:
        yield f"{last}{_GAP}{tags}"
    else:
        yield from (last, f"{indent}{tags}")


def _source(link: Link) -> str:
    """The outlet and its address, which is never cut: half an address leads nowhere."""
    return f"{wording.line(link.outlet)} <{wording.address(link.url)}>"


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
