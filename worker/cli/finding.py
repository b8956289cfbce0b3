"""Which document a name on the command line means."""

from __future__ import annotations

import contextlib
from pathlib import Path

from worker.errors import NotFound
from worker.fetched import SourceState
from worker.model import Document
from worker.runtime import Runtime
from worker.store import documents


def find(parts: Runtime, name: str) -> Document:
    """The newest revision of the document of an address, a file's path, or an id or its beginning. Raises NotFound."""
    with parts.database.reading() as session:
        found = sorted({one for asked in _meant(name) for one in documents.find(session, asked)})
        if len(found) == 1:
            return documents.newest(session, found[0])
    if found:
        raise NotFound(f"{name!r} begins the ids of several documents", "say more of the id: " + ", ".join(found))
    raise NotFound(f"no document is known as {name!r}", "`unbury digest --json` lists ids and addresses")


def _meant(name: str) -> set[str]:
    """What a document's name may stand for: itself, its canonical address, or what lies in a file."""
    from worker.settings import SourceSettings
    from worker.sources.seeds import SeedFiles
    from worker.text.identity import canonical, formerly

    meant = {name}
    with contextlib.suppress(ValueError, OSError):
        if Path(name).is_file():
            fetched = SeedFiles("show", SourceSettings(path=name)).fetch(SourceState())
            meant |= {document.url for document in fetched.documents}
        elif "://" in name and not name.startswith("file:"):
            meant |= {canonical(name), formerly(name)}
    return meant
