"""What a digest says in its own words, in each language that it speaks: a catalogue of phrases for each, in languages/.

A new language is one more catalogue there, and its code in `worker.settings.Language`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import get_args

from pydantic import ConfigDict, TypeAdapter

from worker.values import Language

_DEFAULT = "en"


@dataclass(frozen=True)
class Phrases:
    """A language's phrases, and how it writes numbers and days; the file says what each of its keys means.

    They are written out, because the locale of the machine must never change an edition's bytes.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    language: str
    singular: tuple[int, ...]
    separator: str
    separated: int
    first: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    short_weekdays: tuple[str, ...]
    short_months: tuple[str, ...]
    phrases: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]

    def say(self, phrase: str, /, **parts: object) -> str:
        """The phrase with its parts filled in."""
        return self.phrases[phrase].format(**parts)

    def several(self, plural: str, number: int) -> str:
        """So many of something: "1 story", "1,204 stories"."""
        return self.plurals[plural][number not in self.singular].format(number=self.number(number))

    def number(self, number: int) -> str:
        """The number with its thousands set apart: "1,204"."""
        return f"{number:,}".replace(",", self.separator) if number >= self.separated else str(number)

    def weekday(self, day: date) -> str:
        """The name of the weekday: "Monday"."""
        return self.weekdays[day.weekday()]

    def long_date(self, day: date) -> str:
        """The day in full: "Monday 23 November 2026"."""
        return self.say("long_date", **self._parts(day), weekday=self.weekday(day))

    def short_date(self, day: date) -> str:
        """The day in short: "Mon 23 Nov"."""
        short = {"weekday": self.short_weekdays[day.weekday()], "month": self.short_months[day.month - 1]}
        return self.say("short_date", **self._parts(day) | short)

    def day(self, day: date, *, year: bool = False) -> str:
        """The day without its weekday: "23 November", or "23 November 2026"."""
        return self.say("date_of_year" if year else "date", **self._parts(day))

    def _parts(self, day: date) -> dict[str, str]:
        number = self.first if day.day == 1 else str(day.day)
        return {"day": number, "month": self.months[day.month - 1], "year": str(day.year)}


def phrases(language: str) -> Phrases:
    """The phrases of a language; the English ones for a language that no digest speaks."""
    return _catalogue(language if language in get_args(Language) else _DEFAULT)


@cache
def _catalogue(language: str) -> Phrases:
    written = files("worker.exporters").joinpath("languages", f"{language}.toml").read_text(encoding="utf-8")
    return TypeAdapter(Phrases).validate_python(tomllib.loads(written))
