"""Files of many kinds, and folders that are watched: nothing half-written, nothing twice, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from worker.errors import FetchFailed, ParsingFailed, UnburyError, Unparsable
from worker.fetched import BY_HAND, Fetched, Problem, SourceState
from worker.model import Document
from worker.parsers.entry import documented, keys, received, whole
from worker.parsers.seed import headed
from worker.parsing import parsed
from worker.settings import SourceSettings
from worker.sources.disk import LARGEST, contents, named, nothing, stamp
from worker.web.access import Web
from worker.web.bodies import unpacked

_log = structlog.get_logger()
#: By the end of a file's name, which parser reads it.
KINDS = {
    ".txt": "plain",
    ".text": "plain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "page",
    ".htm": "page",
    ".xhtml": "page",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
    ".rdf": "feed",
    ".json": "feed",
}
SUFFIXES = (*KINDS, *(f"{suffix}.gz" for suffix in KINDS))
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")
#: Seconds for which a file must not have been written to before it is read.
_SETTLED = 2.0
#: Seconds of reading in one look at a watched folder; what is left comes with the next, which follows at once. Well
#: below `limits.ingest`, for of a look that is cut off nothing is kept.
_LOOK = 60.0
_UNSTEADY = "the file is being written to; it is taken at the next look"


@dataclass(frozen=True)
class Files:
    """All files that a path, a folder or a glob names."""

    name: str
    settings: SourceSettings
    web: Web
    _marks: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def watched(self) -> bool:
        """Whether somebody may be writing them just now."""
        return self.name != BY_HAND

    def fetch(self, state: SourceState) -> Fetched:
        """The documents of files that are new or changed; one that is being written is taken at a later look."""
        found = self._found()
        self._marks.update({str(file): mark for file, mark in found.items()})
        problems = [] if found else nothing(self.settings.path, "readable", by_hand=not self.watched)
        known = set(state.seen.values()) if self.watched else set()
        seen = {str(file): mark for file, mark in found.items() if mark in known}
        fresh = {file: mark for file, mark in found.items() if str(file) not in seen}
        ready = self._settled(fresh) if self.watched else fresh
        documents, wrong, over = self._taken(ready, seen)
        problems += wrong
        unfinished = len(ready) < len(fresh) or any(problem.message == _UNSTEADY for problem in wrong)
        wait = timedelta() if over else timedelta(seconds=_SETTLED) if unfinished else self.settings.every
        now = self.web.now()
        kept = replace(state, seen=seen, next_check=now + wait, succeeded=now) if self.watched else SourceState()
        return Fetched(tuple(documents), tuple(problems), kept, len(found) - len(fresh))

    def _taken(self, ready: Mapping[Path, str], seen: dict[str, str]) -> tuple[list[Document], list[Problem], bool]:
        """The documents of files, which are marked as seen, what is wrong, and whether the time was over before all."""
        documents, problems, until = list[Document](), list[Problem](), time.monotonic() + _LOOK
        for file, mark in ready.items():
            if self.watched and documents and time.monotonic() > until:
                return documents, problems, True
            try:
                taken, warnings = self._read(file, mark)
            except (Unparsable, FetchFailed, ParsingFailed) as error:
                problems.append(self._problem(file, mark, error))
            else:
                documents += taken
                problems += warnings
                seen[str(file)] = mark
        return documents, problems, False

    def _problem(self, file: Path, mark: str, error: UnburyError) -> Problem:
        """What is wrong with a file; in a watched folder, nothing yet with one that has changed since it was found."""
        if self.watched and not _same(file, mark):
            return Problem(str(file), _UNSTEADY, fatal=False)
        return Problem(str(file), str(error), getattr(error, "line", None))

    def settle(self, fetched: Fetched) -> None:
        """Move aside what is stored, and what cannot be read, if there are folders for them.

        A file that was written to since it was read stays: nobody has read what it says now.
        """
        bad = {problem.where for problem in fetched.problems if problem.fatal}
        for names, folder in ((fetched.state.seen, self.settings.done), (bad, self.settings.failed)):
            for file in map(Path, sorted(names) if folder else ()):
                try:
                    if _same(file, self._marks.get(str(file), "")):
                        _move(file, Path(folder).expanduser())
                except OSError as error:
                    _log.error("not moved aside", file=str(file), reason=error.strerror)

    def _found(self) -> dict[Path, str]:
        """The files there are, and the stamp of each; not those that were moved aside or carry a name of a draft."""
        aside = [Path(folder).expanduser().resolve() for folder in (self.settings.done, self.settings.failed) if folder]
        found = {}
        for file in named(self.settings.path, SUFFIXES):
            if file.name.startswith(".") or file.name.lower().endswith(_UNFINISHED):
                continue
            if any(file.resolve().is_relative_to(folder) for folder in aside):
                continue
            try:
                found[file] = stamp(file)
            except OSError:
                continue  # gone since
        return found

    def _settled(self, fresh: Mapping[Path, str]) -> dict[Path, str]:
        """Those that nobody has written to for a while; for the young ones that while is waited, once."""
        age = {file: self.web.now().timestamp() - int(mark.rpartition("-")[2]) / 1e9 for file, mark in fresh.items()}
        if any(seconds < _SETTLED for seconds in age.values()):
            time.sleep(_SETTLED)
        return {file: mark for file, mark in fresh.items() if age[file] >= _SETTLED or _same(file, mark)}

    def _read(self, file: Path, mark: str) -> tuple[list[Document], list[Problem]]:
        """The documents of one file. Raises Unparsable, FetchFailed, ParsingFailed."""
        raw = contents(file)
        if not _same(file, mark):
            raise Unparsable(_UNSTEADY)
        name = file.name.lower()
        if name.endswith(".gz"):
            name, raw = name.removesuffix(".gz"), unpacked([raw], "gzip", LARGEST)
        kind = next((parser for suffix, parser in KINDS.items() if name.endswith(suffix)), "plain")
        if kind == "plain" and headed(raw):
            kind = "seed"
        found = parsed(kind, raw)
        if "alternates" in found:  # a page under another name
            found = parsed("page", raw)
        warnings = [Problem(str(file), message, line, fatal=False) for message, line in found.get("warnings", ())]
        shuffled = kind == "seed" and self.settings.shuffled
        return self._documents(file.resolve().as_uri(), found, shuffled=shuffled), warnings

    def _documents(self, home: str, found: Mapping[str, Any], *, shuffled: bool) -> list[Document]:
        about: Any = {"source": self.name, "home": home, "speaks": self.settings.language, "shuffled": shuffled}
        if "entries" not in found:
            return [whole(found, **about)]
        entries = [received(one) for one in found["entries"] if one["paragraphs"]]
        return [documented(one, names, **about) for one, names in zip(entries, keys(self.name, entries), strict=True)]


def _same(file: Path, mark: str) -> bool:
    try:
        return stamp(file) == mark
    except OSError:
        return False


def _move(file: Path, folder: Path) -> None:
    """Move a file into a folder, beside one of its name that lies there. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    number, target = 1, folder / file.name
    while target.exists():
        number += 1
        target = folder / f"{file.stem}-{number}{file.suffix}"
    file.rename(target)
