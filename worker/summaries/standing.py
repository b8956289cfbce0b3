"""Standing: which sentences can be read alone, and which need their neighbour.

"He said so", "But the bridge held", "The scheme": such a sentence means something after another one
only; a quotation needs the sentence that says who speaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.model import Sentence
from worker.text.languages import Grammar, grammar
from worker.text.words import written

_OPENING, _CLOSING = re.compile("[“«„]"), re.compile("[”»]")
_STRAIGHT = '"'
#: The words around a quotation that can name its speaker.
_FEWEST_OUTSIDE = 2
_QUOTED = re.compile(r"“[^”]*”|«[^»]*»|„[^“”]*[“”]|\"[^\"]*\"")
#: "a long-planned scheme": so many words after the article may be what it introduces.
_REACH = 3


@dataclass(frozen=True)
class Standing:
    """How the sentences of a text stand to each other, by their places.

    `needs`: None for a sentence that stands alone, else the neighbours of which it needs one (none may
    be there). `pointing`: whether it can stand alone, but cannot open a summary.
    """

    needs: tuple[frozenset[int] | None, ...]
    pointing: tuple[bool, ...]


def standing(sentences: Sequence[Sentence], language: str, *, ordered: bool) -> Standing:
    """How the sentences stand; `ordered` says that a paragraph goes on where the one before it ended."""
    words = grammar(language)
    introduced = _introduced(sentences, words)
    needs = tuple(_needs(sentences, place, words, ordered=ordered) for place in range(len(sentences)))
    points = tuple(_points(sentence.text, place, words, introduced) for place, sentence in enumerate(sentences))
    return Standing(needs, points)


def _needs(sentences: Sequence[Sentence], place: int, words: Grammar, *, ordered: bool) -> frozenset[int] | None:
    text = sentences[place].text
    before, after = (place - 1, place), (place, place + 1)
    if _leans(text, words) or _ends_quote(text):
        pairs = [before]
    elif _begins_quote(text):
        pairs = [after]
    elif _only_quoted(text):
        pairs = [before, after]
    else:
        return None
    near = {at for pair in pairs if _neighbours(sentences, *pair, ordered=ordered) for at in pair}
    return frozenset(near - {place})


def _neighbours(sentences: Sequence[Sentence], one: int, other: int, *, ordered: bool) -> bool:
    """Whether the second follows the first in their text: in one paragraph, or anywhere in a trusted order."""
    if one < 0 or other >= len(sentences):
        return False
    a, b = sentences[one].span, sentences[other].span
    return a.document == b.document and (ordered or a.paragraph == b.paragraph)


def _leans(text: str, words: Grammar) -> bool:
    """Whether it opens with a pronoun, a connective, or "this"."""
    first = _opening(text, 1)
    return bool(first) and any(first[0] in known for known in (words.pronouns, words.connectives, words.pointers))


def _points(text: str, place: int, words: Grammar, introduced: dict[str, set[int]]) -> bool:
    """Whether it opens with "the scheme", and another sentence has introduced "a scheme"."""
    opening = written(text[:80])[:2]
    if len(opening) < 2 or opening[0].lower() not in words.definite or not opening[1].islower():
        return False
    return bool(introduced.get(opening[1], set()) - {place})


def _introduced(sentences: Sequence[Sentence], words: Grammar) -> dict[str, set[int]]:
    """The nouns, or what stands near an indefinite article, and the places where it does."""
    found: dict[str, set[int]] = {}
    if words.indefinite:
        for place, sentence in enumerate(sentences):
            row = written(sentence.text)
            for at, word in enumerate(row):
                if word.lower() in words.indefinite:
                    for noun in row[at + 1 : at + 1 + _REACH]:
                        found.setdefault(noun, set()).add(place)
    return found


def _opening(text: str, count: int) -> list[str]:
    return [word.lower() for word in written(text[:80])[:count]]


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
