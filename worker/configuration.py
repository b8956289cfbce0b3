"""The configuration: defaults, then the TOML file, then the environment; read once, at the edge."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
)

from worker.errors import ConfigError
from worker.settings import (
    DigestSettings,
    EdmundsonSettings,
    LimitSettings,
    LogSettings,
    ReadingSettings,
    RetentionSettings,
    RuleSettings,
    ServeSettings,
    Settings,
    SmtpSettings,
    SourceSettings,
    WebhookSettings,
    WebSettings,
)

PREFIX = "UNBURY_"
DEFAULT_FILE = Path("config/unbury.toml")
#: Variables with the prefix that are not settings: where the file is, and what tests and compose read.
NOT_SETTINGS = frozenset(f"{PREFIX}{name}" for name in ("CONFIG", "EVAL_DATA", "SKIP_NOTHING", "IMAGE", "UID", "GID"))


_SECRETS = {("database_url",), ("broker_url",), ("smtp", "password")}
_HIDDEN = "kept secret"


class Loaded(BaseModel):
    """Settings, and where they come from."""

    settings: Settings
    file: Path | None
    table: dict[str, Any] = Field(repr=False)  # these two hold secrets as they were written
    environment: dict[str, str] = Field(repr=False)

    def origin(self, *path: str) -> str:
        """Who said so: "environment", the file's path, or "default"."""
        variable = PREFIX + "__".join(path).upper()
        if variable in self.environment:
            return f"environment {variable}"
        return str(self.file) if _within(self.table, path) else "default"


def load(file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """The settings. Raises ConfigError, which names file or variable, key, value and the nearest key.

    Without `file`, UNBURY_CONFIG names it, or config/unbury.toml is read where there is one.
    """
    path = file or (Path(environ["UNBURY_CONFIG"]) if environ.get("UNBURY_CONFIG") else None)
    if path is None and DEFAULT_FILE.is_file():
        path = DEFAULT_FILE
    table = _table(path) if path else {}
    variables = _variables(environ)
    try:
        _check(variables)
        settings = _assemble(table, variables)
    except SettingsError:
        raise _unwritable(variables) from None
    except ValidationError as error:
        said = Loaded(settings=Settings.model_construct(), file=path, table=table, environment=variables)
        raise _explained(error, said) from None
    return Loaded(settings=settings, file=path, table=table, environment=variables)


class _Environment(EnvSettingsSource):
    """The environment, in which a list is JSON, or its parts with commas between them."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """The value out of its text. Raises ValueError."""
        if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
            return [part.strip() for part in value.split(",")]
        return super().decode_complex_value(field_name, field, value)


def _assemble(table: dict[str, Any], variables: Mapping[str, str]) -> Settings:
    class FromEverywhere(Settings, BaseSettings):  # type: ignore[misc]  # both configurations are wanted
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = _Environment(settings_cls, env_prefix=PREFIX, env_nested_delimiter="__")
            environment.env_vars = {name.lower(): value for name, value in variables.items()}
            return environment, InitSettingsSource(settings_cls, init_kwargs=table)

    return FromEverywhere()


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}", "mend that line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "name another file with --config") from None


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings among the environment's variables; UNBURY_X_FILE names a file that holds UNBURY_X.

    An empty one is not set: so docker-compose hands on what its own environment does not have.
    """
    ours = {
        name: value for name, value in environ.items() if name.startswith(PREFIX) and value and name not in NOT_SETTINGS
    }
    read = {name: value for name, value in ours.items() if not name.endswith("_FILE")}
    for name in ours.keys() - read.keys():
        try:
            read[name.removesuffix("_FILE")] = Path(ours[name]).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name} names {ours[name]!r}, which cannot be read: {error}") from None
    return read


def _within(table: object, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(table, Mapping) or key not in table:
            return False
        table = table[key]
    return True


def _check(variables: Mapping[str, str]) -> None:
    for name in variables:
        first, *deeper = name.removeprefix(PREFIX).lower().split("__")
        if deeper and first in ("database_url", "broker_url", "out", "feeds", "templates", "alive"):
            raise ConfigError(
                f"the environment sets {name}, but {first!r} has no parts", f"set {PREFIX}{first.upper()}"
            )
        if first not in Settings.model_fields:
            near = _nearest(first, Settings.model_fields)
            hint = f"did you mean {PREFIX}{near.upper()}?" if near else "`unbury config show` lists all keys"
            raise ConfigError(f"the environment sets {name}, which is no setting", hint)


def _unwritable(variables: Mapping[str, str]) -> ConfigError:
    """The error for the variable whose value should be JSON and is not."""
    for name, value in variables.items():
        try:
            _assemble({}, {name: value})
        except SettingsError:
            hint = 'write a list like ["html", "text"]; a section is set key by key'
            return ConfigError(f"the environment sets {name} to {_shown(value)}, which is not JSON", hint)
        except ValidationError:
            continue
    return ConfigError("the environment cannot be read")


def _explained(error: ValidationError, said: Loaded) -> ConfigError:
    """The first thing that is wrong, in words: where, which key, which value, and the nearest key."""
    first = error.errors(include_url=False)[0]
    path = tuple(str(part) for part in first["loc"])
    key = ".".join(path)
    where = _where(said, path)
    if first["type"] == "extra_forbidden":
        near = _nearest(path[-1], _known(path[:-1]))
        hint = f"did you mean {'.'.join((*path[:-1], near))!r}?" if near else "`unbury config show` lists all keys"
        # A password may stand under a mistyped key.
        value = _HIDDEN if path[0] in ("smtp", "webhooks") else _shown(first["input"])
        return ConfigError(f"{where}: there is no key {key!r} (its value is {value})", hint)
    value = _HIDDEN if path in _SECRETS or path[0] == "webhooks" else _shown(first["input"])
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return ConfigError(f"{where}: {key!r} is {value}, but {reason}", "config/reference.toml shows each key")


def _shown(value: object) -> str:
    """A value as it may be said; an address with a password in it may not, whatever its key."""
    return re.sub(r"://[^\s'\"]*@", "://***@", repr(value))


def _where(said: Loaded, path: tuple[str, ...]) -> str:
    for length in range(len(path), 0, -1):
        origin = said.origin(*path[:length])
        if origin != "default":
            return origin + _line(said, path) if origin == str(said.file) else origin
    return str(said.file or "settings")


def _line(said: Loaded, path: tuple[str, ...]) -> str:
    """The line (":12") of the file on which the key is set, if it can be told from its name."""
    names = [part for part in path if not part.isdigit()]
    written = re.compile(rf"\s*(\[.*\b{re.escape(names[-1])}\]|\"?{re.escape(names[-1])}\"?\s*=)")
    lines = said.file.read_text(encoding="utf-8").splitlines() if said.file else []
    numbers = [number for number, line in enumerate(lines, 1) if written.match(line)]
    return f":{numbers[0]}" if len(numbers) == 1 else ""


def _known(path: tuple[str, ...]) -> list[str]:
    """The keys of the section at a path; names given by the user lead to the section's own kind."""
    section: type[BaseModel] = Settings
    kinds: dict[str, type[BaseModel]] = {
        "sources": SourceSettings,
        "digests": DigestSettings,
        "rules": RuleSettings,
        "reading": ReadingSettings,
        "edmundson": EdmundsonSettings,
        "smtp": SmtpSettings,
        "limits": LimitSettings,
        "retention": RetentionSettings,
        "log": LogSettings,
        "web": WebSettings,
        "webhooks": WebhookSettings,
        "serve": ServeSettings,
    }
    for part in path:
        section = kinds.get(part, section)
    return list(section.model_fields)


def _nearest(key: str, known: Any) -> str | None:
    return next(iter(difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)), None)
