"""Traps cut out before a parser falls into them.

feedparser 6.0.14 needs 66 s for 160 kB of `a@a.a.a…` in an author (a regular expression that backtracks), and
more than 60 s for 200,000 attributes on one element (it looks each up among all others). Measured with these
cuts: neither costs more than an ordinary feed of its size.
"""

from __future__ import annotations

import re

from worker.errors import Unparsable

_LONGEST = 500  # characters of a name, a date or a number; nobody's is longer
_SHORT = re.compile(
    rb"(<(?:[\w.-]{1,30}:)?(?:author|creator|contributor|managingEditor|webMaster|publisher|owner|name|email|credit"
    rb"|pubDate|published|updated|modified|created|issued|expirationDate|date|lastBuildDate|ttl|language|rights|hour|day)"
    rb"\b[^<>]{0,300}>\s{0,99}(?:<!\[CDATA\[)?[^<]{%d})[^<]+" % _LONGEST,
    re.IGNORECASE,
)
_ATTRIBUTES = 256  # of one element
_TAG = re.compile(rb"<[^<>]{1500,}>")  # so many attributes need so many characters
_DEPTH = 5_000  # 100,000 elements in each other took 1.2 s, and a million 12.7 s and 390 MB
_RUNS = re.compile(rb"(&{16}|<{16})[&<]*")  # a megabyte of either took 1.4 and 1.8 s
_NESTING = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)[A-Za-z][^<>]*?(/?)>", re.DOTALL)
_ALONE = re.compile(rb"<(?:br|hr|img|input|link|meta|p|li|td|tr|option|dt|dd)\b", re.IGNORECASE)


def screened(content: bytes) -> bytes:
    """A feed without its traps. Raises Unparsable for an element of too many attributes, or too deep a nesting."""
    for tag in _TAG.finditer(content):
        if tag[0].count(b"=") > _ATTRIBUTES and len(re.findall(rb"\s[\w:.-]+\s*=\s*[\"']", tag[0])) > _ATTRIBUTES:
            raise Unparsable(f"an element has more than {_ATTRIBUTES} attributes", line=_line(content, tag.start()))
    if content.count(b"<") > _DEPTH:
        _check_depth(content)
    return _RUNS.sub(rb"\1", _SHORT.sub(rb"\1", content))


def _check_depth(content: bytes) -> None:
    depth = 0
    for tag in _NESTING.finditer(content):
        if tag[1] is None or tag[2] or _ALONE.match(tag[0]):
            continue
        depth += -1 if tag[1] else 1
        if depth > _DEPTH:
            raise Unparsable(f"more than {_DEPTH} elements stand in each other", line=_line(content, tag.start()))


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1
