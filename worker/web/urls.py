"""Addresses of feeds and pages: which can be asked, whose they are, and how they may be shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from worker.errors import Refused


def checked(url: str) -> str:
    """The address as it can be asked, without its fragment. Raises Refused for any scheme but http and https."""
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        raise Refused(f"{without_user(url)[:200]!r} is an impossible address") from None
    if not known:
        raise Refused(f"{without_user(url)[:200]!r} is no http or https address")
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), fragment=""))


def host(url: str) -> str:
    """The host of an address, in lower case."""
    return (urlsplit(url).hostname or "").lower().rstrip(".")


def origin(url: str) -> tuple[str, str, int | None]:
    """Whose word an address is: its scheme, host and port. Raises ValueError for an impossible one."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, host(url), parts.port or {"http": 80, "https": 443}.get(scheme)


def without_user(url: str) -> str:
    """An address as it may be shown and logged: without the user's name and password."""
    return re.sub(r"(?<=//)[^/?#\s]*@", "", url, count=1)
