"""JSON Feed 1.1 (and 1.0), as https://www.jsonfeed.org/version/1.1/ describes it; lenient where readers are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import Entry, address, language, links, moment, text

_MOST = 2000  # items; what stands behind them is old


def parsed(content: bytes, url: str = "") -> dict[str, Any]:
    """What the feed says, in the words of feed.parsed. Raises Unparsable, also for JSON that is no feed."""
    feed = _loaded(content)
    items = feed.get("items")
    if "jsonfeed.org/version/" not in text(feed.get("version")) and not isinstance(items, list):
        raise Unparsable("this is JSON, but no JSON Feed: it has no version and no items", line=1)
    author, speaks = _author(feed), language(feed.get("language"))
    found = [_entry(item, url, author, speaks) for item in (items or [])[:_MOST] if isinstance(item, Mapping)]
    return {
        "title": prose.line(text(feed.get("title"))),
        "home": address(text(feed.get("home_page_url")), url),
        "hub": next(iter(links(_texts(feed.get("hubs"), "url"), url)), ""),
        "ttl": 0,
        "skip_hours": [],
        "skip_days": [],
        "entries": [asdict(entry) for entry in found],
    }


def _loaded(content: bytes) -> Mapping[str, Any]:
    try:
        feed = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unparsable("this is no JSON Feed: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unparsable(f"this is no JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        raise Unparsable("this JSON is nested too deeply") from None
    if not isinstance(feed, dict):
        raise Unparsable("this is JSON, but no JSON Feed: no object", line=1)
    return feed


def _entry(item: Mapping[str, Any], base: str, author: str, speaks: str) -> Entry:
    identifier = item.get("id")
    guid = str(identifier) if isinstance(identifier, (str, int, float)) else ""
    link = address(text(item.get("url")), base) or address(text(item.get("external_url")), base) or address(guid)
    return Entry(
        title=prose.line(text(item.get("title"))),
        url=link,
        guid=guid[:1000],
        published=written(item.get("date_published")) or written(item.get("date_modified")),
        author=_author(item) or author,
        language=language(item.get("language")) or speaks,
        paragraphs=tuple(_body(item)),
        enclosures=links(_texts(item.get("attachments"), "url"), base),
    )


def _body(item: Mapping[str, Any]) -> list[str]:
    return (
        prose.paragraphs(text(item.get("content_html")))
        or prose.lines(text(item.get("content_text")))
        or prose.lines(text(item.get("summary")))
    )


def written(value: object) -> str:
    """A date of RFC 3339, or a day, as an entry carries it; empty for anything else."""
    try:
        return (
            moment(datetime.fromisoformat(re.sub(r"\s+(?=[+-])", "", value.strip()))) if isinstance(value, str) else ""
        )
    except ValueError:
        return ""


def _author(found: Mapping[str, Any]) -> str:
    """The names of 1.1's authors, or of 1.0's one author."""
    several = found.get("authors") if isinstance(found.get("authors"), list) else [found.get("author")]
    return ", ".join(filter(None, (prose.line(name) for name in _texts(several, "name"))))[:200]


def _texts(found: object, key: str) -> list[str]:
    one = [part.get(key) for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []
    return [found for found in one if isinstance(found, str)]
