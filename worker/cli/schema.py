"""The settings as a JSON Schema, for editors: keys, values, defaults, and what each key does."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from worker import settings
from worker.plugins import EXPORTERS, RANKERS, SOURCES, Registry
from worker.settings import Section, Settings

#: The keys that name plug-ins; names of your own may stand there as well.
_PLUGGED: dict[tuple[str, str], Registry] = {
    ("SourceSettings", "kind"): SOURCES,
    ("ReadingSettings", "ranker"): RANKERS,
    ("DigestSettings", "ranker"): RANKERS,
    ("DigestSettings", "forms"): EXPORTERS,
}


def rendered() -> str:
    """The schema as a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of unbury.toml."""
    made = Settings.model_json_schema()
    sections = {"Settings": made, **made["$defs"]}
    for name, said in descriptions().items():
        if name in sections:
            _complete(name, sections[name], said)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "unbury.toml", **made}


def descriptions() -> dict[str, dict[str, str]]:
    """What each key does, by the section's class: the sentence that stands below it in worker/settings.py."""
    classes = [one for one in ast.parse(inspect.getsource(settings)).body if isinstance(one, ast.ClassDef)]
    return {one.name: dict(filter(None, (_described(*pair) for pair in pairwise(one.body)))) for one in classes}


def _described(statement: ast.stmt, below: ast.stmt) -> tuple[str, str] | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and isinstance(below, ast.Expr):
        return statement.target.id, ast.literal_eval(below.value)
    return None


def _complete(name: str, section: dict[str, Any], said: Mapping[str, str]) -> None:
    """Put in the defaults as they are written in TOML, the sentences, and the names of the plug-ins."""
    written = defaults(getattr(settings, name))
    section.pop("title", None)
    # A secret is better not in the file: the environment has it, or names its file.
    needed = [key for key in section.pop("required", ()) if not section["properties"][key].get("writeOnly")]
    section |= {"required": needed} if needed else {}
    for key, about in section["properties"].items():
        about.pop("title", None)
        about["description"] = said[key]
        if key in written and not _is_section(about):
            about["default"] = written[key]
        else:
            about.pop("default", None)
        if registry := _PLUGGED.get((name, key)):
            place = about["items"] if about["type"] == "array" else about
            place["anyOf"] = [{"enum": sorted(registry.builtin)}, {"type": place.pop("type")}]
        if "patternProperties" in about:
            about["additionalProperties"] = False


def defaults(section: type[Section]) -> dict[str, Any]:
    """The values of a section's keys that need not be set, as they are written in TOML."""
    given = {key: one.get_default() for key, one in section.model_fields.items() if not one.is_required()}
    made: dict[str, Any] = section.model_construct(**given).model_dump(mode="json", include=set(given))
    secrets = {key: value for key, value in given.items() if hasattr(value, "get_secret_value")}
    return made | {key: value.get_secret_value() for key, value in secrets.items()}


def _is_section(about: Mapping[str, Any]) -> bool:
    return "$ref" in about or "patternProperties" in about
