"""Words, as they are counted and compared."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

_WORD = re.compile(r"\w+")
_LEXICAL = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-])*")

#: Vowel signs and other marks inside a word: Python's \w has the letters only.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d"
    "\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56"
    "\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_ASCII = re.compile(r"\w+", re.ASCII)
_WRITTEN = re.compile(rf"[\w{_MARKS}]+")
#: Scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = re.compile(f"([{_SPACELESS}]+)|[^{_SPACELESS}]+")
_FIRST_UNSPACED = "\u0e00"
#: Letters of a word where no space ends it: about two in Chinese and Japanese, five in Thai, Lao, Burmese and Khmer.
_LETTERS = {True: 2, False: 5}
_FIRST_OF_TWO = "\u3040"
#: What is longer is no word: an address, a table, a program.
_LONGEST_WORD = 40
_QUOTES = dict.fromkeys(map(ord, "'’‘`´\"“”„«»‹›\u00ad"))
#: "l'homme" is two words, "don't" is one.
_ELISION = re.compile(r"\b(?:[ldjnscmt]|(?:jus|lors|puis)?qu|dell|nell|all|un|quest)['’](?=\w)", re.IGNORECASE)
#: So many letters of a word stand for all its forms.
_STEM = 6


def words(text: str) -> list[str]:
    """The runs of letters and digits, in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=5_000)
def lexical(text: str) -> tuple[str, ...]:
    """The words that begin with a letter, as written, apostrophes and hyphens kept inside."""
    return tuple(_LEXICAL.findall(text))


@lru_cache(maxsize=5_000)
def written(text: str) -> tuple[str, ...]:
    """The words as written, apostrophes left out, as some texts have lost them.

    Where a script has no spaces, each two neighbouring characters make a word (bigrams: for finding
    Chinese text as good as words are, Nie and Ren 1999).
    """
    if "'" in text or "’" in text:
        text = _ELISION.sub(lambda found: f"{found[0][:-1]} ", text)
    if text.isascii():
        return tuple(_ASCII.findall(text.replace("'", "").replace('"', "").replace("`", "")))
    found = _WRITTEN.findall(text.translate(_QUOTES))
    if max(text) < _FIRST_UNSPACED:
        return tuple(found)
    return tuple(piece for word in found for run in _RUNS.finditer(word) for piece in _pieces(run))


def _pieces(run: re.Match[str]) -> list[str]:
    text = run[0]
    return [text[at : at + 2] for at in range(max(1, len(text) - 1))] if run[1] else [text]


def count(text: str) -> int:
    """How many words a text has to read, as a word processor counts; by its letters where nothing ends a word."""
    pieces = text.split()
    if max(map(len, pieces), default=0) <= _LONGEST_WORD and (text.isascii() or max(text) < _FIRST_UNSPACED):
        return len(pieces)
    return sum(map(_counted, pieces))


def _counted(piece: str) -> int:
    letters: Counter[int] = Counter()
    for run in _RUNS.finditer(piece):
        if len(run[0]) > _LONGEST_WORD or any(map(str.isalnum, run[0])):
            letters[_LETTERS[run[0][0] >= _FIRST_OF_TWO] if run[1] else _LONGEST_WORD] += len(run[0])
    return max(1, sum(-(-number // size) for size, number in letters.items()))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word's first six letters, in lower case: what it shares with its other forms, in any language.

    For the reading of our evaluation sets it does what Snowball does, without a list of languages
    (compare McNamee and Mayfield 2004 on n-gram stems).
    """
    return word.lower()[:_STEM]
