"""Rules: the reader's own weights, by words, outlets, sources and sections; simple, and each named in the account."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice

from worker.edition import Digest, Rule
from worker.model import Arrival
from worker.text.identity import outlet

#: A word in the title or in so many first sentences says what a text is about; elsewhere it has to come again.
_FIRST = 3


def muted(rules: Iterable[Rule], arrival: Arrival) -> Rule | None:
    """The first rule that keeps a document from being told; None if none does."""
    return next((rule for rule in rules if rule.mute and matches(rule, arrival)), None)


def outside(digest: Digest, arrival: Arrival) -> str:
    """Why a document is none that a digest is made of; empty if it is one."""
    if digest.sources and not _any_fits(digest.sources, arrival.document.source):
        return f"this digest is not made of the source {arrival.document.source!r}"
    if digest.sections and not _any_fits(digest.sections, arrival.section):
        return f"this digest is not made of the section {arrival.section!r}"
    if digest.languages and arrival.document.language not in digest.languages:
        return f"this digest is not made of texts in {arrival.document.language!r}"
    return ""


def weight(rules: Iterable[Rule], arrivals: Sequence[Arrival]) -> float:
    """What a story of these documents weighs: each rule that one of them matches counts once."""
    return math.prod(rule.weight for rule in rules if any(matches(rule, arrival) for arrival in arrivals))


def section(rules: Sequence[Rule], quoted: Sequence[Arrival]) -> str:
    """The section of most documents that a story quotes, of equals the first one's; "" if that is none."""
    names = [_section(rules, arrival) for arrival in quoted]
    return max(names, key=names.count)


def moved(rules: Iterable[Rule], arrival: Arrival) -> str:
    """Which rules weigh a document or give it a section, in words that go on a sentence; empty if none does."""
    fit = [rule for rule in rules if not rule.mute and matches(rule, arrival)]
    return "".join(f"; the rule {rule.name!r} fits it ({_does(rule)})" for rule in fit)


def _does(rule: Rule) -> str:
    weight = f"weight {rule.weight:g}" if rule.weight != 1 else ""
    return ", ".join(filter(None, (weight, f"section {rule.section!r}" if rule.section else "")))


def _section(rules: Iterable[Rule], arrival: Arrival) -> str:
    """A document's section: by the first rule that names one, else its source's."""
    return next((rule.section for rule in rules if rule.section and matches(rule, arrival)), arrival.section)


def matches(rule: Rule, arrival: Arrival) -> bool:
    """Whether a document is one of those that a rule means: of each kind that it names, one must fit."""
    document = arrival.document
    named = ((rule.outlets, outlet(document.url)), (rule.sources, document.source), (rule.sections, arrival.section))
    if not all(_any_fits(patterns, name) for patterns, name in named if patterns):
        return False
    return not rule.words or _is_about(rule.words, arrival)


def _any_fits(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def _is_about(words: tuple[str, ...], arrival: Arrival) -> bool:
    """Whether a document has the words where it says what it is about, or twice: once is said by the way."""
    said = [sentence.text for sentence in arrival.reading.sentences]
    pattern, opening = _pattern(words), "\n".join((arrival.document.title, *said[:_FIRST]))
    further = pattern.finditer("\n".join(said[_FIRST:]).casefold())
    return pattern.search(opening.casefold()) is not None or len(list(islice(further, 2))) == 2


@lru_cache(maxsize=1000)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words or phrases, whole; "elect*" means all words that begin so."""
    bare = (re.escape(word.casefold().strip()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(bare)})(?!\w)")
