"""Where each setting comes from: a variable of the environment, a line of the file, or nowhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX = "UNBURY_"

_WORD = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PATH = rf"{_WORD}(?:\s*\.\s*{_WORD})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]")
_KEY = re.compile(rf"\s*({_PATH})\s*=")


@dataclass(frozen=True)
class Origins:
    """The file's table and the environment's variables; they hold secrets as they were written, and never show them."""

    file: Path | None
    table: Mapping[str, Any] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)

    def origin(self, *path: str) -> str:
        """Who said so: "environment" and the variable, the file's path, or "default"."""
        if (variable := named(path)) in self.environment:
            return f"environment {variable}"
        return str(self.file) if _within(self.table, path) else "default"

    def place(self, path: tuple[str, ...]) -> str:
        """The variable, or the file and the line, of a key or of the nearest that it stands in."""
        for length in range(len(path), 0, -1):
            origin = self.origin(*path[:length])
            if origin != "default":
                return origin + self._line(path) if origin == str(self.file) else origin
        return str(self.file or "settings")

    def _line(self, path: tuple[str, ...]) -> str:
        known = lines(self.file.read_text(encoding="utf-8")) if self.file else {}
        found = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in known), None)
        return f":{known[found]}" if found else ""


def named(path: tuple[str, ...]) -> str:
    """The variable that sets a key."""
    return PREFIX + "__".join(path).upper()


def lines(toml: str) -> dict[tuple[str, ...], int]:
    """The line on which each key and each table begins. Entries of a list of tables are numbered from 0."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    listed = Counter[tuple[str, ...]]()
    for number, line in enumerate(toml.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _split(header[2])
            if header[1] == "[[":
                listed[table] += 1
                table = (*table, str(listed[table] - 1))
            _note(found, table, number)
        elif key := _KEY.match(line):
            _note(found, (*table, *_split(key[1])), number)
    return found


def _note(found: dict[tuple[str, ...], int], path: tuple[str, ...], number: int) -> None:
    for length in range(1, len(path) + 1):
        found.setdefault(path[:length], number)


def _split(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_WORD, path))


def _within(table: object, path: tuple[str, ...]) -> bool:
    for key in path:
        if isinstance(table, list):
            table = {str(number): one for number, one in enumerate(table)}
        if not isinstance(table, Mapping) or key not in table:
            return False
        table = table[key]
    return True
