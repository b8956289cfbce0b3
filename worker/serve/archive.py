"""The editions there are, and each as its page."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from worker.exporters import places
from worker.runtime import Runtime
from worker.serve.pages import EDITION_POLICY, page
from worker.services.recipients import folder
from worker.store import editions

#: What a page may not do, whatever it says itself; its own policy, which is stricter, holds as well.
_ARCHIVE_POLICY = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
_A_PAGE = 62
_MOST_PAGES = 10_000


class _Pages(StaticFiles):
    """The archive as it lies in its folder. Each page forbids by itself whatever it does not need."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """A file, which may change as long as editions come."""
        answer = super().file_response(*given, **named)
        answer.headers.update({"Content-Security-Policy": _ARCHIVE_POLICY, "Cache-Control": "private, max-age=60"})
        return answer


class Archive:
    """The editions, out of the database."""

    def __init__(self, parts: Runtime) -> None:
        self._parts = parts
        self._page = lru_cache(maxsize=16)(self._rendered)
        self.pages = _Pages(directory=parts.settings.out, html=True, check_dir=False)

    def editions(self, request: Request) -> Response:
        """Editions by month, the newest first."""
        number = _number(request.query_params.get("page", "1"))
        with self._parts.database.reading() as session:
            found = editions.entries(session, _A_PAGE + 1, (number - 1) * _A_PAGE)
        if number > 1 and not found:
            raise HTTPException(404)
        titles = {name: digest.title for name, digest in self._parts.settings.digests.items()}
        months = [(day, list(entries)) for day, entries in groupby(found[:_A_PAGE], lambda one: one.day.replace(day=1))]
        older = number + 1 if len(found) > _A_PAGE else 0
        return page("archive.html.j2", months=months, titles=titles, newer=number - 1, older=older)

    def edition(self, request: Request) -> Response:
        """An edition's page in the archive, where its evidence is; if it does not lie there, its form as a page."""
        name = request.path_params["name"]
        if not re.fullmatch("[0-9a-f]{1,64}", name):
            raise HTTPException(404)
        if place := self._place(name):
            return RedirectResponse(f"../archive/{quote(place)}", 302)
        content, tag = self._page(name)
        headers = {"ETag": tag, "Cache-Control": "private, max-age=300", "Content-Security-Policy": EDITION_POLICY}
        known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
        if tag in known:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="text/html", headers=headers)

    def _place(self, name: str) -> str:
        """Where an edition's page lies in the archive, or nothing."""
        with self._parts.database.reading() as session:
            entry = editions.entry(session, name)
        place = f"{folder(self._parts, entry.digest)}{places.page(entry)}" if entry else ""
        return place if place and (self._parts.settings.out / place).is_file() else ""

    def _rendered(self, name: str) -> tuple[bytes, str]:
        """An edition's page and its tag; frozen as it is, it is made once. Raises HTTPException."""
        with self._parts.database.reading() as session:
            edition = editions.get(session, name)
        if edition is None:
            raise HTTPException(404)
        [part] = self._parts.exporter("html").export(edition).parts
        content = part.content.encode()
        return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _number(text: str) -> int:
    """The number of a page. Raises HTTPException."""
    if not re.fullmatch("[1-9][0-9]{0,4}", text) or int(text) > _MOST_PAGES:
        raise HTTPException(404)
    return int(text)
