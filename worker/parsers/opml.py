"""Lists of feeds in OPML, read by listparser and written; folders are sections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from worker.errors import ConfigError, Unparsable
from worker.parsers.entry import address
from worker.text.clean import cleaned


@dataclass(frozen=True)
class ListedFeed:
    """A feed in a list: its address, its name, and its folder ("News / Local" for one in another)."""

    url: str
    title: str = ""
    section: str = ""


def parsed(content: bytes) -> dict[str, Any]:
    """The feeds of a list, each address once. Raises Unparsable if it is none."""
    import listparser

    if not content.strip():
        raise Unparsable("it is empty")
    found = listparser.parse(content)
    feeds = [
        ListedFeed(address(feed.url), " ".join(cleaned(feed.title or "").split()), _section(feed.categories))
        for feed in found.feeds
    ]
    good = list({feed.url: feed for feed in reversed(feeds) if feed.url}.values())[::-1]
    if not found.version and not good:
        raise Unparsable(f"this is no OPML: {found.bozo_exception}"[:200] if found.bozo else "this is no OPML")
    return {"feeds": [asdict(feed) for feed in good]}


def _section(categories: Iterable[Iterable[str]]) -> str:
    return " / ".join(" ".join(cleaned(name).split()) for name in next(iter(categories), ()))


def written(feeds: Iterable[ListedFeed]) -> bytes:
    """A list of feeds as OPML 2.0, in folders."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Unbury"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        _put(body, feed)
    return _bytes(root)


def with_feeds(content: bytes, feeds: Iterable[ListedFeed]) -> bytes:
    """The list with more feeds; all else stays as it is. Raises ConfigError."""
    root = _tree(content)
    there = root.find("body")
    body = etree.SubElement(root, "body") if there is None else there
    for feed in feeds:
        _put(body, feed)
    return _bytes(root)


def without_feed(content: bytes, url: str) -> bytes:
    """The list without the feeds of an address; all else stays as it is. Raises ConfigError."""
    root = _tree(content)
    for outline in list(root.iter("outline")):
        folder = outline.getparent()
        if folder is not None and address(outline.get("xmlUrl") or "") == url:
            folder.remove(outline)
    return _bytes(root)


def _put(body: etree._Element, feed: ListedFeed) -> None:
    folder = body
    for name in filter(None, feed.section.split(" / ")):
        inside = next(
            (one for one in folder.iterfind("outline") if one.get("text") == name and not one.get("xmlUrl")), None
        )
        folder = etree.SubElement(folder, "outline", text=name) if inside is None else inside
    named = {"type": "rss", "text": feed.title or feed.url, "xmlUrl": feed.url}
    etree.SubElement(folder, "outline", named | ({"title": feed.title} if feed.title else {}))


def _tree(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ConfigError(
            f"the list of feeds is not valid XML: {error}", "mend it by hand, or take a new file"
        ) from None
    if root.tag != "opml":
        raise ConfigError(f"the list of feeds is no OPML: it begins with <{root.tag}>", "take a new file")
    return root


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
