"""What people keep in files: plain text, Markdown, JSON Lines. Runs in the parser's process."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import Entry, address, language
from worker.parsers.jsonfeed import written
from worker.text.clean import cleaned, decoded

_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MOST = 20_000  # lines of JSON in one file
_NAMES = {
    "title": ("title", "headline", "name"),
    "url": ("url", "link", "canonical_url", "source"),
    "published": ("published", "date", "date_published", "created", "updated"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
    "guid": ("id", "guid"),
}


def plain(content: bytes) -> dict[str, Any]:
    """The entry of a plain text: its first line is its title. Raises Unparsable."""
    text = cleaned(decoded(content))
    first, _, rest = text.strip().partition("\n")
    return _entry({"title": first}, prose.lines(rest) or prose.lines(first))


def markdown(content: bytes) -> dict[str, Any]:
    """The entry of a Markdown text, with what its front matter (YAML or TOML) says of it. Raises Unparsable."""
    from markdown_it import MarkdownIt

    text = cleaned(decoded(content))
    front = _FRONT.match(text)
    about = _front(front[1], front[2]) if front else {}
    # Raw HTML stays, as the paragraphs of prose show it: without what a browser would act on.
    page = MarkdownIt("commonmark").enable("table").render(text[front.end() :] if front else text)
    heading = re.match(r"\s*<h1>(.*?)</h1>", page, re.DOTALL)
    if heading and not about.get("title"):
        about, page = {**about, "title": prose.line(heading[1])}, page[heading.end() :]
    return _entry(about, prose.paragraphs(page))


def _front(fence: str, text: str) -> dict[str, Any]:
    import yaml

    try:
        found = tomllib.loads(text) if fence == "+++" else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # TOML's own error is a ValueError
        raise Unparsable(f"its front matter cannot be read: {' '.join(str(error).split())}"[:300], line=1) from None
    return found if isinstance(found, dict) else {}


def lines(content: bytes) -> dict[str, Any]:
    """The entries of JSON Lines, and what is wrong with lines that are none. Raises Unparsable if all are."""
    entries, warnings = [], []
    rows = cleaned(decoded(content)).split("\n")
    for number, row in enumerate(rows[:_MOST], 1):
        if not row.strip():
            continue
        try:
            entries.append(_line(row))
        except (Unparsable, ValueError, RecursionError) as error:
            warnings.append((f"this line is left out: {error}"[:300], number))
    if len(rows) > _MOST:
        warnings.append((f"only the first {_MOST} lines are taken", _MOST + 1))
    if not entries:
        message, line = warnings[0] if warnings else ("the file is empty", 1)
        raise Unparsable(message, line=line)
    return {"entries": entries, "warnings": warnings}


def _line(row: str) -> dict[str, Any]:
    found = json.loads(row)
    if not isinstance(found, dict):
        raise Unparsable('it is no object like {"title": …, "text": …}')
    parts = found.get("paragraphs")
    if isinstance(parts, list):
        paragraphs = [line for part in parts if isinstance(part, str) for line in prose.lines(part)]
    else:
        html = next((found[name] for name in ("html", "content_html") if isinstance(found.get(name), str)), "")
        names = ("text", "content", "body", "content_text", "summary")
        said = next((found[name] for name in names if isinstance(found.get(name), str)), "")
        paragraphs = prose.paragraphs(html) or prose.lines(said)
    return _entry(found, paragraphs)


def _entry(about: Mapping[str, Any], paragraphs: list[str]) -> dict[str, Any]:
    if not any(any(map(str.isalnum, paragraph)) for paragraph in paragraphs):
        raise Unparsable("there is no text in it")
    said = {name: _said(about, keys) for name, keys in _NAMES.items()}
    return asdict(
        Entry(
            title=" ".join(cleaned(said["title"]).split()),
            url=address(said["url"]),
            guid=said["guid"][:1000],
            published=_day(said["published"]),
            author=said["author"][:200],
            language=language(said["language"]),
            paragraphs=tuple(paragraphs),
        )
    )


def _said(about: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these keys that says something, as text; YAML and TOML make dates of dates."""
    for name in names:
        value = about.get(name)
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value).strip()
    return ""


def _day(value: str) -> str:
    return written(f"{value[:4]}-{value[4:6]}-{value[6:]}" if re.fullmatch(r"\d{8}", value) else value)
