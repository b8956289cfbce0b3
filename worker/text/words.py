"""Words, as they are counted and compared."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
_LEXICAL = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-])*")


def words(text: str) -> list[str]:
    """The runs of letters and digits, in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=20_000)
def lexical(text: str) -> tuple[str, ...]:
    """The words that begin with a letter, as written, apostrophes and hyphens kept inside."""
    return tuple(_LEXICAL.findall(text))


@lru_cache(maxsize=2_000)
def vocabulary(text: str) -> frozenset[str]:
    """The distinct words of a text, without those too short to carry meaning (1 or 2 letters)."""
    return frozenset(word for word in words(text) if len(word) > 2)
