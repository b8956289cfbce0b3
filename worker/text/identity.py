"""Identity: ids computed from an address or from what a text says, never handed out.

Each id is the first 24 hexadecimal digits (96 bits) of a SHA-256 over its parts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from worker.edition import Link
from worker.model import Document

_DIGITS = 24
#: Parameters that say only by which way a reader came, whoever uses them.
_TRACKER = re.compile(
    r"(?:utm|mtm|itm|hsa|pk|piwik|ga|oly|vero)_\w+|(?:fbc|gc|dc|yc|ymc|twc|ttc|msclk|igsh)l?id|igsh|gclsrc|[gw]braid"
    r"|mc_[ce]id|mkt_tok|s_kwcid|li_fat_id|ml_subscriber(?:_hash)?|_ga|_gl|_hsenc|_hsmi|ref_(?:src|url)"
    r"|at_(?:medium|campaign|format|custom\d|link_\w+|ptr_\w+)|ns_(?:mchannel|campaign|source|linkname|fee)",
    re.IGNORECASE,
)
_RETURNS = 1000  # whoever changes a text there and back more often is not followed
_PORTS = {"http": 80, "https": 443}


def identity(*parts: str) -> str:
    """The id of something named by these parts; a boundary between parts counts."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()[:_DIGITS]


def canonical(url: str) -> str:
    """The address without tracking parameters, fragment, credentials, default port and case of host.

    Kept is whatever may name the text: parameters like "ref" and "cid", and a fragment that begins with "!".
    Raises ValueError for one that cannot be.
    """
    from courlan import normalize_url  # 60 ms, which whoever takes nothing in saves

    given = urlsplit(url.strip())
    parts = urlsplit(normalize_url(given._replace(query="", fragment="")))
    telling = [(name, value) for name, value in parse_qsl(given.query) if not _TRACKER.fullmatch(name)]
    page = quote(given.fragment, safe="/%!=:,-?&") if given.fragment.startswith("!") else ""
    return _address(parts, urlencode(sorted(telling, key=itemgetter(0))), _bare(given.query), page)


def formerly(url: str) -> str:
    """What `canonical` made of an address before it kept "ref", "cid" and their like: documents are stored so.

    Raises ValueError for one that cannot be.
    """
    from courlan import normalize_url

    parts = urlsplit(normalize_url(url.strip()))
    return _address(parts, parts.query, _bare(urlsplit(url.strip()).query))


def _address(parts: SplitResult, query: str, bare: Iterable[str], page: str = "") -> str:
    queries = "&".join(filter(None, [query, *bare]))
    return urlunsplit((parts.scheme, _host(parts), parts.path or "/", queries, page))


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    return host if parts.port in (None, _PORTS.get(parts.scheme)) else f"{host}:{parts.port}"


def _bare(query: str) -> list[str]:
    """The parameters without a value ("story.php?4711"), which courlan drops with the trackers."""
    return sorted({quote(part, safe="%=") for part in query.split("&") if part and not part.partition("=")[2]})


def outlet(url: str) -> str:
    """The name of who published an address: its host, without "www."."""
    return (urlsplit(url).hostname or url.rsplit("/", 1)[-1]).removeprefix("www.")


def link(document: Document) -> Link:
    """The way to a document."""
    return Link(document.id, outlet(document.url), document.url, document.title, document.published, document.language)


@lru_cache(maxsize=20_000)
def publisher(url: str) -> str:
    """Who publishes an address: the domain that its owner registered ("rss.cnn.com" is "cnn.com"), else its outlet."""
    from courlan import extract_domain

    return extract_domain(url) or outlet(url)


def body(paragraphs: Iterable[str]) -> str:
    """The id of a text whatever its paragraphs' order and exact repeats: a copy has the same one."""
    return identity(*sorted(set(paragraphs)))


def revision(title: str, published: datetime | None, paragraphs: tuple[str, ...], *, shuffled: bool) -> str:
    """The id of what a document says; a shuffled one says the same in any order."""
    says = (body(paragraphs),) if shuffled else paragraphs
    return identity(title, published.isoformat() if published else "", *says)


def returns(revision: str) -> Iterator[str]:
    """The ids under which a document's revision is kept: at first its own, then one for each time that it came back."""
    yield revision
    for time in range(1, _RETURNS):
        yield identity(revision, str(time))


def document(
    *,
    source: str,
    url: str,
    title: str,
    published: datetime | None,
    paragraphs: tuple[str, ...],
    language: str,
    shuffled: bool,
) -> Document:
    """A document with its computed ids; `url` is its canonical address, `language` a code like "en" or "en-GB"."""
    return Document(
        id=identity(url),
        revision=revision(title, published, paragraphs, shuffled=shuffled),
        source=source,
        url=url,
        title=title,
        published=published,
        paragraphs=paragraphs,
        language=language.lower().partition("-")[0],
        shuffled=shuffled,
    )


def edition(digest: str, day: date, number: int) -> str:
    """The id of a digest's edition of a day."""
    return identity("edition", digest, day.isoformat(), str(number))
