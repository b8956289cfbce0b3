"""Rules: the reader's own weights, by words, outlets, sources and sections; simple, and each named in the account."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from worker.edition import Digest, Rule
from worker.model import Arrival
from worker.text.identity import outlet


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


def section(rules: Iterable[Rule], arrivals: Sequence[Arrival]) -> str:
    """The section a story stands under: by the first rule that names one, else by the first source that has one."""
    by_rule = (rule.section for rule in rules if rule.section and any(matches(rule, one) for one in arrivals))
    return next(by_rule, "") or next((one.section for one in arrivals if one.section), "")


def matches(rule: Rule, arrival: Arrival) -> bool:
    """Whether a document is one of those that a rule means: of each kind that it names, one must fit."""
    document = arrival.document
    named = ((rule.outlets, outlet(document.url)), (rule.sources, document.source), (rule.sections, arrival.section))
    if not all(_any_fits(patterns, name) for patterns, name in named if patterns):
        return False
    return not rule.words or _said(rule.words, "\n".join((document.title, *document.paragraphs)))


def _any_fits(patterns: Iterable[str], name: str) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def _said(words: tuple[str, ...], text: str) -> bool:
    return _pattern(words).search(text.casefold()) is not None


@lru_cache(maxsize=1000)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words or phrases, whole; "elect*" means all words that begin so."""
    bare = (re.escape(word.casefold().strip()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(bare)})(?!\w)")
