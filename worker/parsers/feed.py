"""Feeds, parsed: RSS 0.9x to 2.0, RDF, Atom and CDF by feedparser, JSON Feed 1.1; and a page's links to them.

It runs in the parser's process, and is given bytes: feedparser opens whatever looks like an address.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import Entry, address, language, links, moment, text
from worker.parsers.screen import screened
from worker.text.clean import cleaned

_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_FEED_TYPES = {
    "application/rss+xml": 0, "application/atom+xml": 0, "application/feed+json": 1, "application/rdf+xml": 1,
    "text/xml": 2, "application/xml": 2, "application/json": 2,
}  # fmt: skip
_SKIP = re.compile(rb"<skip(Hours|Days)>(.{0,2000}?)</skip\1>", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(rb"<(?:hour|day)>\s*(\w{1,9})\s*<", re.IGNORECASE)
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_WITH_MAIL = re.compile(r"(?:([^()<>]+?)\s*[(<]\S+@\S+?[)>]|\S+@\S+\s*\(([^()]+)\))")
_MOST = 2000  # entries; what stands behind them is old


def parsed(content: bytes, url: str = "", media_type: str = "") -> dict[str, Any]:
    """What a feed says: title, home, hub, language, ttl (seconds), skip_hours, skip_days, entries.

    For a page, `alternates` are the feeds that it names. Raises Unparsable for what is neither.
    """
    if not content.strip():
        raise Unparsable("it is empty")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in b"{[":
        from worker.parsers.jsonfeed import parsed as json_feed

        return json_feed(content, url)
    if _PAGE.match(content.removeprefix(b"\xef\xbb\xbf")[:4096]):
        return {"alternates": _alternates(content, url)}
    return _by_feedparser(content, url, media_type)


def _by_feedparser(content: bytes, url: str, media_type: str) -> dict[str, Any]:
    import feedparser

    headers = {"content-type": media_type or "application/xml", **({"content-location": url} if url else {})}
    found = feedparser.parse(
        io.BytesIO(screened(content)), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    feed = found.feed
    if not found.version and not found.entries and not feed.get("title"):
        alternates = _alternates(content, url)
        if alternates:
            return {"alternates": alternates}
        raise Unparsable("this is no feed: no RSS, RDF, Atom, CDF or JSON Feed", line=1)
    speaks = language(feed.get("language"))
    entries = [_entry(entry, url, speaks) for entry in found.entries[:_MOST]]
    return {
        "title": prose.line(text(feed.get("title"))),
        "home": address(text(feed.get("link")), url),
        "hub": next(iter(links(_hubs(feed), url)), ""),
        "ttl": _ttl(feed),
        **_skips(content),
        "entries": [asdict(entry) for entry in entries],
    }


def _hubs(feed: Any) -> list[str]:
    return [text(link.get("href")) for link in feed.get("links", []) if link.get("rel") == "hub"]


def _entry(found: Any, base: str, speaks: str) -> Entry:
    body, said = _body(found)
    guid = cleaned(text(found.get("id"))).strip()
    enclosures = links((text(one.get("href")) for one in found.get("enclosures", [])), base)
    link = address(text(found.get("link")), base) or address(guid) or "".join(enclosures[:1])
    return Entry(
        title=_titled(found),
        url=link,
        guid=guid[:1000],
        published=_published(found),
        author=_named(prose.line(text(found.get("author")))),
        language=language(said) or language(found.get("language")) or speaks,
        paragraphs=tuple(body),
        enclosures=enclosures,
    )


def _titled(found: Any) -> str:
    title = text(found.get("title"))
    plain = found.get("title_detail", {}).get("type") == "text/plain" and "&" not in title
    return " ".join(cleaned(title).split()) if plain and "<" not in title else prose.line(title)


def _body(found: Any) -> tuple[list[str], object]:
    """The paragraphs of an entry and what it says of their language: its content, else its summary."""
    summary = found.get("summary_detail") or {"value": found.get("summary"), "type": "text/html"}
    for part in [*sorted(found.get("content", []), key=lambda one: "html" not in text(one.get("type"))), summary]:
        kind = text(part.get("type")) or "text/html"
        value = text(part.get("value"))
        if not kind.startswith(("audio/", "image/", "video/")):
            paragraphs = prose.lines(value) if kind == "text/plain" else prose.paragraphs(value)
            if paragraphs:
                return paragraphs, part.get("language")
    return [], ""


def _named(author: str) -> str:
    """The name in "Ida Brandt (ida@paper.example)" or in "ida@paper.example (Ida Brandt)"."""
    match = _WITH_MAIL.fullmatch(author)
    return ((match[1] or match[2]) if match else author)[:200].strip()


def _published(found: Any) -> str:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        when = dict.get(found, name)  # feedparser's own `get` takes one for another
        if when:
            try:
                return moment(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=timegm(when)))
            except (OverflowError, ValueError, TypeError):
                continue
    return ""


def _ttl(feed: Any) -> int:
    """Seconds for which the feed asks to be left alone, by its ttl (minutes) or sy:updatePeriod."""
    ttl = text(feed.get("ttl")).strip()
    if ttl.isdecimal():
        return int(ttl[:7]) * 60
    period = _PERIODS.get(text(feed.get("sy_updateperiod")).strip().lower(), 0)
    often = text(feed.get("sy_updatefrequency")).strip()
    return period // max(int(often[:6]) if often.isdecimal() else 1, 1)


def _skips(content: bytes) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"skip_hours": [], "skip_days": []}
    for kind, inside in _SKIP.findall(content):
        names = [name.decode("ascii", "ignore") for name in _NAMED.findall(inside)]
        if kind.lower() == b"hours":
            found["skip_hours"] = sorted({int(name) % 24 for name in names if name.isdecimal() and int(name) <= 24})
        else:
            found["skip_days"] = [name.capitalize() for name in names]
    return found


def _alternates(content: bytes, url: str) -> list[str]:
    """The feeds that a page names, the likeliest first: comments' feeds last, RSS and Atom before others."""
    page = prose.tree(content[: 2**20].decode("utf-8", "replace"))
    if page is None:
        return []
    based = page.find(".//base")
    base = address((based.get("href") or "") if based is not None else "", url) or url
    named = []
    for place, link in enumerate(page.iter("link")):
        rank = _FEED_TYPES.get((link.get("type") or "").partition(";")[0].strip().lower())
        if "alternate" in (link.get("rel") or "").lower().split() and rank is not None:
            of_comments = "comment" in f"{link.get('title')} {link.get('href')}".lower()
            named.append((of_comments, rank, place, address(link.get("href") or "", base)))
    return [found for *_, found in sorted(named) if found]
