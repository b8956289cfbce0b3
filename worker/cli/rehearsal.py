"""A dry run: the whole job on a copy of the database, in a folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from worker.errors import UsageError
from worker.runtime import Runtime
from worker.settings import DigestSettings, Settings, SmtpSettings
from worker.store.backup import backup, hold
from worker.store.database import address


@contextmanager
def rehearsal(parts: Runtime) -> Iterator[Runtime]:
    """The parts, on a copy: what they write is thrown away, and nobody is sent anything. Raises UsageError."""
    if parts.database.file is None:
        hint = "`unbury digest --dry-run` shows the edition that would be made of what is stored"
        raise UsageError("a dry run works on a copy of the database, and only SQLite's can be copied", hint)
    with tempfile.TemporaryDirectory(prefix="unbury-") as folder:
        copy = Path(folder) / "unbury.db"
        backup(parts.database, copy)
        made = Runtime(_quiet(parts.settings, folder, copy), settles=False)
        made.database.ready()
        hold(made.database, parts.now())
        try:
            yield made
        finally:
            made.database.close()


def _quiet(settings: Settings, folder: str, copy: Path) -> Settings:
    """The settings, but for the database, the folder of editions, and whoever would be told."""
    alone = {name: _unread(digest) for name, digest in settings.digests.items()}
    changed = {
        "database_url": SecretStr(address(copy)),
        "out": Path(folder) / "out",
        "smtp": SmtpSettings(),
        "webhooks": {},
        "digests": alone,
    }
    return settings.model_copy(update=changed)


def _unread(digest: DigestSettings) -> DigestSettings:
    return digest.model_copy(update={"subscribers": (), "webhooks": (), "channels": ()})
