"""Feeds and pages that hurt parsers, made when they are needed: each hurts in another place."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

_HEAD = b'<?xml version="1.0"?>\n'
_LONG = 200_000


def rss(item: bytes, doctype: bytes = b"", title: bytes = b"t") -> bytes:
    body = b'<rss version="2.0"><channel><title>' + title + b"</title><item><title>x</title>" + item
    return _HEAD + doctype + body + b"</item></channel></rss>"


def described(text: bytes) -> bytes:
    return rss(b"<description><![CDATA[" + text + b"]]></description>")


def _entities(levels: int) -> bytes:
    steps = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, levels))
    return b'<!DOCTYPE rss [<!ENTITY e0 "laughter">' + steps + b"]>"


def bombs() -> dict[str, bytes]:
    """XML whose entities grow, go round in circles, or lead elsewhere."""
    outside = b'<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY n SYSTEM "http://127.0.0.1:9/x">]>'
    parameters = b'<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>'
    circle = b'<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
    return {
        "billion laughs": rss(b"<description>&e9;</description>", _entities(10)),
        "million laughs": rss(b"<description>&e6;</description>", _entities(7)),
        "quadratic": rss(
            b"<description>" + b"&a;" * 20_000 + b"</description>",
            b'<!DOCTYPE rss [<!ENTITY a "' + b"A" * 100_000 + b'">]>',
        ),
        "circle": rss(b"<description>&a;</description>", circle),
        "outside": rss(b"<description>&f;&n;</description>", outside),
        "parameters": rss(b"<description>&n;</description>", parameters),
        "dtd": rss(b"", b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/dtd">'),
        "many entities": rss(
            b"", b"<!DOCTYPE rss [" + b"".join(b'<!ENTITY x%d "y">' % n for n in range(20_000)) + b"]>"
        ),
    }


def _item(number: int) -> bytes:
    link = b"<link>http://x.example/%d</link><guid>%d</guid>" % (number, number)
    return (
        b"</item><item><title>Story %d</title>" % number
        + link
        + b"<description><![CDATA[<p>"
        + b"word " * 200
        + b"</p>]]></description>"
    )


def _noise() -> bytes:
    return random.Random(1).randbytes(5_000_000)


#: By name, what makes it: large ones are not kept.
CORPUS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "noise": _noise,
    "NUL": lambda: rss(b"<description>a\0b\x01</description>", title=b"a\0b"),
    "no such encoding": lambda: (
        b'<?xml version="1.0" encoding="no-such"?><rss version="2.0"><channel><item><title>caf\xe9</title></item></channel></rss>'
    ),
    "wrong encoding": lambda: (
        b'<?xml version="1.0" encoding="utf-16"?><rss version="2.0"><channel><item><title>caf\xc3\xa9</title></item></channel></rss>'
    ),
    "UTF-7": lambda: (
        b'<?xml version="1.0" encoding="utf-7"?><rss version="2.0"><channel><title>+ADw-script+AD4-</title></channel></rss>'
    ),
    "cut off": lambda: rss(b"<description>one")[:-40],
    "10 MB of entries": lambda: rss(b"".join(_item(n) for n in range(8_500))),
    "10 MB in one": lambda: described(b"<p>hello <b>world</b></p>" * 400_000),
    "deep XML": lambda: rss(b"<d>" * 1_000_000 + b"</d>" * 1_000_000),
    "deep XML never closed": lambda: rss(b"<d>" * 3_000_000),
    "deep HTML": lambda: described(b"<div>" * 2_000_000 + b"hi"),
    "deep bold": lambda: described(b"<b><i><u>" * 200_000 + b"hi"),
    "deep tables": lambda: described(b"<table><tr><td>" * 100_000 + b"hi"),
    "attributes": lambda: (
        _HEAD
        + b'<rss version="2.0"><channel><item '
        + b" ".join(b'a%d="x"' % n for n in range(_LONG))
        + b"><title>x</title></item></channel></rss>"
    ),
    "attributes in HTML": lambda: described(b"<p " + b" ".join(b'a%d="x"' % n for n in range(_LONG)) + b">hi</p>"),
    "namespaces": lambda: _HEAD + b"<rss " + b" ".join(b'xmlns:n%d="u%d"' % (n, n) for n in range(50_000)) + b"/>",
    "author": lambda: rss(b"<author>a@" + b"a." * 80_000 + b"</author>"),
    "creator": lambda: rss(
        b'<dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/"><![CDATA[a@' + b"a." * 80_000 + b"]]></dc:creator>"
    ),
    "comments": lambda: described(b"<!--" * 500_000),
    "comments in XML": lambda: rss(b"<!--" * 500_000),
    "declarations": lambda: described(b"<!" * 1_000_000),
    "angles": lambda: rss(b"<description>" + b"&lt;" * 500_000 + b"</description>"),
    "bare angles": lambda: b"<rss><channel>" + b"<" * 5_000_000,
    "ampersands": lambda: rss(b"", title=b"&" * 5_000_000),
    "bare ampersands": lambda: rss(b"<description>" + b"& " * 1_000_000 + b"</description>"),
    "digits for a date": lambda: rss(b"<pubDate>" + b"1" * _LONG + b"</pubDate>"),
    "blanks for a date": lambda: rss(b"<pubDate>" + b" " * _LONG + b"x</pubDate>"),
    "entities": lambda: _HEAD + b"<!DOCTYPE " + b"<!ENTITY " * _LONG + b"><rss/>",
    "links": lambda: described(b'<a href="http://x.example/">' * 300_000),
    "a long word": lambda: described(b"x" * 9_000_000),
    "blank": lambda: described(b" " * 9_000_000),
    "JSON": lambda: b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"[" * 1_000_000,
    "JSON of items": lambda: (
        b'{"version": "https://jsonfeed.org/version/1.1", "items": ['
        + b",".join([b'{"id": 1, "content_html": "<p>hi"}'] * 250_000)
        + b"]}"
    ),
    "page": lambda: (
        b"<!doctype html><html><head>" + b'<link rel="alternate" type="application/rss+xml" href="/f">' * 160_000
    ),
    "gzip": lambda: gzip.compress(bytes(2**24)),
    "a header injected": lambda: rss(b"", title=b"=?utf-8?q?a=0D=0ABcc:_v@x?="),
    **{name: (lambda content=content: content) for name, content in bombs().items()},  # type: ignore[misc]
}
