"""Hands an edition over as a file: whole or not at all, even if the machine dies half-way."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from worker.errors import DeliveryFailed
from worker.model import Rendition, Subscriber
from worker.plugins import Passage
from worker.settings import Settings

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than is allowed",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EEXIST: "a file stands where the folder should be",
    errno.ENOTDIR: "a file stands where a folder should be",
    errno.EISDIR: "a folder stands where the file should be",
    errno.ENAMETOOLONG: "the name is too long",
}
# What network file systems answer when asked to lock a folder or to flush it.
_CANNOT = {errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOTSUP}


class Files:
    """Writes renditions into folders."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is set for it: the subscriber's address is the folder."""

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The paths of the files that now hold the renditions. Raises DeliveryFailed.

        Writing the same file again changes nothing, so its passage needs no marks.
        """
        return [_written(rendition, Path(to.address)) for rendition in renditions]


def _written(rendition: Rendition, folder: Path) -> str:
    path = folder / _filename(rendition)
    try:
        _put(path, _content(rendition))
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise DeliveryFailed(f"{path} cannot be written: {reason}") from error
    return str(path)


def _filename(rendition: Rendition) -> str:
    name = rendition.filename
    if not name or ".." in name or not {"/", "\\", "\0"}.isdisjoint(name):
        raise DeliveryFailed(f"{name!r} cannot be the name of a file in a folder")
    return name


def _content(rendition: Rendition) -> bytes:
    if len(rendition.parts) != 1:
        raise DeliveryFailed(f"{rendition.filename} cannot be written: it has {len(rendition.parts)} parts, not one")
    return rendition.parts[0].content.encode()


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent) as folder:
        if _holds(path, content):
            return
        part = path.with_name(f".{path.name}.part")
        try:
            _write(part, content)
            part.replace(path)
        except OSError:
            # A full disk is not to stay full of what could not be handed over.
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        _if_possible(os.fsync, folder)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[int]:
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
