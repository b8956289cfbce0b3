"""For whoever operates it: whether it is well, its numbers, and how each source does."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from worker.errors import UnburyError
from worker.runtime import Runtime
from worker.serve.pages import page
from worker.serve.strict import comes_from_outside
from worker.status.feeds import health
from worker.status.metrics import metrics
from worker.status.state import hindrance, standing
from worker.store.database import head


class Operating:
    """Pages that say much: but for the first, they are not for the world."""

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts

    def health(self, request: Request) -> Response:
        """Whether the database is reachable, and of this version."""
        try:
            found = self._parts.database.version()
        except UnburyError:
            return JSONResponse({"status": "the database cannot be reached"}, 503)
        if found != head():
            return JSONResponse({"status": "the database is of another version"}, 503)
        return JSONResponse({"status": "ok"})

    def ready(self, request: Request) -> Response:
        """Whether work gets done: it ticks, and nothing waits for a worker."""
        try:
            wrong = hindrance(self._parts)
        except UnburyError:
            wrong = "the database cannot be reached"
        return JSONResponse({"status": wrong or "ok"}, 503 if wrong else 200)

    def metrics(self, request: Request) -> Response:
        """What `unbury status --prometheus` says."""
        self._refuse_strangers(request)
        return PlainTextResponse(metrics(standing(self._parts)), media_type="text/plain; version=0.0.4")

    def sources(self, request: Request) -> Response:
        """What `unbury feeds list` says."""
        self._refuse_strangers(request)
        return page("sources.html.j2", sources=health(self._parts))

    def _refuse_strangers(self, request: Request) -> None:
        if comes_from_outside(request, self._parts.settings.serve):
            raise HTTPException(404)
