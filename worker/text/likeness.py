"""Likeness: when two passages say the same.

Alike is the multiset Jaccard coefficient of their words (Broder 1997, "resemblance", with
multiplicities), from 0 to 1. However alike, passages with other numbers, names or negations differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from worker.text.words import words

Marks = tuple[tuple[str, ...], ...]

#: From this likeness on two passages are near-identical: a word in six changed, no more.
NEAR = 0.7
#: And this share of their neighbouring word pairs must agree: "dog bites man" is news.
_NEAR_PAIRS = 0.4

_QUOTES = re.compile(r"['’‘`´\"“”„«»‹›]")
_DASH = "‐‑‒–—―−-"
# The dash first, and then what stands before it: looking back from every letter took five times as long.
_BETWEEN_LETTERS = re.compile(rf"[{_DASH}](?<=[^\W\d_][{_DASH}])(?=[^\W\d_])")
_MINUS = re.compile(rf"[{_DASH}](?<!\w[{_DASH}])(?=\d)")
_DASHES = re.compile(rf"[{_DASH}]+")
_TOKEN = re.compile(rf"[^\W\d]\w*|(?:(?<!\w)[{_DASH}])?\d+(?:[.,:/]\d+)*\w*|\w+")
_ASCII_TOKEN = re.compile(_TOKEN.pattern, re.ASCII)
_NEGATIONS = frozenset(
    "no not nor never none nobody nothing neither without cannot cant wont dont doesnt didnt isnt arent wasnt "
    "werent hasnt havent hadnt wouldnt couldnt shouldnt mustnt aint "
    "ne pas ni jamais rien aucun aucune sans non nicht kein keine keinen keiner nie niemals ohne nunca sin nada".split()
)
_NUMERALS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen "
    "half third quarter first second last deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze "
    "vingt trente quarante cinquante soixante cent mille zwei drei vier fünf sechs sieben acht neun zehn elf zwölf "
    "zwanzig hundert tausend dos tres cuatro cinco seis siete ocho nueve diez once doce veinte cien mil".split()
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A text made ready for comparing: its normal form, and its numbers, names and negations as they follow."""

    text: str
    key: str
    marks: Marks


def normal(text: str) -> str:
    """The text without case, quotes, apostrophes, dashes and runs of space.

    A hyphen between letters is dropped ("secretary-general"), a minus before a number stays, another
    dash becomes a space: "10-12" never equals "1012", nor "-5" "5".
    """
    return _normal(_unquoted(text))


def _unquoted(text: str) -> str:
    if text.isascii():
        return text.replace("'", "").replace('"', "").replace("`", "")
    return _QUOTES.sub("", text)


def _normal(plain: str) -> str:
    if "-" in plain or (not plain.isascii() and _DASHES.search(plain)):
        plain = _DASHES.sub(" ", _MINUS.sub("\0", _BETWEEN_LETTERS.sub("", plain))).replace("\0", "-")
    return " ".join(plain.split()).casefold()


@lru_cache(maxsize=5_000)
def passage(text: str) -> Passage:
    """The text made ready for comparing."""
    bare = _unquoted(text)
    return Passage(text, _normal(bare), _marks(bare))


def joined(text: str, parts: Sequence[Passage]) -> Passage:
    """The passage of a text that is made of these, with a space between each two.

    What was found in them is not looked for again, but where the word that a negation is about stands in the next.
    """
    if len(parts) == 1:
        return parts[0]
    marks = zip(*(part.marks for part in parts), strict=True)
    numbers, names, negations = (tuple(chain.from_iterable(kind)) for kind in marks)
    if any(negation.endswith(" ") for negation in negations):
        return passage(text)
    return Passage(text, " ".join([part.key for part in parts]), (numbers, names, negations))


def similarity(a: Passage, b: Passage) -> float:
    """How alike two passages are, from 0 to 1."""
    return 1.0 if a.key == b.key else _jaccard(_counts(a.text), _counts(b.text))


def repeats(a: Passage, b: Passage) -> float:
    """Their similarity where one says again what the other said, else 0."""
    if a.key == b.key:
        return 1.0
    if a.marks != b.marks or not _counts(a.text) or not _counts(b.text):
        return 0.0
    if _apart(_counts(a.text).total(), _counts(b.text).total()):
        return 0.0
    alike = similarity(a, b)
    return alike if alike >= NEAR and _jaccard(_pairs(a.text), _pairs(b.text)) >= _NEAR_PAIRS else 0.0


def _apart(one: int, other: int) -> bool:
    """Whether passages of so many words cannot be near: the shorter one has too few to share."""
    return min(one, other) < NEAR * max(one, other)


@lru_cache(maxsize=5_000)
def _counts(text: str) -> Counter[str]:
    return Counter(words(text))


def _pairs(text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(words(text)))


def _jaccard(a: Counter[Any], b: Counter[Any]) -> float:
    shared = (a & b).total()
    union = a.total() + b.total() - shared
    return shared / union if union else 1.0


def _marks(bare: str) -> Marks:
    """Numbers, names and negations of a text without quotes, in their order: equal in passages that say the same.

    A name is a word with a capital; the first word of a passage counts as well, since nobody can
    tell "Macron said" from "Yesterday said" by its capital alone, and to keep is the safe mistake.
    In their order, because "5 to 10" is not "10 to 5", nor is "Anna beat Greta" "Greta beat Anna".
    """
    tokens = (_ASCII_TOKEN if bare.isascii() else _TOKEN).findall(bare)
    found = list(filter(None, map(_mark, tokens)))
    numbers = tuple([number for number, _, _ in found if number])
    names = tuple([name for _, name, _ in found if name])
    return numbers, names, _negations(tokens) if any(negation for _, _, negation in found) else ()


def _negations(tokens: Sequence[str]) -> tuple[str, ...]:
    """Each negation with the word that follows: "not safe but cheap" is not "safe but not cheap"."""
    found = [(place, mark[2]) for place, mark in enumerate(map(_mark, tokens)) if mark and mark[2]]
    following = [*tokens[1:], ""]
    return tuple(f"{negation} {following[place].casefold().removesuffix('s')}" for place, negation in found)


@lru_cache(maxsize=50_000)
def _mark(token: str) -> tuple[str, str, str] | None:
    """What a token says as a number, as a name and as a negation; None, mostly."""
    number = token if _digits(token) else _one_of(_NUMERALS, token)
    name, negation = token.casefold() if token[0].isupper() else "", _one_of(_NEGATIONS, token)
    return (number, name, negation) if number or name or negation else None


def _digits(token: str) -> bool:
    return not token.isalpha() and any(map(str.isdigit, token))


def _one_of(known: frozenset[str], token: str) -> str:
    """The known word that a token is, a slip of the pen ("nots") forgiven; else nothing."""
    word = token.casefold()
    if word in known:
        return word
    return word[:-1] if word[-1:] == "s" and word[:-1] in known else ""
