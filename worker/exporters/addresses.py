"""Addresses and ids as feeds and books have to have them: a URI by the letter, or none."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from worker.edition import Edition, Item, Link
from worker.exporters import wording
from worker.settings import Settings

_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
#: What stands in a path, a query or a fragment as it is (RFC 3986, 3.3).
_LETTERS = "/:@!$&'()*+,;=%~"


def strict(edition: Edition) -> Edition:
    """The edition with each address as a URI, and none where it leads nowhere: such a source is named, not linked."""
    items = tuple(_strict(item) for item in edition.items)
    corrections = tuple(replace(one, link=_linked(one.link)) for one in edition.corrections)
    return replace(edition, items=items, corrections=corrections)


def uri(url: str) -> str:
    """The address as a URI (RFC 3986), without credentials; or nothing, if it is none of the web's."""
    if not wording.is_web(url):
        return ""
    try:
        parts = urlsplit(wording.address(url))
        where = _host(parts.hostname or "") + (f":{parts.port}" if parts.port is not None else "")
    except ValueError:
        return ""
    query = f"?{quote(parts.query, safe=_LETTERS + '?')}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe=_LETTERS + '?')}" if parts.fragment else ""
    return f"{parts.scheme}://{where}{quote(parts.path, safe=_LETTERS)}{query}{fragment}"


def page(settings: Settings, edition: Edition) -> str:
    """Where an edition's page can be reached by all the world, or nothing if it cannot."""
    base = settings.serve.base_url
    return f"{base}/editions/{edition.id}" if base else ""


def tag(settings: Settings, day: str, name: str) -> str:
    """An id that nobody else gives: of the site's host, if it has an address, of a day, and a name (RFC 4151)."""
    base = urlsplit(uri(settings.serve.base_url) or "https://unbury.invalid")
    return f"tag:{base.hostname},{day}:{base.path.rstrip('/')}/{name}"


def edition_tag(settings: Settings, edition: Edition) -> str:
    """The id of an edition, the same wherever it appears and whenever it is written."""
    return tag(settings, edition.day.isoformat(), f"editions/{quote(edition.id)}")


def _strict(item: Item) -> Item:
    return replace(item, links=tuple(map(_linked, item.links)))


def _linked(link: Link) -> Link:
    return replace(link, url=uri(link.url))


def _host(name: str) -> str:
    """A host as machines know it. Raises ValueError for what can be none."""
    if ":" in name:
        return f"[{ip_address(name).compressed.partition('%')[0]}]"
    host = name.encode("idna").decode()
    if not _HOST.fullmatch(host) or not host.encode().decode("idna"):
        raise ValueError(name)
    return str(ip_address(host)) if host.rpartition(".")[2].isdigit() else host
