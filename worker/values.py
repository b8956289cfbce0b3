"""The kinds of values that settings have: intervals, times of day, zones, names, addresses, paths."""

from __future__ import annotations

import os
import re
from datetime import time, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, PlainSerializer, WithJsonSchema

#: Those that a digest speaks: each has a catalogue of phrases in exporters/languages/.
Language = Literal["en", "de", "fr", "es"]

_LONGEST = 100_000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$"}


def _interval(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"([1-9]\d*)\s*([smhd])", value.strip())):
        if int(match[1]) <= _LONGEST:
            return timedelta(**{_UNITS[match[2]]: int(match[1])})
        raise ValueError(f"should be at most {_LONGEST} of a unit")
    if isinstance(value, timedelta):
        return value
    raise ValueError('should be a number and a unit, like "30m", "1h" or "2d"')


def _written(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    length, unit = next((n, u) for n, u in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")) if seconds % n == 0)
    return f"{seconds // length}{unit}"


def _zone(value: str) -> str:
    try:
        return value if value == "local" else ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('should be "local" or the name of a time zone, like "Europe/Berlin"') from None


def one_address(value: str) -> str:
    """One bare address: a list, a name beside it or a line break would reach others than meant."""
    name, address = parseaddr(value)
    if name or address != value or value.count("@") != 1 or not re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+", value):
        raise ValueError('should be one e-mail address, like "reader@example.org"')
    return value


def _sender(value: str) -> str:
    one_address(parseaddr(value)[1])
    if any(map(str.isspace, value.replace(" ", ""))):
        raise ValueError("should stand on one line")
    return value


def _clock(value: object) -> object:
    if isinstance(value, (str, time)):
        return value
    raise ValueError('should be a time of day, like "07:00"')


def _to_the_minute(value: time) -> time:
    """A time of the digest's own zone; the tick, which looks every 30 s, knows no seconds."""
    if value.tzinfo or value.second or value.microsecond:
        raise ValueError('should be hours and minutes of the digest\'s zone, like "07:00"')
    return value


def _several(value: object) -> object:
    """One time of day is a list of one."""
    several = [value] if isinstance(value, (str, time)) else value
    return list(several) if isinstance(several, (list, tuple)) else several


def _once(value: tuple[time, ...]) -> tuple[time, ...]:
    return tuple(sorted(set(value)))


def _place(value: object) -> object:
    """A path in which a "~" at the beginning is a home, as a shell would take it."""
    return os.path.expanduser(value) if isinstance(value, str) else value  # noqa: PTH111  # one nobody has stays as it is


def _base(value: str) -> str:
    """An address to which paths are added."""
    if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError('should be an address like "https://news.example.org"')
    return value.rstrip("/")


Place = Annotated[Path, BeforeValidator(_place)]
#: A path that may be empty.
Where = Annotated[str, BeforeValidator(_place)]
Interval = Annotated[
    timedelta,
    BeforeValidator(_interval),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\s*[1-9]\d*\s*[smhd]\s*$"}),
]
Clock = Annotated[
    time,
    BeforeValidator(_clock),
    AfterValidator(_to_the_minute),
    PlainSerializer(lambda at: at.strftime("%H:%M"), return_type=str),
    WithJsonSchema(_CLOCK),
]
#: Times of day; one need not be written as a list.
Clocks = Annotated[
    tuple[Clock, ...],
    BeforeValidator(_several),
    AfterValidator(_once),
    Field(min_length=1, max_length=24),
    WithJsonSchema({"anyOf": [_CLOCK, {"type": "array", "items": _CLOCK, "minItems": 1, "maxItems": 24}]}),
]
#: What a plug-in of the user's own can be told: texts, numbers, true or false, lists and tables of these.
Options = Annotated[dict[str, JsonValue], WithJsonSchema({"type": "object"})]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Zone = Annotated[str, AfterValidator(_zone)]
Count = Annotated[int, Field(ge=1, le=1000)]
Address = Annotated[str, AfterValidator(one_address)]
Sender = Annotated[str, AfterValidator(_sender)]
Base = Annotated[str, AfterValidator(_base)]
