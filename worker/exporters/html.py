"""The edition as one HTML page that asks the network for nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.edition import Edition
from worker.exporters import places, templates, wording
from worker.exporters.phrases import phrases
from worker.model import Rendition
from worker.settings import Settings


@dataclass(frozen=True)
class Way:
    """A way to another page: its address from here, and how it is called."""

    href: str
    text: str


@dataclass(frozen=True)
class Around:
    """What lies around an edition's page in the archive; `stories` are the addresses of the evidence by story's id."""

    index: str
    search: str
    earlier: Way | None = None
    later: Way | None = None
    stories: Mapping[str, str] = field(default_factory=dict)


class Html:
    """Writes an edition as HTML."""

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's template, if there is one."""
        self._folder = (settings or Settings()).templates

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/html. Raises ConfigError for a template of the user's that is broken."""
        return wording.rendition(edition, "text/html", "html", page(self._folder, edition))


def page(folder: str, edition: Edition, around: Around | None = None) -> str:
    """The edition's page, alone or in the archive. Raises ConfigError for a template of the user's that is broken."""
    values = {
        "edition": edition,
        "words": phrases(edition.language),
        "names": places.names(item.story.id for item in edition.items),
        "around": around,
    }
    return templates.filled(folder, "digest.html.j2", values)
