"""The configuration: defaults, then the TOML file, then the environment; read once, at the edge."""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)

from worker.configuration import mistakes
from worker.configuration.mistakes import Mistake
from worker.configuration.origins import PREFIX, Origins, named
from worker.settings import Settings

#: The first that is there is read: in a clone the second is the repository's, and the first, which git ignores, yours.
USUAL_FILES = (Path("config/local.toml"), Path("config/unbury.toml"))
#: Variables with the prefix that are not settings: where the file is, and what tests and compose read.
NOT_SETTINGS = frozenset(f"{PREFIX}{name}" for name in ("CONFIG", "EVAL_DATA", "SKIP_NOTHING", "IMAGE", "UID", "GID"))


class Loaded(NamedTuple):
    """Settings, and where they come from."""

    origins: Origins
    settings: Settings


class Examined(NamedTuple):
    """What can be said of a configuration: the mistakes in it, and what it sets without them, if that can be told."""

    origins: Origins
    settings: Settings | None
    mistakes: list[Mistake]


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The settings. Raises ConfigError, which names file and line or variable, key, value and the nearest key.

    Without `file`, UNBURY_CONFIG names it, or config/local.toml is read, or config/unbury.toml, where there is one.
    """
    found = examine(file, environ)
    if found.mistakes or found.settings is None:
        raise mistakes.unusable(found.mistakes)
    return Loaded(found.origins, found.settings)


def examine(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Examined:
    """The settings, and all mistakes in them."""
    path = chosen(file, environ)
    table, wrong = _table(path) if path else ({}, [])
    variables, unread = _variables(environ)
    strangers = mistakes.in_names(variables)
    known = Origins(path, table, {name: value for name, value in variables.items() if name not in strangers})
    settings, invalid = _settled(known)
    if settings:
        settings, unreadable = _with_password(settings, known)
        invalid += unreadable
    return Examined(known, settings, mistakes.in_order([*wrong, *unread, *strangers.values(), *invalid]))


def chosen(file: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that is read: the one that is named, or the first of the usual ones that is there."""
    if file or environ.get("UNBURY_CONFIG"):
        return file or Path(environ["UNBURY_CONFIG"])
    return next(filter(Path.is_file, USUAL_FILES), None)


class _Environment(EnvSettingsSource):
    """The environment, in which a list is JSON, or its parts with commas between them."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """The value out of its text. Raises ValueError."""
        if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
            return [part.strip() for part in value.split(",")]
        return super().decode_complex_value(field_name, field, value)


def _settled(origins: Origins) -> tuple[Settings | None, list[Mistake]]:
    """The settings with what is right of them, and what is wrong."""
    try:
        return _assemble(origins.table, origins.environment), []
    except SettingsError:
        bad = [name for name, value in origins.environment.items() if not _decodes(name, value)]
        wrong = [mistakes.not_json(name, origins.environment[name]) for name in bad]
        rest = {name: value for name, value in origins.environment.items() if name not in bad}
        settings, others = _settled(Origins(origins.file, origins.table, rest))
        return settings, wrong + others
    except ValidationError as error:
        wrong = mistakes.in_values(error, origins)
        return _without(origins, [tuple(map(str, one["loc"])) for one in error.errors(include_url=False)]), wrong


def _without(origins: Origins, paths: Sequence[tuple[str, ...]]) -> Settings | None:
    """The settings as if these keys were not set; None if they cannot be told apart from others."""
    table, variables = copy.deepcopy(dict(origins.table)), dict(origins.environment)
    for path in paths:
        name = next((named(path[:n]) for n in range(len(path), 0, -1) if named(path[:n]) in variables), None)
        if name is not None:
            del variables[name]
        elif not _dropped(table, path):
            return None
    try:
        return _assemble(table, variables)
    except (ValidationError, SettingsError):
        return None


def _dropped(table: dict[str, Any], path: Sequence[str]) -> bool:
    """Whether a key was there and is taken out now; an entry of a list goes with the list."""
    for key in path[:-1]:
        if not isinstance(table.get(key), dict):
            return table.pop(key, None) is not None
        table = table[key]
    return table.pop(path[-1], None) is not None


def _assemble(table: Mapping[str, Any], variables: Mapping[str, str]) -> Settings:
    class FromEverywhere(Settings, BaseSettings):  # type: ignore[misc]  # both configurations are wanted
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = _Environment(settings_cls, env_prefix=PREFIX, env_nested_delimiter="__")
            environment.env_vars = {name.lower(): value for name, value in variables.items()}
            return environment, InitSettingsSource(settings_cls, init_kwargs=dict(table))

    return FromEverywhere()


def _decodes(name: str, value: str) -> bool:
    try:
        _assemble({}, {name: value})
    except SettingsError:
        return False
    except ValidationError:
        pass
    return True


def _table(path: Path) -> tuple[dict[str, Any], list[Mistake]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except tomllib.TOMLDecodeError as error:
        return {}, [Mistake("", "", f"{path} is not valid TOML: {error}", _mend(str(error)))]
    except (OSError, UnicodeDecodeError) as error:
        hint = "name another file with --config, or let `unbury init` write one"
        return {}, [Mistake("", "", f"{path} cannot be read: {_why(error)}", hint)]


def _mend(error: str) -> str:
    quotes = ': text needs quotes, like host = "smtp.example.org"' if "Invalid value" in error else ""
    return f"mend that line{quotes}"


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _with_password(settings: Settings, origins: Origins) -> tuple[Settings, list[Mistake]]:
    """The settings with the password out of its file, if it is said nowhere else."""
    smtp = settings.smtp
    if not smtp.password_file or smtp.password.get_secret_value():
        return settings, []
    try:
        password = Path(smtp.password_file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # one with a NUL in it is no path at all
        said = f"'smtp.password_file' names {smtp.password_file!r}, which cannot be read: {_why(error)}"
        place, hint = origins.place(("smtp", "password_file")), "make it readable for who runs unbury, or name another"
        return settings, [Mistake(place, "smtp.password_file", said, hint)]
    known = smtp.model_copy(update={"password": SecretStr(password)})
    return settings.model_copy(update={"smtp": known}), []


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, str], list[Mistake]]:
    """The settings among the environment's variables; UNBURY_X_FILE names a file that holds UNBURY_X.

    An empty one is not set: so docker-compose hands on what its own environment does not have.
    """
    ours = {
        name: value for name, value in environ.items() if name.startswith(PREFIX) and value and name not in NOT_SETTINGS
    }
    read = {name: value for name, value in ours.items() if not name.endswith("_FILE")}
    wrong = []
    for name in sorted(ours.keys() - read.keys()):
        key = name.removesuffix("_FILE")
        if key in ours:
            wrong.append(Mistake("", key.lower(), f"the environment sets both {key} and {name}", "set one of them"))
            continue
        try:
            read[key] = Path(ours[name]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            file = repr(ours[name]) if os.sep in ours[name] else "a file"  # it may be the secret itself
            said = f"{name} names {file}, which cannot be read: {_why(error)}"
            wrong.append(Mistake("", name.lower(), said, "make it readable for who runs unbury, or name another"))
    return read, wrong
