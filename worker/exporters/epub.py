"""The edition as a book for e-readers: EPUB 3, of the same bytes on every machine."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC

from worker.edition import Correction, Edition, Item
from worker.exporters import addresses, places, templates, wording
from worker.model import Part, Rendition
from worker.settings import Settings

_MEDIA_TYPE = "application/epub+zip"
_ACCOUNT = "account.xhtml"


@dataclass(frozen=True)
class Chapter:
    """A file of the book, and what it tells: a section's stories, the corrections, or what became of all documents."""

    file: str
    title: str
    items: tuple[Item, ...] = ()
    corrections: tuple[Correction, ...] = ()


class Epub:
    """Writes an edition as EPUB."""

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's templates, if there are any."""
        self._settings = settings or Settings()

    def export(self, edition: Edition) -> Rendition:
        """The edition as application/epub+zip. Raises ConfigError for a template of the user's that is broken."""
        packed = _zipped({"mimetype": _MEDIA_TYPE, **dict(self._files(addresses.strict(edition)))})
        return wording.of_edition(edition, places.name(edition, "epub"), Part(_MEDIA_TYPE, "", packed))

    def _files(self, edition: Edition) -> Iterator[tuple[str, str]]:
        chapters = [*_chapters(edition)]
        values = {
            "edition": edition,
            "title": wording.line(edition.title) or "Unbury",
            "chapters": chapters,
            "identifier": uuid.uuid5(uuid.NAMESPACE_URL, addresses.edition_tag(self._settings, edition)).urn,
            "modified": edition.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        yield "META-INF/container.xml", self._filled("container.xml", values)
        yield "EPUB/package.opf", self._filled("opf", values)
        yield "EPUB/nav.xhtml", self._filled("nav.xhtml", values)
        yield "EPUB/style.css", self._filled("css", values)
        for chapter in chapters:
            form = "account.xhtml" if chapter.file == _ACCOUNT else "chapter.xhtml"
            yield f"EPUB/{chapter.file}", self._filled(form, {**values, "title": chapter.title, "chapter": chapter})

    def _filled(self, form: str, values: Mapping[str, object]) -> str:
        return templates.filled(self._settings.templates, f"book.{form}.j2", values).rstrip("\n") + "\n"


def _chapters(edition: Edition) -> Iterator[Chapter]:
    """The corrections, if there are any, then each section, and at last the account."""
    if edition.corrections:
        yield Chapter("corrections.xhtml", wording.say(edition, "corrections"), corrections=edition.corrections)
    elif not edition.items:
        yield Chapter("nothing.xhtml", wording.say(edition, "top_stories"))
    for number, (name, items) in enumerate(wording.sections(edition), 1):
        yield Chapter(f"section-{number}.xhtml", name, tuple(items))
    yield Chapter(_ACCOUNT, wording.say(edition, "all_documents"))


def _zipped(files: Mapping[str, str]) -> bytes:
    """An archive of the files, in this order.

    Nothing in it is compressed: what zlib makes of a text differs from one version to another.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)  # of 1980: a ZIP's first day
            entry.create_system = 3  # else it says on which system it was made
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content.encode())
    return packed.getvalue()
