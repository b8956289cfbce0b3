"""Figures: how many of something a sentence counts, and when two sentences give different figures for the same thing.

A false alarm here would accuse a source, so whatever is not plain is passed over: only a number right before
what it counts ("12 people", "15 dead", "1.5 million barrels") is a figure. Ages, times, dates, years, money,
measures, ranges and parts of a whole are none; "about 9,300" does not differ from "9,300", nor "at least 10" from "12".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from worker.summaries.tolls import is_toll, toll
from worker.text.words import stem, written

_TOKEN = re.compile(r"[$€£¥]?\d+(?:[.,:/]\d+)*[^\W\d_]*(?:[-‐‑–/]\w+)*|[^\W\d_]+(?:[-‐‑][^\W_]+)*|[^\s\w'’]")
_GROUPED, _DECIMAL = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d+"), re.compile(r"\d+[.,]\d{1,2}")
_CURRENCY = frozenset("$€£¥")
_LONGEST = 15  # what has more digits is no figure that anybody reads
_YEARS = range(1900, 2101)


def _counted(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


#: "One" and "un" are articles too, and "neuf" is new: they count nothing here.
_NUMERALS = {
    **_counted("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", 2),
    **_counted("seventeen eighteen nineteen twenty", 17),
    **_counted("deux trois quatre cinq six sept huit", 2),
    **_counted("dix onze douze treize quatorze quinze seize", 10),
    **_counted("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn", 2),
    **_counted("dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis", 2),
    **{word: 20 + 10 * at for at, word in enumerate("vingt trente quarante cinquante soixante".split())},
    **{word: 20 + 10 * at for at, word in enumerate("zwanzig dreißig vierzig fünfzig sechzig siebzig".split())},
    **{word: 30 + 10 * at for at, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split())},
    **{word: 20 + 10 * at for at, word in enumerate("veinte treinta cuarenta cincuenta sesenta setenta".split())},
}
_SCALES = {
    **dict.fromkeys("hundred hundert".split(), 100),
    **dict.fromkeys("thousand mille tausend mil".split(), 1_000),
    **dict.fromkeys("million millions millionen millón millones".split(), 1_000_000),
    **dict.fromkeys("billion billions milliard milliards milliarden".split(), 1_000_000_000),
}
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec janvier février mars avril mai juin juillet août septembre octobre novembre décembre januar "
    "februar märz juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre".split()
)
#: What makes a number an age, a time, a date, money, a share or a measure.
_MEASURES = _MONTHS | frozenset(
    "year years yr yrs month months week weeks weekend day days night nights hour hours minute minutes second seconds "
    "old noon midnight uhr century centuries decade decades time times gmt utc percent percentage point points per "
    "pour pro prozent por dollar dollars cent cents euro euros pound pounds yen yuan francs rupees rubles pesos usd "
    "eur gbp ans an année années mois jour jours semaine semaines heure heures secondes siècle fois jahr jahre jahren "
    "monat monate monaten woche wochen tag tage tagen stunde stunden minuten sekunden mal año años mes meses día días "
    "semana semanas hora horas minutos segundos veces "
    "kilometres kilometers kilometer kilomètres kilómetros miles milles meilen metres meters meter mètres metros feet "
    "inches acres hectares hektar degrees degrés grad grados".split()
)
#: After these a number names a place in a row, or counts some of the things, not all of them.
_PARTIAL = _MONTHS | frozenset(
    "no nr number route highway chapter page section grade phase first last next top every each per another other "
    "aged age remaining further additional only these those its his her their which including among numéro âgé autres "
    "premiers derniers dont nummer weitere ersten letzten andere darunter número otros primeros últimos".split()
)
_JOINTS = frozenset("to or and of than à ou et de sur bis oder und von a o y - ‐ ‑ – — /".split())
_ROUGHLY = frozenset(
    "about around nearly almost some roughly approximately over least most than estimated under up as many close "
    "environ près plus moins presque quelque quelques jusqu rund etwa fast mindestens über mehr knapp unos unas casi "
    "más menos alrededor cerca".split()
)
_LOOK_BACK, _LOOK_ON = 3, 3
#: A word shorter than this is no noun that anybody counts.
_SHORTEST = 3
#: Rough figures so near each other agree.
_TOLERANCE = 0.1
#: Alike enough to speak of the same thing: so many telling words shared, of the shorter's and of all.
_SHARED, _OF_SHORTER, _OF_ALL = 3, 0.5, 0.3
_SHARED_OF_TOLLS, _OF_SHORTER_OF_TOLLS = 2, 0.4


@dataclass(frozen=True, slots=True)
class Mention:
    """A number as written, its value, what it counts (and the stem of it), the nearest telling stems on both sides."""

    number: str
    value: int
    what: str
    thing: str
    rough: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Counting:
    """What a sentence counts, by the stem of the thing, and the words and names (stems) that it does so with."""

    mentions: dict[str, Mention]
    words: frozenset[str]
    names: frozenset[str]


@lru_cache(maxsize=4_000)
def counting(text: str, empty: frozenset[str]) -> Counting:
    """What a sentence counts; `empty` are the language's words that tell nothing.

    A thing that is counted twice with different figures is left out: nobody can tell which is meant.
    """
    tokens = _TOKEN.findall(text)
    found: dict[str, list[Mention]] = {}
    for mention in _mentions(tokens, empty):
        found.setdefault(mention.thing, []).append(mention)
    single = {thing: said[0] for thing, said in found.items() if len({one.value for one in said}) == 1}
    row = [word for word in written(text) if _tells(word, empty)]
    names = frozenset(stem(word) for word in written(text)[1:] if word[0].isupper() and _tells(word, empty))
    return Counting(single, frozenset(map(stem, row)), names)


def disagreeing(one: Counting, other: Counting) -> list[tuple[Mention, Mention]]:
    """The mentions of two sentences that give different figures for the same thing; mostly none."""
    shared = one.mentions.keys() & other.mentions.keys()
    if not shared or (one.names - other.words and other.names - one.words):
        return []  # each has names (places, weekdays) of its own
    pairs = [(one.mentions[thing], other.mentions[thing]) for thing in sorted(shared)]
    return [(a, b) for a, b in pairs if not _agree(a, b) and _same(a, one, b, other)]


def _same(a: Mention, one: Counting, b: Mention, other: Counting) -> bool:
    """Whether both are about the same. A toll may be told in quite other words: the sentences are of one story."""
    if is_toll(a.thing):
        return _same_matter(one, other, _SHARED_OF_TOLLS, _OF_SHORTER_OF_TOLLS, 0.0)
    return _same_matter(one, other, _SHARED, _OF_SHORTER, _OF_ALL) and _same_thing(a, one, b, other)


def _same_matter(one: Counting, other: Counting, least: int, of_shorter: float, of_all: float) -> bool:
    """Whether they share enough words."""
    shared = len(one.words & other.words)
    shorter = min(len(one.words), len(other.words))
    return shared >= max(least, of_shorter * shorter, of_all * len(one.words | other.words))


def _same_thing(a: Mention, one: Counting, b: Mention, other: Counting) -> bool:
    """Whether what stands around the figures agrees: "12 people killed" is not "15 people injured"."""
    for mine, its in ((a.before, b.before), (a.after, b.after)):
        if mine and its and mine not in other.words and its not in one.words:
            return False
    return _known({a.before, a.after}, other) and _known({b.before, b.after}, one)


def _known(around: set[str], there: Counting) -> bool:
    around -= {""}
    return not around or bool(around & there.words)


def _agree(a: Mention, b: Mention) -> bool:
    """Whether both can be true: rough or round figures agree with all that they may stand for."""
    apart = abs(a.value - b.value)
    if (a.rough or b.rough) and apart <= _TOLERANCE * max(a.value, b.value):
        return True
    return any(apart < _grain(one) for one in (a, b))


def _grain(mention: Mention) -> int:
    """To how many a figure is rounded: "9,000" to a thousand; "20" to one, unless it is said to be rough."""
    digits = str(mention.value)
    zeros = len(digits) - len(digits.rstrip("0"))
    return 10**zeros if mention.rough or zeros > 1 else 1


def _mentions(tokens: Sequence[str], empty: frozenset[str]) -> Iterator[Mention]:
    for at in range(len(tokens)):
        value = _value(tokens[at])
        if value is None or not _starts(tokens, at, empty):
            continue
        scale = _SCALES.get(tokens[at + 1].casefold(), 0) if at + 1 < len(tokens) else 0
        end = at + 1 + bool(scale)
        whole = scale or (value == int(value) and not _year(tokens[at]))
        if whole and end < len(tokens) and _thing(tokens[end], empty):
            kind = toll(tokens, at, end)
            yield Mention(
                " ".join(tokens[at:end]),
                round(value * (scale or 1)),
                tokens[end].casefold(),
                kind or stem(tokens[end]),
                any(word.casefold() in _ROUGHLY for word in tokens[max(0, at - _LOOK_BACK) : at]),
                _nearest(reversed(tokens[max(0, at - _LOOK_BACK) : at]), empty),
                _nearest(tokens[end + 1 : end + 1 + _LOOK_ON], empty),
            )


def _starts(tokens: Sequence[str], at: int, empty: Collection[str]) -> bool:
    """Whether the number is one by itself: no range ("10 to 12"), no part ("3 of 12"), no "Flight 12", no "$ 12"."""
    before = [token.casefold() for token in tokens[max(0, at - 2) : at]]
    if not before:
        return True
    last = before[-1]
    named = tokens[at - 1][0].isupper() and last not in empty and last not in _ROUGHLY
    if named or last in _PARTIAL or last in _CURRENCY or _value(last) is not None:
        return False
    return not (len(before) > 1 and last in _JOINTS and (_value(before[0]) is not None or before[0] in _SCALES))


def _value(token: str) -> float | None:
    if len(token) > _LONGEST:
        return None
    if _GROUPED.fullmatch(token):
        return int(re.sub(r"[.,]", "", token))
    return float(token.replace(",", ".")) if _DECIMAL.fullmatch(token) else _NUMERALS.get(token.casefold())


def _year(token: str) -> bool:
    return token.isdecimal() and int(token) in _YEARS


def _thing(token: str, empty: Collection[str]) -> bool:
    """Whether a word can be what is counted."""
    first = re.split("[-‐‑]", token.casefold())[0]
    return _tells(token, empty) and first not in _MEASURES and first not in _SCALES and first not in _ROUGHLY


def _tells(word: str, empty: Collection[str]) -> bool:
    lower = word.casefold()
    return len(word) >= _SHORTEST and word[0].isalpha() and lower not in empty and lower not in _NUMERALS


def _nearest(tokens: Iterator[str] | Sequence[str], empty: Collection[str]) -> str:
    """The stem of the first telling word, on this side of a comma or full stop; nothing if there is none."""
    for token in tokens:
        if token in {",", ";", ":", ".", "(", ")"}:
            return ""
        if _tells(token, empty) and token.casefold() not in _ROUGHLY and token.casefold() not in _SCALES:
            return stem(re.split("[-‐‑]", token)[0])
    return ""
