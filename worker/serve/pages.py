"""The pages' frame: one look for all, and a policy that lets them load and run nothing."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse

from worker.exporters import templates

_STYLE = files("worker.serve").joinpath("templates/style.css").read_text(encoding="utf-8")
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src"
POLICY = f"{_NOTHING} 'sha256-{_HASH}'"
#: An edition brings its own style, and runs no script either.
EDITION_POLICY = f"{_NOTHING} 'unsafe-inline'"


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page made of a template."""
    content = _environment().get_template(template).render(style=Markup(_STYLE), **values)  # noqa: S704  # our own
    return HTMLResponse(content, status)


def message(status: int, title: str, about: str) -> HTMLResponse:
    """A page that says one thing."""
    return page("message.html.j2", status, title=title, about=about)


@cache
def _environment() -> Environment:
    return templates.environment(PackageLoader("worker.serve"))
