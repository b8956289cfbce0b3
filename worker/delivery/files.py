"""Hands an edition over as a file: whole or not at all, even if the machine dies half-way."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path

from worker import atomic
from worker.errors import DeliveryFailed
from worker.exporters import places
from worker.model import Rendition, Subscriber
from worker.plugins import Passage
from worker.settings import Settings
from worker.web.access import Web

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


class Files:
    """Writes renditions into folders."""

    def __init__(self, settings: Settings, web: Callable[[], Web]) -> None:
        """Nothing is set for it: the subscriber's address is the folder."""

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The paths of the files that now hold the renditions. Raises DeliveryFailed.

        Writing the same file again changes nothing, so its passage needs no marks.
        """
        return [_written(rendition, Path(to.address) / _name(rendition.filename)) for rendition in renditions]


class Archive(Files):
    """Writes an edition into the archive: the same, with folders in the folder, and one that holds the newest only."""

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The paths of the edition's own forms, and of the index. Raises DeliveryFailed."""
        written = [_written(rendition, Path(to.address).joinpath(*_way(rendition))) for rendition in renditions]
        paths = list(map(Path, written))
        for folder in {path.parent for path in paths if path.parent.name == places.LATEST}:
            _cleared(folder, {path.name for path in paths if path.parent == folder})
        return [
            str(path)
            for path, made in zip(paths, renditions, strict=True)
            if path.name == "index.html" or _is_form(made, path, renditions[0].edition, paths[0].parent)
        ]


def _is_form(made: Rendition, path: Path, edition: str, folder: Path) -> bool:
    """Whether a file is the edition in one of its forms: it lies in the edition's folder, and is no evidence."""
    return made.edition == edition and path.parent == folder and not path.name.startswith(places.EVIDENCE)


def _cleared(folder: Path, kept: set[str]) -> None:
    """Take out of a folder what an earlier edition left there."""
    for path in folder.iterdir():
        if path.name not in kept and path.name.startswith((places.OWN, places.EVIDENCE)):
            path.unlink(missing_ok=True)


def _written(rendition: Rendition, path: Path) -> str:
    try:
        atomic.put(path, _content(rendition))
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        raise DeliveryFailed(f"{path} cannot be written: {reason}") from error
    return str(path)


def _way(rendition: Rendition) -> list[str]:
    """The folders in the folder, and the name."""
    return [_name(part) for part in rendition.filename.split("/")]


def _name(name: str) -> str:
    if not name or ".." in name or not {"/", "\\", "\0"}.isdisjoint(name):
        raise DeliveryFailed(f"{name!r} cannot be the name of a file in a folder")
    return name


def _content(rendition: Rendition) -> bytes:
    if len(rendition.parts) != 1:
        raise DeliveryFailed(f"{rendition.filename} cannot be written: it has {len(rendition.parts)} parts, not one")
    (part,) = rendition.parts
    return part.packed or part.content.encode()
