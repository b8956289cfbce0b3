"""What answers which address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import structlog
from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from worker.errors import UnburyError
from worker.runtime import Runtime
from worker.serve.archive import Archive
from worker.serve.operating import Operating
from worker.serve.pages import message
from worker.serve.strict import Strict
from worker.serve.unsubscribing import Unsubscribing

_log = structlog.get_logger()
#: Fewer than the database's pool has connections, so that nobody waits for one.
_THREADS = 8
_ABOUT = {404: "There is nothing at this address.", 405: "This address does not do that.", 413: "That is too long."}


def app(parts: Runtime) -> Strict:
    """The application."""
    leaving, archive, operating = Unsubscribing(parts), Archive(parts), Operating(parts)
    starlette = Starlette(
        routes=[
            Route("/", archive.editions),
            Route("/editions/{name}", archive.edition),
            Mount("/archive", archive.pages, name="archive"),
            Route("/unsubscribe/{token}", leaving.unsubscribe, methods=["GET", "POST"]),
            Route("/healthz", operating.health),
            Route("/readyz", operating.ready),
            Route("/metrics", operating.metrics),
            Route("/sources", operating.sources),
        ],
        exception_handlers={HTTPException: _refused, UnburyError: _failed, Exception: _broken},
        lifespan=_lifespan,
    )
    starlette.router.redirect_slashes = False  # RFC 8058 forbids to answer with a redirect
    return Strict(starlette, parts.settings.serve)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = message(status, HTTPStatus(status).phrase, _ABOUT.get(status, "Please try again."))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def _failed(request: Request, error: Exception) -> Response:
    """What is wrong stands in the log: it names the database, and is nobody else's business."""
    _log.error("failed", error=str(error))
    return message(503, "That does not work at the moment", "Nothing was changed. Please try again in a while.")


def _broken(request: Request, error: Exception) -> Response:
    return message(500, "Something is broken here", "It is not your fault, and it was written down.")


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = _THREADS
    yield
