"""Files on this machine: found by a path, a folder or a glob, and read whole or not at all."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from worker.errors import Unparsable, UsageError
from worker.fetched import Problem

#: Bytes of a file; a long novel has 3 million.
LARGEST = 10 * 2**20
_WILD = re.compile(r"[*?\[]")


def named(path: str, suffixes: Sequence[str]) -> Iterator[Path]:
    """The files that a path, a folder (its files with these suffixes, however deep) or a glob names, sorted.

    Raises UsageError for a pattern that is none.
    """
    place = Path(path).expanduser()
    if place.is_dir():
        yield from _regular(file for file in place.glob("**/*") if file.name.lower().endswith(tuple(suffixes)))
    elif os.path.lexists(place):
        yield place
    else:
        root = Path(place.anchor)
        pattern = str(place.relative_to(root))
        if any("**" in part and part != "**" for part in place.parts):
            raise UsageError(f"{path!r} is no pattern: '**' stands alone between two '/'", 'write it like "seeds/**/*"')
        if _WILD.search(pattern):
            yield from _regular(root.glob(pattern))


def nothing(path: str, suffix: str, *, by_hand: bool) -> list[Problem]:
    """What is wrong where a path names no file. A folder that is watched, or looked through by a glob, may be empty."""
    place = Path(path).expanduser()
    if not place.is_dir() and not _WILD.search(path):
        return [Problem(path, "there is no such file")]
    if not by_hand and _begin(place).is_dir():
        return []
    said = f"there is no {suffix} file in this folder" if place.is_dir() else "there is no such file"
    return [Problem(path, said, fatal=False)]


def _begin(place: Path) -> Path:
    """The folder in which a glob begins to look; a path without wildcards is its own."""
    wild = next((number for number, part in enumerate(place.parts) if _WILD.search(part)), len(place.parts))
    return Path(*place.parts[:wild])


def stamp(file: Path) -> str:
    """What changes whenever a file is written to or replaced; the same when it is only renamed. Raises OSError."""
    about = file.stat()
    return f"{about.st_ino}-{about.st_size}-{about.st_mtime_ns}"


def contents(file: Path) -> bytes:
    """All of a file. Raises Unparsable for one that is no ordinary file, too large, or being written to."""
    try:
        # O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise Unparsable("this is no ordinary file")
            if about.st_size > LARGEST:
                raise Unparsable(f"the file is too large: {about.st_size / 2**20:.0f} MB, at most 10 are taken")
            raw = stream.read(LARGEST + 1)
            if len(raw) != about.st_size:
                raise Unparsable("the file is being written to; it is taken at the next run")
            return raw
    except OSError as error:
        raise Unparsable(f"the file cannot be read: {error.strerror}") from None


def _regular(found: Iterable[Path]) -> list[Path]:
    return sorted(path for path in found if not path.is_dir())
