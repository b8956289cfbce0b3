"""The edition as Markdown with front matter, for notes and Git; safe in Obsidian."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from worker.edition import Edition, Item, Link
from worker.exporters import wording
from worker.model import Rendition
from worker.settings import Settings

_SPECIAL = re.compile(
    r"""
      [\\`*_\[\]<>\#~|$=^]              # emphasis, links, HTML, headings, tables, formulas, highlights
    | ^[-+](?=\s|-|\+|$)                # a list, a rule
    | (?<=^\d)[.)] | (?<=^\d\d)[.)] | (?<=^\d\d\d)[.)] | (?<=^\d\d\d\d)[.)]   # a numbered list
    | (?<=[A-Za-z]):(?=\S)              # https://..., mailto:... become links by themselves
    | (?<=\bwww)\.
    | (?<=\S)@(?=\S)
    | &(?=\#?\w+;)                      # an entity
    | %(?=%) | (?<=%)%                  # Obsidian's comments
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_ADDRESS = {"(": "%28", ")": "%29", "&": "&amp;"}


class Markdown:
    """Writes an edition as Markdown."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Nothing is set for it."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/markdown."""
        return wording.rendition(edition, "text/markdown", "md", "\n".join(_lines(edition)))


def _lines(edition: Edition) -> Iterator[str]:
    yield from _front_matter(edition)
    yield from ("", f"# {_escaped(edition.title)} — {wording.dateline(edition)}", "", wording.counts(edition))
    yield from _corrections(edition)
    for name, items in wording.sections(edition):
        yield from ("", f"## {_escaped(name)}")
        for item in items:
            yield from _item(edition, item)
    if not edition.items and not edition.corrections:
        yield from ("", f"## {wording.say(edition, 'top_stories')}", "", wording.say(edition, "nothing_today"))
    yield from ("", "---", "", wording.say(edition, "promise"), "", wording.account(edition))
    if edition.failures:
        yield from ("", _escaped(wording.failures(edition)))


def _front_matter(edition: Edition) -> Iterator[str]:
    yield "---"
    yield f"date: {edition.day.isoformat()}"
    # A JSON string is a YAML string, whatever the name holds.
    yield f"digest: {json.dumps(wording.line(edition.digest), ensure_ascii=False)}"
    yield f"edition: {edition.number}"
    yield f"documents: {edition.counts.documents}"
    yield f"repeats_removed: {edition.counts.repeats}"
    yield f"stories: {len(edition.items)}"
    yield "---"


def _corrections(edition: Edition) -> Iterator[str]:
    if edition.corrections:
        yield from ("", f"## {wording.say(edition, 'corrections')}")
    for correction in edition.corrections:
        before, now = wording.corrected(edition, correction)
        yield from ("", before, "", f"> {_escaped(correction.told)}", "")
        if correction.now:
            yield from (now, "", f"> {_escaped(correction.now.text)}")
        else:
            yield now
        yield from ("", _link(correction.link.outlet, correction.link))


def _item(edition: Edition, item: Item) -> Iterator[str]:
    yield from ("", f"### {_link(wording.headline(edition, item), item.links[0])}", "")
    yield " · ".join(filter(None, (f"*{wording.badge(edition, item)}*", wording.coverage(edition, item))))
    for quoted in wording.quotes(item):
        for number, sentence in enumerate(quoted.sentences):
            yield ">" if number else ""
            yield f"> {_escaped(sentence.text)}"
        yield from ("", _link(quoted.link.outlet, quoted.link))
    for figures in wording.differing(edition, item):
        yield from ("", f"*{_escaped(figures)}*")
    others, more = wording.also_shown(edition, item)
    if others:
        named = ", ".join(_link(link.outlet, link) for link in others)
        yield from ("", f"{wording.say(edition, 'also')} {named} {more}".rstrip())


def _link(text: str, link: Link) -> str:
    if not wording.is_web(link.url):
        return _escaped(text)
    address = re.sub(r"[()]|&(?=#?\w+;)", lambda found: _IN_ADDRESS[found[0]], wording.address(link.url))
    return f"[{_escaped(text)}]({address})"


def _escaped(text: str) -> str:
    """The text on one line, with nothing in it that Markdown takes for more than its letters."""
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", wording.line(text))
