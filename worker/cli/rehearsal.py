"""A dry run: the whole job on a copy of the database, in a folder that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from worker.errors import UsageError
from worker.runtime import Runtime
from worker.settings import Settings, SmtpSettings
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


def unsent(settings: Settings, but: Collection[str] = ()) -> Settings:
    """The settings without all whom an edition is sent to, but for further channels of these kinds."""
    alone = {
        name: digest.model_copy(
            update={
                "subscribers": (),
                "webhooks": (),
                "channels": tuple(one for one in digest.channels if one.kind in but),
            }
        )
        for name, digest in settings.digests.items()
    }
    return settings.model_copy(update={"smtp": SmtpSettings(), "webhooks": {}, "digests": alone})


def _quiet(settings: Settings, folder: str, copy: Path) -> Settings:
    """The settings, but for the database, the folder of editions, and whoever would be told."""
    changed = {"database_url": SecretStr(address(copy)), "out": Path(folder) / "out"}
    return unsent(settings).model_copy(update=changed)
