"""The mistakes in a configuration, each in words: where it stands, which key, which value, and what it should be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from worker.configuration.origins import PREFIX, Origins
from worker.errors import ConfigError
from worker.settings import Section, Settings, inner

_SECRETS = {("database_url",), ("broker_url",), ("smtp", "password")}
_HIDDEN = "kept secret"
_ALL_KEYS = "`unbury config reference` shows every key"


@dataclass(frozen=True)
class Mistake:
    """What is wrong: its place (a file and line, or a variable), the key, the sentence, and what to do."""

    place: str
    key: str
    said: str
    hint: str

    @property
    def error(self) -> ConfigError:
        """The error that says it."""
        return ConfigError(f"{self.place}: {self.said}" if self.place else self.said, self.hint)


def unusable(mistakes: Sequence[Mistake]) -> ConfigError:
    """The error that says the first of them, and how many more there are."""
    first = mistakes[0].error
    more = f" (`unbury config check` says {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
    return ConfigError(first.message, first.hint + more)


def in_order(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """First what stands in no line, then line by line."""
    return sorted(mistakes, key=lambda one: int(line) if (line := one.place.rpartition(":")[2]).isdigit() else 0)


def in_values(error: ValidationError, origins: Origins) -> list[Mistake]:
    """What is wrong with keys and values."""
    return [_explained(one, origins) for one in error.errors(include_url=False)]


def in_names(variables: Iterable[str]) -> dict[str, Mistake]:
    """The variables that are no setting."""
    return {name: found for name in sorted(variables) if (found := _unknown_variable(name))}


def _unknown_variable(name: str) -> Mistake | None:
    first, *deeper = name.removeprefix(PREFIX).lower().split("__")
    if first not in Settings.model_fields:
        near = nearest(first, Settings.model_fields)
        hint = f"did you mean {PREFIX}{near.upper()}?" if near else _ALL_KEYS
        return Mistake("", first, f"the environment sets {name}, which is no setting", hint)
    if deeper and inner(Settings.model_fields[first].annotation) is None:
        said = f"the environment sets {name}, but {first!r} has no parts"
        return Mistake("", first, said, f"set {PREFIX}{first.upper()}")
    return None


def not_json(name: str, value: str) -> Mistake:
    """A variable whose value should be JSON and is not."""
    hint = 'write a list like ["html", "text"]; a section is set key by key'
    key = name.removeprefix(PREFIX).lower().replace("__", ".")
    return Mistake("", key, f"the environment sets {name} to {shown(value)}, which is not JSON", hint)


def _explained(one: ErrorDetails, origins: Origins) -> Mistake:
    path = tuple(str(part) for part in one["loc"])
    key, place = ".".join(path), origins.place(path)
    secret = path in _SECRETS or path[0] == "webhooks"
    if one["type"] == "extra_forbidden":
        near = nearest(path[-1], _known(path[:-1]))
        hint = f"did you mean {'.'.join((*path[:-1], near))!r}?" if near else _ALL_KEYS
        # A password may stand under a mistyped key.
        value = _HIDDEN if secret or path[0] == "smtp" else shown(one["input"])
        return Mistake(place, key, f"there is no key {key!r} (its value is {value})", hint)
    hint = f"`unbury config reference {path[0]}` shows what can be set"
    if one["type"] == "missing":
        return Mistake(place, key, f"{key!r} is not set, and has to be", hint)
    value = _HIDDEN if secret else shown(one["input"])
    reason = one["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return Mistake(place, key, f"{key!r} is {value}, but {reason}", hint)


def shown(value: object) -> str:
    """A value as it may be said; an address with a password in it may not, whatever its key."""
    return re.sub(r"://[^\s'\"]*@", "://***@", repr(value))


def _known(path: tuple[str, ...]) -> list[str]:
    """The keys of the section at a path, which may lead through names of the user's."""
    section: type[Section] = Settings
    named = False
    for part in path:
        if named:
            named = False
            continue
        annotation = section.model_fields[part].annotation if part in section.model_fields else None
        if (found := inner(annotation)) is None:
            return []
        section, named = found, get_origin(annotation) is not None
    return list(section.model_fields)


def nearest(key: str, known: Any) -> str | None:
    """The known word that was meant, perhaps."""
    return next(iter(difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)), None)
