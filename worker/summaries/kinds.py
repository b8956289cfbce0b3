"""Kinds of lines: what tells something, and what only names it, breaks off, or never ends."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from functools import lru_cache

from worker.model import Sentence
from worker.summaries.credits import credit
from worker.text.likeness import passage, similarity
from worker.text.words import count, written

#: A sentence with fewer words tells nothing by itself ("It did.").
_FEWEST_WORDS = 5
#: What has more words is a text whose full stops were lost; three of them take a third of a digest.
_MOST_WORDS = 100
#: A heading has no more words than this.
_HEADING = 15
#: A title is looked at so far, and lines of twice that.
_LONGEST_TITLE = 1000
#: From this likeness on a line says the title: in ten words one differs.
_TITLE = 0.8
_ENDED = re.compile(r"[.!?…:;。！？；：؟۔।॥։።][\W_]*$")
#: Closing quotes and brackets behind a full stop; a million of them are not looked through.
_TAIL = 20
_SEPARATOR = re.compile(r"\s+[-–—|/:]+\s+|:\s+|\s*[|·•»]\s*")


class Kind(IntEnum):
    """What a line is, the best first."""

    sentence = 0
    heading = 1
    fragment = 2
    endless = 3


def kinds(sentences: Sequence[Sentence]) -> list[Kind]:
    """The kind of each sentence; their paragraphs tell which are headings."""
    headings = _headings(sentences)
    return [Kind.heading if place in headings else _by_length(one.text) for place, one in enumerate(sentences)]


def endless(sentence: Sentence) -> bool:
    """Whether it is so long that its full stops must have been lost."""
    return _endless(sentence.text)


def untitled(sentences: Iterable[Sentence], titles: Collection[str]) -> tuple[Sentence, ...]:
    """The sentences but for those that only say one of the titles, or a part of it, or it with a site's name."""
    known = {core for title in titles for core in _cores(title[:_LONGEST_TITLE]) if core}
    most, said = 2 * max(map(len, known), default=0), {word for core in known for word in core.split()}
    return tuple(one for one in sentences if len(one.text) > most or not _says_one(one.text, known, said))


def without_titles(sentences: Sequence[Sentence], titles: Collection[str]) -> tuple[Sentence, ...]:
    """The same; or all of them, if the text has nothing else to tell."""
    found = untitled(sentences, titles)
    return found if telling(found) else tuple(sentences)


def telling(sentences: Iterable[Sentence]) -> bool:
    """Whether there is anything but credits."""
    return not all(credit(one.text) for one in sentences)


@lru_cache(maxsize=5_000)
def _by_length(text: str) -> Kind:
    if len(written(text)) < _FEWEST_WORDS:
        return Kind.fragment
    return Kind.endless if _endless(text) else Kind.sentence


def _endless(text: str) -> bool:
    return len(text) > _MOST_WORDS and count(text) > _MOST_WORDS


def _headings(sentences: Sequence[Sentence]) -> frozenset[int]:
    """Short paragraphs without a final stop, in documents most of whose paragraphs have one."""
    paragraphs: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, one in enumerate(sentences):
        paragraphs[one.span.document, one.span.paragraph].append(place)
    last = {key: max(places, key=lambda place: sentences[place].span.start) for key, places in paragraphs.items()}
    open_ = {key for key, place in last.items() if not _ended(sentences[place].text)}
    size, without = Counter(name for name, _ in paragraphs), Counter(name for name, _ in open_)
    return frozenset(
        last[key]
        for key in open_
        if len(paragraphs[key]) == 1
        and 2 * without[key[0]] < size[key[0]]
        and len(written(sentences[last[key]].text)) <= _HEADING
    )


def _ended(text: str) -> bool:
    return text.endswith((".", "!", "?")) or _ENDED.search(text[-_TAIL:]) is not None


def _cores(text: str) -> set[str]:
    """The text in plain words, and without a site's name or a label: the part that has most of its letters."""
    whole = _plain(text)
    parts = [_plain(part) for part in _SEPARATOR.split(text)]
    return {core for core in (whole, *parts) if 2 * len(core) > len(whole)}


def _plain(text: str) -> str:
    return " ".join(written(text)).casefold()


def _says_one(text: str, titles: Collection[str], said: Collection[str]) -> bool:
    """Whether it says one of the titles; most sentences have too few of their words to be looked at closely."""
    words = {word.casefold() for word in written(text)}
    return 4 * len(words.intersection(said)) >= len(words) and any(_says(core, titles) for core in _cores(text))


def _says(core: str, titles: Collection[str]) -> bool:
    return any(f" {core} " in f" {title} " or _near(core, title) for title in titles)


def _near(core: str, title: str) -> bool:
    """Whether nearly all words are the same, and all numbers."""
    if not _TITLE**2 < len(core) / len(title) < 1 / _TITLE**2:
        return False
    one, other = passage(core), passage(title)
    return one.marks[0] == other.marks[0] and similarity(one, other) >= _TITLE
