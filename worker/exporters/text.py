"""The edition as plain text in 72 columns, for terminals and mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from urllib.parse import quote

from worker.exporters import wording
from worker.model import Edition, Item, Link, Rendition

_COLUMNS = 72
_INDENT = "   "


class Text:
    """Writes an edition as plain text."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/plain."""
        return wording.rendition(edition, "text/plain", "txt", "\n".join(_lines(edition)))


def _lines(edition: Edition) -> Iterator[str]:
    yield from _wrapped(f"{wording.line(edition.title).upper()} — {wording.dateline(edition)}")
    # The counts break only between two of them.
    yield from (part.replace("\xa0", " ") for part in _wrapped(wording.counts(edition).replace(" ", "\xa0")))
    yield ""
    for number, item in enumerate(edition.items, 1):
        yield from _item(number, item)
        yield ""
    if not edition.items:
        yield from (wording.NOTHING, "")
    yield from _wrapped(wording.PROMISE)
    yield from _wrapped(wording.account(edition))


def _item(number: int, item: Item) -> Iterator[str]:
    yield from _heading(f"{number}. ", item)
    for quoted in wording.quotes(item):
        for sentence in quoted.sentences:
            yield from _wrapped(wording.line(sentence.text), _INDENT, _INDENT)
        yield f"{_INDENT}  -- {_source(quoted.link)}"
    yield from (f"{_INDENT}  also {_source(link)}" for link in wording.also(item))


def _heading(number: str, item: Item) -> Iterator[str]:
    tags = f"[{wording.badge(item).upper()}] {wording.coverage(item)}".rstrip()
    *lines, last = _wrapped(wording.headline(item), number, " " * len(number))
    yield from lines
    if len(last) + len(_INDENT) + len(tags) <= _COLUMNS:
        yield f"{last}{_INDENT}{tags}"
    else:
        yield from (last, f"{' ' * len(number)}{tags}")


def _source(link: Link) -> str:
    """The outlet and its address, which is never cut: half an address leads nowhere."""
    address = quote(wording.line(link.url), safe=_ADDRESS)
    return f"{wording.line(link.outlet)} <{address}>"


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
