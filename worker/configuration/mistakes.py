"""The mistakes in a configuration, each in words: where it stands, which key, which value, and what it should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from worker.configuration.origins import PREFIX, Origins
from worker.errors import ConfigError, nearest
from worker.settings import Section, Settings, inner

#: A mistyped key may hold a secret: what is called like one, or stands where one may, is never shown.
_SUSPICIOUS = re.compile("pass|pwd|secret|token|key|auth|url|cred|hook|login|smtp", re.IGNORECASE)
_HIDDEN = "a secret"
#: So near a known key it is that key mistyped, and its value as harmless.
_MISTYPED = 0.75
#: What pydantic says in its own words.
_PLAIN = {
    "time_parsing": 'should be a time of day like "06:30"',
    "time_type": 'should be a time of day like "06:30"',
    "path_type": 'should be a path like "out"',
    "too_short": "should hold at least one",
}
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
    """The error that says the first of them, and where all are said."""
    first = mistakes[0].error
    more = " (`unbury config check` says all)" if len(mistakes) > 1 else ""
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
    path = tuple(name.removeprefix(PREFIX).lower().split("__"))
    said = f"the environment sets {name} to {_shown(path, value)}, which is not JSON"
    return Mistake("", ".".join(path), said, hint)


def _explained(one: ErrorDetails, origins: Origins) -> Mistake:
    path = tuple(str(part) for part in one["loc"])
    key, place = ".".join(path), origins.place(path)
    if one["type"] == "extra_forbidden":
        near = nearest(path[-1], _known(path[:-1]))
        hint = f"did you mean {'.'.join((*path[:-1], near))!r}?" if near else _ALL_KEYS
        return Mistake(place, key, f"there is no key {key!r} (its value is {_shown(path, one['input'])})", hint)
    hint = f"`unbury config reference {path[0]}` shows what can be set"
    if one["type"] == "missing":
        return Mistake(place, key, f"{key!r} is not set, and has to be", hint)
    reason = one["msg"].removeprefix("Value error, ").removeprefix("Input ")
    reason = _PLAIN.get(one["type"], reason)
    return Mistake(place, key, f"{key!r} is {_shown(path, one['input'])}, but {reason}", hint)


def _shown(path: tuple[str, ...], value: object) -> str:
    """A value as it may be said: of a table nothing, nor of what may be a secret, under whatever key it stands."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if _is_secret(path):
        return _HIDDEN
    if isinstance(value, str) and inner(_type(path)):
        return "a text"  # a section in words of the user's own
    return re.sub(r"://[^\s'\"]*@", "://***@", repr(value))


def _is_secret(path: tuple[str, ...]) -> bool:
    if not {"webhooks", "options"}.isdisjoint(path):
        return True
    found = _type(path)
    if found is None and path[-1] != "[key]":  # that is a name of the user's
        near = nearest(path[-1], _known(path[:-1]), _MISTYPED)
        found = _type((*path[:-1], near)) if near else None
        return found is None or any(map(_SUSPICIOUS.search, path))
    return found is SecretStr


def _type(path: tuple[str, ...]) -> Any:
    """What is to stand at a path, which may lead into a list; None where there is no such key."""
    section: type[Section] = Settings
    annotation: Any = None
    named = False
    for part in path:
        if named:  # a name of the user's, or a number
            named = False
            continue
        if part not in section.model_fields:
            return None
        annotation = section.model_fields[part].annotation
        if (found := inner(annotation)) is None:
            return annotation
        section, named = found, get_origin(annotation) is not None
    return annotation


def _known(path: tuple[str, ...]) -> list[str]:
    """The keys of the section at a path."""
    section = inner(_type(path)) if path else Settings
    return list(section.model_fields) if section else []
