"""What holds for every answer: whom we answer to, which headers go along, and what is logged."""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.serve.pages import POLICY, message
from worker.settings import ServeSettings

_log = structlog.get_logger()
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Strict:
    """An application whose every answer has strict headers, also one to an error of its own."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a line is logged that names the page, but no token, no address and nobody who asked."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()

        async def strictly(said: Message) -> None:
            if said["type"] == "http.response.start":
                headers = MutableHeaders(scope=said)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                ms = round((time.monotonic() - begun) * 1000)
                page = getattr(scope.get("endpoint"), "__name__", "")
                _log.info("answered", method=scope["method"], page=page, status=said["status"], ms=ms)
            await send(said)

        app = self._app if is_ours(asked_host(Headers(scope=scope)), self._settings) else _elsewhere
        await app(scope, receive, strictly)


def asked_host(headers: Headers) -> str:
    """The host that was asked for, in lower case and without its port."""
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return "."


def is_ours(host: str, settings: ServeSettings) -> bool:
    """Whether we answer to a name: a number, a name without a dot, or one that is set.

    Any other may be a stranger's page that leads its name to this machine, to have its visitor's browser read from us.
    """
    if "." not in host or host in (settings.host.lower(), urlsplit(settings.base_url).hostname):
        return True
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def comes_from_outside(request: Request, settings: ServeSettings) -> bool:
    """Whether a request came through a proxy, or by the name under which the world reaches us."""
    public = urlsplit(settings.base_url).hostname
    return any(name in request.headers for name in _FORWARDED) or asked_host(request.headers) == public


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    about = "Ask by the machine's number, by localhost, or by the address in serve.base_url."
    await message(421, "That is not a name of this server", about)(scope, receive, send)
