"""Files written whole or not at all, even if the machine dies half-way, and by one process at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

# What network file systems answer when asked to lock a folder or to flush it.
_CANNOT = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP}


def put(path: Path, content: bytes) -> None:
    """Have a file hold this content; one that does is left alone. Raises OSError."""
    with alone(path.parent) as folder:
        if not _holds(path, content):
            replace(path, content, folder)


def replace(path: Path, content: bytes, folder: int, mode: int | None = None) -> None:
    """Put a new file in a file's place, within `alone`, whose descriptor is `folder`. Raises OSError."""
    part = path.with_name(f".{path.name}.part")
    try:
        _write(part, content)
        if mode is not None:
            part.chmod(mode)
        part.replace(path)
    except OSError:
        # A full disk is not to stay full of what could not be handed over.
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    _if_possible(os.fsync, folder)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Within it, nobody else of ours writes into the folder, which is made if need be. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _if_possible(lambda locked: fcntl.flock(locked, fcntl.LOCK_EX), descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _holds(path: Path, content: bytes) -> bool:
    try:
        about = path.stat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(about.st_mode) and about.st_size == len(content) and path.read_bytes() == content


def _write(part: Path, content: bytes) -> None:
    # A new file each time: what a killed process left may be a link or no file at all.
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _if_possible(do: Callable[[int], object], descriptor: int) -> None:
    """Does it, if the file system can; where it cannot, the rename alone has to do."""
    try:
        do(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
