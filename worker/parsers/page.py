"""A page's own text, without what stands around it; found by trafilatura. Runs in the parser's process."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from worker.errors import Unparsable
from worker.parsers import prose
from worker.parsers.entry import Entry, address, language, links
from worker.parsers.jsonfeed import written

_ELEMENTS = 30_000  # 100,000 paragraphs took trafilatura 10.5 s
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def parsed(content: bytes, url: str = "", media_type: str = "") -> dict[str, Any]:
    """An entry: the title, date, author, address and paragraphs of a page. Raises Unparsable without a text."""
    text = _decoded(content, media_type)
    if text.count("<") > 2 * _ELEMENTS:
        raise Unparsable(f"the page has more than {_ELEMENTS} elements")
    found, about = _extracted(text, url)
    paragraphs = tuple(found or prose.paragraphs(text))
    if not paragraphs:
        raise Unparsable("the page has no text")
    return asdict(
        Entry(
            title=prose.line(about.get("title") or "") or _title(text),
            url=next(iter(links([about.get("url") or ""])), "") or address(url),
            published=written(about.get("date")),
            author=prose.line(about.get("author") or "")[:200],
            language=language(about.get("language")) or _language(text),
            paragraphs=paragraphs,
        )
    )


def _extracted(text: str, url: str) -> tuple[list[str], dict[str, Any]]:
    """The paragraphs that are the page's own, and what it says of itself."""
    from trafilatura import bare_extraction
    from trafilatura.settings import use_config

    config = use_config()
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")  # its alarm is ours
    found = bare_extraction(
        text, url=url or None, favor_precision=True, include_comments=False, with_metadata=True, config=config
    )
    if found is None or isinstance(found, dict):
        return [], {}
    about = {name: getattr(found, name, None) for name in ("title", "author", "date", "url", "language")}
    return [" ".join(part.split()) for part in (found.text or "").split("\n") if part.strip()], about


def _decoded(content: bytes, media_type: str = "") -> str:
    """A page's text: by the server's word, its own, or as UTF-8 or Windows' Latin-1."""
    said = _CHARSET.search(media_type)
    own = _META.search(content[:2048])
    for name in (said and said[1], own and own[1].decode("ascii", "ignore"), "utf-8"):
        try:
            if name:
                return content.decode(name).removeprefix("\ufeff")
        except (LookupError, UnicodeError):
            continue
    return content.decode("cp1252", "replace")


def _title(text: str) -> str:
    page = prose.tree(text[: 2**20])
    title = page.find(".//title") if page is not None else None
    return prose.line(title.text or "") if title is not None else ""


def _language(text: str) -> str:
    page = prose.tree(text[: 2**16])
    return language(page.get("lang")) if page is not None else ""
