"""What is measured with: files of JSON lines, and documents made of their records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from worker.model import Document
from worker.text import identity


def records(path: Path) -> list[Any]:
    """The objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def document(
    url: str, title: str | None, paragraphs: Iterable[str], language: str = "en", *, shuffled: bool = False
) -> Document:
    """A document of a record."""
    return identity.document(
        source="benchmark",
        url=url,
        title=title or "",
        published=None,
        paragraphs=tuple(paragraphs),
        language=language,
        shuffled=shuffled,
    )
