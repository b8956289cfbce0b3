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
    for feed in feeds:
        _put(_body(root), feed)
    return _bytes(root)


def without_feed(content: bytes, url: str) -> bytes:
    """The list without the feeds of an address; all else stays as it is. Raises ConfigError."""
    root = _tree(content)
    for outline in _of(root, url):
        _take_out(outline)
    return _bytes(root)


def moved(content: bytes, url: str, section: str) -> bytes:
    """The list with the feeds of an address in another folder; all else stays as it is. Raises ConfigError."""
    root = _tree(content)
    for outline in _of(root, url):
        _take_out(outline)
        _folder(_body(root), section).append(outline)
    return _bytes(root)


def _of(root: etree._Element, url: str) -> list[etree._Element]:
    """The outlines of an address. Raises ConfigError where there is none."""
    found = [outline for outline in root.iter("outline") if address(_link(outline)) == url]
    if not found:
        raise ConfigError(f"the list of feeds has no outline whose xmlUrl is {url}", "mend it by hand")
    return found


def _link(outline: etree._Element) -> str:
    """The address of an outline's feed; lists write its attribute as xmlUrl, xmlurl or XMLURL."""
    return next((str(value) for name, value in outline.attrib.items() if str(name).lower() == "xmlurl"), "")


def _take_out(outline: etree._Element) -> None:
    """Take an outline out of its folder, where what stands inside it stays."""
    folder = outline.getparent()
    if folder is not None:
        place = folder.index(outline)
        folder[place : place + 1] = list(outline)


def _body(root: etree._Element) -> etree._Element:
    there = root.find("body")
    return etree.SubElement(root, "body") if there is None else there


def _put(body: etree._Element, feed: ListedFeed) -> None:
    named = {"type": "rss", "text": feed.title or feed.url, "xmlUrl": feed.url}
    titled = {"title": feed.title} if feed.title else {}
    etree.SubElement(_folder(body, feed.section), "outline", named | titled)


def _folder(body: etree._Element, section: str) -> etree._Element:
    """The folder of a section, which is made where there is none."""
    folder = body
    for name in filter(None, section.split(" / ")):
        inside = next((one for one in folder.iterfind("outline") if one.get("text") == name and not _link(one)), None)
        folder = etree.SubElement(folder, "outline", text=name) if inside is None else inside
    return folder


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
