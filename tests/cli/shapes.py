"""The shapes of docs/json.md, and whether an answer has one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "json.md"


def shapes() -> dict[str, Any]:
    """The shape below each heading that names a command."""
    found = re.findall(
        r"^### unbury (.+?)\n\n```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    return {name: json.loads(shape) for name, shape in found}


def unlike(shape: Any, value: Any, place: str = "") -> Iterator[str]:
    """Where a value has not its shape."""
    if isinstance(shape, dict):
        if value is not None:  # the page says where an object may be null
            yield from _unlike_object(shape, value, place)
    elif isinstance(shape, list):
        if isinstance(value, list):
            for one in value:
                yield from unlike(shape[0], one, f"{place}[]")
        else:
            yield f"{place} is no list: {value!r}"
    elif not _is(shape, value):
        yield f"{place} is not {shape!r}: {value!r}"


def _unlike_object(shape: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is no object: {value!r}"
    elif "NAME" in shape:
        for key, one in value.items():
            yield from unlike(shape["NAME"], one, f"{place}.{key}")
    else:
        known = {key.rstrip("?"): one for key, one in shape.items()}
        missing = {key for key in shape if not key.endswith("?")} - value.keys()
        yield from (f"{place}.{key} is missing" for key in sorted(missing))
        yield from (f"{place}.{key} is not on the page" for key in sorted(value.keys() - known.keys()))
        for key in known.keys() & value.keys():
            yield from unlike(known[key], value[key], f"{place}.{key}")


def _is(word: Any, value: Any) -> bool:
    if not isinstance(word, str):
        return bool(word == value)
    return (value is None and word.endswith(" or none")) or _KINDS[word.removesuffix(" or none")](value)


def _day(value: Any) -> bool:
    return isinstance(value, str) and date.fromisoformat(value).isoformat() == value


def _moment(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


_KINDS: dict[str, Callable[[Any], bool]] = {
    "anything": lambda _: True,
    "text": lambda value: isinstance(value, str),
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "yes or no": lambda value: isinstance(value, bool),
    "id": lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-f]+", value) is not None,
    "day": _day,
    "moment": _moment,
}
