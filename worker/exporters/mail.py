"""The edition as an e-mail: the text, and the page that mail programs show."""

from __future__ import annotations

from dataclasses import replace

from worker.edition import Edition
from worker.exporters.html import Html
from worker.exporters.text import Text
from worker.model import Rendition
from worker.settings import Settings


class Mail:
    """Writes an edition as the two parts of an e-mail."""

    def __init__(self, settings: Settings | None = None) -> None:
        """By the user's templates, if there are any."""
        self._settings = settings or Settings()

    def export(self, edition: Edition) -> Rendition:
        """The edition as text/plain and text/html."""
        text, html = (form(self._settings).export(edition) for form in (Text, Html))
        return replace(text, filename="digest.eml", parts=(*text.parts, *html.parts))
