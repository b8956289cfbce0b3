"""A story told from all its documents: what many outlets say first, nothing twice, no figure that was replaced.

The sentences of all documents are ranked as one text in which all first sentences come first, then all second ones.
To a sentence's place in that ranking are added the share of the outlets that use its words (frequency over the
documents of a story: Nenkova, Vanderwende and McKeown 2006) and its place in its own document (the strongest single
cue in news: Nenkova 2005). Then documents are told one after another, as topics should stay together, and in the
order of time (Barzilay, Elhadad and McKeown 2002), the one with the best lead first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from worker.edition import Telling
from worker.model import Sentence
from worker.plugins import Ranker
from worker.summaries.choice import Budget, alike, choose, rounded
from worker.summaries.conflicts import Claim, Conflict, conflicts, replaced
from worker.summaries.corroboration import corroborated
from worker.summaries.credits import credit
from worker.summaries.dangling import Dangling
from worker.summaries.figures import counting
from worker.summaries.kinds import Kind, endless, kinds, telling, untitled
from worker.text.languages import empty_words
from worker.text.likeness import passage, repeats
from worker.text.words import count

#: What corroboration and place weigh beside a rank from 0 to 1 (benchmarks/together.py).
_CORROBORATED, _EARLY = 2.0, 0.7


@dataclass(frozen=True)
class Version:
    """One document of a story, its distinct sentences in the order that reads (`ordered`: as its paragraphs came).

    `known` are further sentences of it that were told before or elsewhere: they count as what it says, and
    are not told. A `reprint` gives another version's text again, so what it says is not corroborated by it.
    """

    document: str
    outlet: str
    when: datetime | None
    title: str
    language: str
    ordered: bool
    sentences: tuple[Sentence, ...]
    known: tuple[Sentence, ...] = ()
    reprint: bool = False


@dataclass(frozen=True)
class _Line:
    """A sentence in its version, at a place there; `fresh`: it may be told."""

    sentence: Sentence
    version: Version
    at: int
    fresh: bool


def tell(title: str, versions: Sequence[Version], budget: Budget, ranker_for: Callable[[str], Ranker]) -> Telling:
    """A story in sentences of its versions, the same for any order of them; one version is told as it would be alone.

    No two sentences are alike, but for those that give different figures: where outlets count differently
    within six hours, both stand side by side as far as the budget goes. A later figure replaces an earlier one
    of the same outlet, and another's after six hours. Figures of unknown time neither replace nor differ: of
    such sentences, if they are alike, the better one is told. The title of a version is no sentence of any,
    unless there is nothing else; what never ends is none at all.
    """
    given = _with_sentences(sorted(versions, key=_by_time))
    if not given:
        return Telling()
    language = _language(given)
    if len(given) == 1 and not given[0].known:
        return _alone(title, given[0], budget, ranker_for(language))
    return _Story(title, given, language, ranker_for(language)).told(budget)


def _with_sentences(versions: Sequence[Version]) -> list[Version]:
    """The versions without what is no sentence."""
    titles = {version.title for version in versions}
    rest = [replace(v, sentences=untitled(v.sentences, titles), known=untitled(v.known, titles)) for v in versions]
    found = rest if telling(s for v in rest for s in (*v.sentences, *v.known)) else versions
    return [replace(v, sentences=tuple(s for s in v.sentences if not endless(s))) for v in found]


def _alone(title: str, version: Version, budget: Budget, ranker: Ranker) -> Telling:
    scores = ranker.rank(title, version.sentences, ordered=version.ordered)
    chosen = choose(version.sentences, scores, budget, language=version.language, ordered=version.ordered)
    found = dict(zip(reversed(version.sentences), reversed(scores), strict=True))
    return Telling(chosen, tuple(float(found[s]) for s in chosen), ((),) * len(chosen), ())


class _Story:
    """All lines of a story, by place: its versions in the order of time, each in the order that reads."""

    def __init__(self, title: str, versions: Sequence[Version], language: str, ranker: Ranker) -> None:
        self._versions, self._language = versions, language
        self._lines = [line for version in versions for line in _lines(version)]
        self._sentences = [line.sentence for line in self._lines]
        self._empty = empty_words(language, [sentence.text for sentence in self._sentences])
        self._ordered = all(version.ordered for version in versions)
        self._scores = self._scored(ranker, " ".join(dict.fromkeys([title, *(v.title for v in versions)])))

    def told(self, budget: Budget) -> Telling:
        chosen, partners = self._within(budget)
        order = self._side_by_side(chosen, partners)
        return Telling(
            tuple(self._sentences[place] for place in order),
            tuple(self._scores[place] for place in order),
            tuple(map(self._said_by, order)),
            tuple(row for conflict in self._found(chosen) for row in conflict.differing),
        )

    def _scored(self, ranker: Ranker, title: str) -> list[float]:
        """Each line's place in the ranking of all (1 for the best, to 0), with what corroborates it and its place."""
        mixed = sorted(range(len(self._lines)), key=lambda place: (self._lines[place].at, place))
        ratings = ranker.rank(title, [self._sentences[place] for place in mixed], ordered=self._ordered)
        best = sorted(range(len(mixed)), key=lambda row: (-rounded(ratings[row]), row))
        outlets = [None if line.version.reprint else line.version.outlet for line in self._lines]
        shares = corroborated([sentence.text for sentence in self._sentences], outlets, self._empty)
        ranks = {mixed[row]: 1 - number / len(mixed) for number, row in enumerate(best)}
        return [
            ranks[place] + _CORROBORATED * share + _EARLY / (1 + line.at)
            for place, (line, share) in enumerate(zip(self._lines, shares, strict=True))
        ]

    @cached_property
    def _fresh(self) -> frozenset[int]:
        """The places of what may be told: nothing that is known, that a reprint says again, or that was replaced."""
        known = [line for line in self._lines if not line.fresh]
        first = [line for line in self._lines if line.fresh and not line.version.reprint]
        return frozenset(
            place
            for place, line in enumerate(self._lines)
            if line.fresh
            and place not in self._stale
            and not _says(line, known)
            and not (line.version.reprint and _says(line, first))
        )

    @cached_property
    def _claims(self) -> list[Claim]:
        return [
            Claim(s, counting(s.text, self._empty), line.version.outlet, line.version.when, not line.version.reprint)
            for s, line in zip(self._sentences, self._lines, strict=True)
        ]

    @cached_property
    def _stale(self) -> frozenset[int]:
        return replaced(self._claims)

    @cached_property
    def _alone(self) -> frozenset[int]:
        """The places of what can be read by itself, neighbours or not."""
        dangling = Dangling(self._sentences, self._language, ordered=self._ordered)
        return frozenset(
            place
            for place, kind in enumerate(kinds(self._sentences))
            if kind is Kind.sentence and not dangling.leans(place) and not credit(self._sentences[place].text)
        )

    @cached_property
    def _conflicts(self) -> list[Conflict]:
        """What outlets do not agree on; a sentence that cannot be read alone is not shown beside another."""
        return conflicts(self._claims, self._scores, tellable=self._fresh, among=self._alone - self._stale)

    @cached_property
    def _reading(self) -> list[int]:
        """All places as they are read: first the version with the best lead, then the others."""
        leads = sorted(self._fresh & self._alone, key=lambda place: (-rounded(self._scores[place]), place))
        first = self._lines[leads[0]].version if leads else self._versions[0]
        return sorted(range(len(self._lines)), key=lambda place: (self._lines[place].version is not first, place))

    def _within(self, budget: Budget) -> tuple[list[int], list[int]]:
        """The chosen places, and those to be shown beside some of them, for which others give way."""
        chosen = self._chosen(budget)
        partners = self._partners(chosen)
        if self._fits([*chosen, *partners], budget):
            return chosen, partners
        for number in range(len(partners), 0, -1):
            fewer = self._chosen(self._less(budget, partners[:number]))
            beside = self._partners(fewer)[:number]
            if beside and self._fits([*fewer, *beside], budget):
                return fewer, beside
        return chosen, []

    def _chosen(self, budget: Budget) -> list[int]:
        """The best within the budget, as they are read; of each conflict only the one that leads it."""
        if budget.sentences < 1 or budget.words < 0:
            return []
        followers = {place for conflict in self._conflicts for place in conflict.members - {conflict.lead}}
        reading = self._reading
        chosen = choose(
            [self._sentences[place] for place in reading],
            [self._scores[place] for place in reading],
            budget,
            language=self._language,
            ordered=self._ordered,
            withheld={row for row, at in enumerate(reading) if at not in self._fresh or at in followers},
        )
        places = {self._sentences[place]: place for place in reading}
        return [places[sentence] for sentence in chosen]

    def _partners(self, chosen: Sequence[int]) -> list[int]:
        """What is to be shown beside the chosen, unless another chosen sentence says it already."""
        return [
            place
            for conflict in self._found(chosen)
            for place in conflict.partners
            if not any(self._alike(place, other) for other in chosen if other not in conflict.members)
        ]

    def _found(self, chosen: Sequence[int]) -> list[Conflict]:
        return [conflict for conflict in self._conflicts if conflict.lead in chosen]

    def _alike(self, one: int, other: int) -> bool:
        return alike(self._sentences[one], self._sentences[other])

    def _less(self, budget: Budget, places: Sequence[int]) -> Budget:
        """What the budget leaves beside these; -1 words where that is nothing, as 0 would be no limit."""
        words = budget.words and (budget.words - self._words(places) or -1)
        return Budget(budget.sentences - len(places), words)

    def _fits(self, places: Sequence[int], budget: Budget) -> bool:
        return len(places) <= budget.sentences and self._words(places) <= (budget.words or math.inf)

    def _words(self, places: Iterable[int]) -> int:
        return sum(count(self._sentences[place].text) for place in places)

    def _side_by_side(self, chosen: Sequence[int], partners: Sequence[int]) -> list[int]:
        """The chosen with their partners next to them, the earlier before; none between a sentence and its follower."""
        order = list(chosen)
        for conflict in self._found(chosen):
            beside = [place for place in partners if place in conflict.members]
            at = order.index(conflict.lead)
            followed = at + 1 < len(order) and order[at + 1] not in self._alone
            before = beside if followed else [place for place in beside if place < conflict.lead]
            after = [place for place in beside if place not in before]
            order[at : at + 1] = [*before, conflict.lead, *after]
        return order

    def _said_by(self, place: int) -> tuple[str, ...]:
        """The other documents that say the same by themselves."""
        said = self._lines[place]
        others = [line for line in self._lines if line.version is not said.version and not line.version.reprint]
        return tuple(sorted({line.version.document for line in others if _same(line, said)}))


def _by_time(version: Version) -> tuple[bool, datetime, str]:
    return version.when is None, version.when or datetime.max.replace(tzinfo=UTC), version.document


def _language(versions: Sequence[Version]) -> str:
    """The language of most versions; of the first one among equals."""
    counts = Counter(version.language for version in versions)
    return max(counts, key=counts.__getitem__)


def _lines(version: Version) -> list[_Line]:
    """A version's sentences, those that are known put where they stood."""
    fresh = dict.fromkeys(version.sentences, True) | dict.fromkeys(version.known, False)
    rows = list(fresh)
    if version.known:
        paragraphs = dict.fromkeys(s.span.paragraph for s in (sorted(rows, key=_stood) if version.ordered else rows))
        ranks = {paragraph: rank for rank, paragraph in enumerate(paragraphs)}
        rows.sort(key=lambda sentence: (ranks[sentence.span.paragraph], sentence.span.start))
    return [_Line(sentence, version, at, fresh[sentence]) for at, sentence in enumerate(rows)]


def _stood(sentence: Sentence) -> tuple[int, int]:
    return sentence.span.paragraph, sentence.span.start


def _says(line: _Line, others: Iterable[_Line]) -> bool:
    return any(_same(line, other) for other in others if other is not line)


def _same(one: _Line, other: _Line) -> bool:
    return repeats(passage(one.sentence.text), passage(other.sentence.text)) > 0
