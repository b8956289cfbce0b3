"""The edition as one HTML page that asks the network for nothing and runs nothing."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from worker.edition import Edition
from worker.exporters import wording
from worker.model import Rendition
from worker.settings import Settings
from worker.text.clean import cleaned


class Html:
    """Writes an edition as HTML."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Nothing is set for it."""

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/html."""
        content = _template().render(edition=edition, wording=wording)
        return wording.rendition(edition, "text/html", "html", content)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("worker.exporters"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("digest.html.j2")


def _finalized(value: object) -> object:
    # Each value by itself: over the whole page, NFC would melt a tag's ">" with a combining mark.
    return cleaned(value) if type(value) is str else value
