"""Unsubscribing by the link in each mail: a page with a button, and the one click of mail programs (RFC 8058)."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from worker.delivery.unsubscribe import Unsubscription, opened
from worker.model import Subscription
from worker.runtime import Runtime
from worker.serve.pages import message, page
from worker.store import subscriptions

#: What the form and mail programs send has 26 letters, or 200 as multipart/form-data.
_LONGEST = 4096
_SECONDS = 10
_ASK = "Nothing was changed. Ask whoever sends you the digest, or use the link in its newest mail."


class Unsubscribing:
    """The two sides of a link: looking at it changes nothing, since mail scanners follow each one they see."""

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts

    async def unsubscribe(self, request: Request) -> Response:
        """The page with the button; a POST that says so presses it."""
        if request.method != "POST":
            return await run_in_threadpool(self._asked, request)
        body = await _body(request)
        # As a form or as multipart/form-data: a mail program may send either.
        if b"List-Unsubscribe" not in body or b"One-Click" not in body:
            return message(400, "That was no request to unsubscribe", _ASK)
        return await run_in_threadpool(self._unsubscribed, request)

    def _asked(self, request: Request) -> Response:
        link = self._opened(request)
        if link is None:
            return _forged()
        with self._parts.database.reading() as session:
            reader = subscriptions.one(session, link.digest, link.address)
        if reader and reader.round != link.round:
            return _replaced()
        return self._said(link, done=_is_removed(reader))

    def _unsubscribed(self, request: Request) -> Response:
        link = self._opened(request)
        if link is None:
            return _forged()
        with self._parts.database.writing() as session:
            done = subscriptions.unsubscribe(session, link.digest, link.address, link.round, self._parts.now())
        return self._said(link, done=True) if done else _replaced()

    def _opened(self, request: Request) -> Unsubscription | None:
        return opened(request.path_params["token"], self._parts.unsubscribe_secret)

    def _said(self, link: Unsubscription, *, done: bool) -> Response:
        known = self._parts.settings.digests.get(link.digest)
        return page("unsubscribe.html.j2", title=known.title if known else link.digest, address=link.address, done=done)


async def _body(request: Request) -> bytes:
    """What was sent, if it is short and comes soon. Raises HTTPException."""
    body = b""
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > _LONGEST:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return body


def _is_removed(reader: Subscription | None) -> bool:
    return reader is not None and reader.state == "removed"


def _forged() -> Response:
    return message(403, "This link is not whole", f"It is not one of ours as it stands. {_ASK}")


def _replaced() -> Response:
    return message(410, "This link is of an earlier subscription", f"You have subscribed anew since. {_ASK}")
