"""Dangling sentences: which can be read alone, and which need their neighbour.

"He said so", "But the bridge held", "The scheme": such a sentence means something after another one
only; a quotation needs the sentence that says who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from worker.model import Sentence
from worker.text.languages import Grammar, grammar
from worker.text.words import written

_OPENING, _CLOSING = re.compile("[“«„]"), re.compile("[”»]")
_ANY_QUOTE = re.compile('[“”«»„"]')
_STRAIGHT = '"'
#: The words around a quotation that can name its speaker.
_FEWEST_OUTSIDE = 2
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"")
#: "a long-planned scheme": so many words after the article may be what it introduces.
_REACH = 3


class Dangling:
    """Which sentences dangle, and from which neighbours; `ordered`: a paragraph goes on where the one before ended."""

    def __init__(self, sentences: Sequence[Sentence], language: str, *, ordered: bool) -> None:
        self._sentences, self._ordered = sentences, ordered
        self._words = grammar(language)

    def leans(self, place: int) -> bool:
        """Whether the sentence needs a neighbour."""
        return _sides(self._sentences[place].text, self._words) is not None

    def needs(self, place: int) -> frozenset[int] | None:
        """The neighbours of which the sentence needs one (none may be there); None if it stands alone."""
        sides = _sides(self._sentences[place].text, self._words)
        if sides is None:
            return None
        near = [place + side for side in sides]
        return frozenset(at for at in near if _neighbours(self._sentences, *sorted((place, at)), ordered=self._ordered))

    def points(self, place: int) -> bool:
        """Whether it opens with "the scheme", and another sentence has introduced "a scheme"."""
        opening = written(self._sentences[place].text)[:2]
        if len(opening) < 2 or opening[0].lower() not in self._words.definite or not opening[1].islower():
            return False
        return bool(self._introduced.get(opening[1], set()) - {place})

    @cached_property
    def _introduced(self) -> dict[str, set[int]]:
        """The nouns, or what stands near an indefinite article, and the places where it does."""
        found: dict[str, set[int]] = {}
        for place, sentence in enumerate(self._sentences if self._words.indefinite else ()):
            row = written(sentence.text)
            for at, word in enumerate(row):
                if word.lower() in self._words.indefinite:
                    for noun in row[at + 1 : at + 1 + _REACH]:
                        found.setdefault(noun, set()).add(place)
        return found


def _sides(text: str, words: Grammar) -> tuple[int, ...] | None:
    """Where the neighbours are of which it needs one: -1 before, 1 after; None if it needs none."""
    quotes = bool(_ANY_QUOTE.search(text))
    if _opens_leaning(text, words) or (quotes and _ends_quote(text)):
        return (-1,)
    if quotes and _begins_quote(text):
        return (1,)
    return (-1, 1) if quotes and _only_quoted(text) else None


def _neighbours(sentences: Sequence[Sentence], one: int, other: int, *, ordered: bool) -> bool:
    """Whether the second follows the first in their text: in one paragraph, or anywhere in a trusted order."""
    if one < 0 or other >= len(sentences):
        return False
    a, b = sentences[one].span, sentences[other].span
    return a.document == b.document and (ordered or a.paragraph == b.paragraph)


def _opens_leaning(text: str, words: Grammar) -> bool:
    """Whether it opens with a pronoun, a connective, or "this"."""
    first = [word.lower() for word in written(text)[:1]]
    return any(first[0] in known for known in (words.pronouns, words.connectives, words.pointers)) if first else False


def _begins_quote(text: str) -> bool:
    """Whether a quotation begins in it and goes on in the next."""
    straight = text.count(_STRAIGHT) % 2 == 1 and text.lstrip().startswith(_STRAIGHT)
    return straight or len(_OPENING.findall(text)) > len(_CLOSING.findall(text))


def _ends_quote(text: str) -> bool:
    """Whether a quotation ends in it that began before."""
    straight = text.count(_STRAIGHT) % 2 == 1 and not text.lstrip().startswith(_STRAIGHT)
    return straight or len(_CLOSING.findall(text)) > len(_OPENING.findall(text))


def _only_quoted(text: str) -> bool:
    """Whether all of it is quotation, so that nobody is said to speak."""
    outside, count = _QUOTED.subn(" ", text)
    return count > 0 and len(written(outside)) < _FEWEST_OUTSIDE
