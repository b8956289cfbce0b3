"""Novelty: what a digest told before, it does not tell again.

Told again is what a reader calls the same sentence: near-identical to one told (text/likeness.py), or
the beginning of one, whatever agency, place and dots were put around it. One with another number, name,
negation or direction ("rose", "fell") is new, however alike.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from worker.digest.wrapping import bare, is_cut
from worker.edition import Told
from worker.model import Sentence
from worker.text.crowd import Crowd
from worker.text.likeness import Marks, Passage, normal, passage, repeats

#: So many first words of a sentence told say nothing new by themselves; longer beginnings than that are not kept.
_BEGINNINGS = range(6, 61)
_CUT = "…"
_QUOTES = dict.fromkeys(map(ord, "'’‘`´\"“”„«»‹›"))
_TOKEN = re.compile(r"[^\W\d]\w*|(?:(?<!\w)-)?\d+(?:[.,:/]\d+)*\w*|\w+")
#: First words that are never a name, though they have a capital.
_PLAIN = frozenset(
    "a after amid an as at before but by during for from in it its of on that the there these this those to when "
    "while with à après au aux avec c ce ces cette d dans de des du elle en et il l la le les lors mais par pour "
    "selon sur un une als am auf aus bei das dem den der die ein eine einen es im in mit nach seit und von vor zu "
    "al con del desde el en las los por según una uno".split()
)
#: Words that turn all that stands before them.
_TURNING = frozenset(
    "deny denied denies denial false falsely untrue wrongly hoax rumour rumor unless until except not no never "
    "nor none neither without cannot cant wont didnt doesnt isnt wasnt pas jamais sans aucun aucune rien faux "
    "dément sauf nicht kein keine nie ohne falsch nunca sin nada ni falso non senza не нет ни никогда niet geen "
    "nooit niente nessuno mai não nem inte ingen ikke değil لا لم لن ليس".split()
)
#: Words that turn a sentence where they are put for each other.
_POLES = frozenset(
    "up down rise rises rose risen rising fall falls fell fallen falling gain gains gained lose loses lost win "
    "wins won higher lower more less fewer increase increases increased decrease decreases decreased drop drops "
    "dropped before after for against guilty innocent alive dead man woman men women boy girl he she his her him "
    "open opens opened close closes closed start starts started stop stops stopped best worst north south east "
    "west accept accepts accepted reject rejects rejected confirm confirms confirmed former double doubled halved "
    "tripled morning evening today tomorrow yesterday all some few many most plus moins hausse baisse avant après "
    "contre pour gagné perdu homme femme il elle hier demain mehr weniger gestiegen gefallen vor nach gegen für "
    "er sie gestern morgen heute más menos contra".split()
)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A sentence made ready: what it says without its wrapping and without its first capital, and its words as written.

    `opens` is its first word where that has a capital, else nothing: it may be a name. `place` is where it
    was reported from, if it says so; `cut`: it ends with dots.
    """

    passage: Passage
    place: str
    opens: str
    tokens: tuple[str, ...]
    cut: bool


class Memory:
    """The sentences told, found again by their telling marks; of several the latest day counts."""

    def __init__(self, told: Iterable[Told] = ()) -> None:
        self._days: dict[tuple[str, str], date] = {}  # by place and key
        self._texts: set[str] = set()
        # Passages with other marks are never near-repeats of each other: no need to compare them.
        self._by_marks: dict[Marks, Crowd[_Ready]] = defaultdict(Crowd)
        self._beginnings: dict[tuple[str, ...], dict[str, date]] = defaultdict(dict)
        for sentence in told:
            self.remember(sentence.text, sentence.day)

    def remember(self, text: str, day: date) -> None:
        """From now on the text counts as told on the day."""
        ready = _ready(text)
        for key in (("", normal(text)), (ready.place, ready.passage.key)):
            self._days[key] = max(day, self._days.get(key, day))
        for beginning in _beginnings(ready):
            places = self._beginnings[beginning]
            places[ready.place] = max(day, places.get(ready.place, day))
        if text not in self._texts:
            self._texts.add(text)
            self._by_marks[ready.passage.marks].add(ready.passage, ready)

    def told(self, text: str) -> date | None:
        """The last day on which the text was told, or None."""
        if not self._texts:  # most stories were never told: nothing of them is made ready for comparing
            return None
        ready = _ready(text)
        last = max(self._days_known(ready, normal(text)), default=None)
        crowd = self._by_marks.get(ready.passage.marks)
        for _, other in crowd.near(ready.passage) if crowd else ():
            day = self._days[other.place, other.passage.key]
            if (last is None or day > last) and _same(ready, other):
                last = day
        return last

    def _days_known(self, ready: _Ready, key: str) -> Iterator[date]:
        """The days on which the very text was told, or a sentence that begins with it."""
        if day := self._days.get(("", key)):
            yield day
        for beginning in _asked(ready):
            places = self._beginnings.get(beginning, {})
            yield from (day for place, day in places.items() if _fit(place, ready.place))

    def fresh(self, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
        """Those of the sentences that were not told."""
        return tuple(self.unknown(sentences))

    def unknown(self, sentences: Iterable[Sentence]) -> Iterator[Sentence]:
        """Those of the sentences that were not told, one by one, for who needs not all."""
        return (sentence for sentence in sentences if self.told(sentence.text) is None)


@lru_cache(maxsize=20_000)
def _ready(text: str) -> _Ready:
    place, said = bare(text)
    tokens = _TOKEN.findall(said.translate(_QUOTES))
    if not tokens:
        return _Ready(passage(said), place, "", (), cut=False)
    first = tokens[0]
    opens = first.casefold() if first[0].isupper() else ""
    at = said.find(first[0])
    lowered = said[:at] + first[0].lower() + said[at + 1 :] if opens else said
    return _Ready(passage(lowered), place, opens, (first.casefold(), *tokens[1:]), is_cut(text))


def _beginnings(ready: _Ready) -> Iterator[tuple[str, ...]]:
    """The beginnings of a sentence; one before a word that turns it says something else, unless it is marked as cut."""
    turned = max((at for at, token in enumerate(ready.tokens) if token.casefold() in _TURNING), default=0)
    for length in _BEGINNINGS:
        if length <= len(ready.tokens):
            yield ready.tokens[:length] if turned < length else (*ready.tokens[:length], _CUT)


def _asked(ready: _Ready) -> Iterator[tuple[str, ...]]:
    """The beginnings as which a sentence may be known; one that was cut may end in the middle of a word."""
    yield ready.tokens
    if ready.cut:
        yield (*ready.tokens, _CUT)
        yield ready.tokens[:-1]
        yield (*ready.tokens[:-1], _CUT)


def _same(a: _Ready, b: _Ready) -> bool:
    return (
        _fit(a.place, b.place)
        and repeats(a.passage, b.passage) > 0
        and _opens(a, b)
        and _opens(b, a)
        and not _turned(a.tokens, b.tokens)
    )


def _fit(place: str, other: str) -> bool:
    """Whether two sentences may be from the same place: one of them does not say where it is from."""
    return place == other or not (place and other)


def _opens(a: _Ready, b: _Ready) -> bool:
    """Whether the first word of one is no name that the other lacks: nobody can tell that by its capital alone."""
    return not a.opens or a.opens in _PLAIN or any(a.opens == token.casefold() for token in b.tokens)


def _turned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one has a word that turns it and that the other lacks, or each has a pole where the other has another."""
    one, other = set(map(str.casefold, a)), set(map(str.casefold, b))
    mine, theirs = one - other, other - one
    return bool(_TURNING & (mine | theirs) or (_POLES & mine and _POLES & theirs))
