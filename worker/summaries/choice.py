"""The choice of sentences: the best scores within the budget, no two alike, no bylines, none that dangles."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from worker.model import Sentence
from worker.summaries.credits import credit
from worker.summaries.dangling import Dangling
from worker.summaries.kinds import Kind, kinds
from worker.text.likeness import passage, similarity
from worker.text.words import count

#: Two chosen sentences share less than this of their words.
_TOO_ALIKE = 0.5
#: Scores are compared at this many digits, so that the order of a sum never decides.
_DIGITS = 9


@dataclass(frozen=True)
class Budget:
    """How long a summary may be: at most so many sentences, and, if it is not 0, at most so many words."""

    sentences: int
    words: int = 0


def choose(
    sentences: Sequence[Sentence],
    scores: Sequence[float],
    budget: Budget,
    *,
    language: str = "en",
    ordered: bool = False,
    withheld: Collection[int] = (),
) -> tuple[Sentence, ...]:
    """The best of the sentences within the budget, in the order given; ties go to the first.

    Those at the places `withheld` are never taken: they are there as neighbours only. A sentence that
    needs a neighbour is taken only after it. Headings are taken only where there is no sentence, and
    fragments where there is neither. Where nothing stands alone, the best is taken as it is; where
    nothing is short enough, the shortest is.
    """
    ranked = sorted(range(len(sentences)), key=lambda i: (-rounded(scores[i]), i))
    telling = [i for i in ranked if i not in withheld and not credit(sentences[i].text)]
    kind = kinds(sentences)
    best = min((kind[i] for i in telling), default=Kind.sentence)
    candidates = [i for i in telling if kind[i] is best]
    chosen: Sequence[int] = ()
    if best is not Kind.endless:
        dangling = Dangling(sentences, language, ordered=ordered)
        chosen = _within(sentences, candidates, dangling, budget) or _within(sentences, candidates, None, budget)
    if not chosen and candidates:
        chosen = [min(candidates, key=lambda i: _words(sentences[i]))]
    return tuple(sentences[i] for i in sorted(chosen))


def alike(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences share so many of their words that one is enough."""
    return similarity(passage(one.text), passage(other.text)) >= _TOO_ALIKE


def _within(
    sentences: Sequence[Sentence], candidates: Sequence[int], dangling: Dangling | None, budget: Budget
) -> list[int]:
    """The best candidates one by one; one that has to wait for another is looked at again once that is taken."""
    chosen: list[int] = []
    waiting: list[int] = []
    room = budget.words or math.inf
    queue = list(reversed(candidates))
    while queue and len(chosen) < budget.sentences:
        place = queue.pop()
        if _waits(place, dangling, chosen):
            waiting.append(place)
        elif _words(sentences[place]) <= room and not _alike(sentences, place, chosen):
            chosen.append(place)
            room -= _words(sentences[place])
            queue.extend(reversed(waiting))  # who still waits is put back at its turn
            waiting = []
    return chosen


def _waits(place: int, dangling: Dangling | None, chosen: Sequence[int]) -> bool:
    if dangling is None:
        return False
    need = dangling.needs(place)
    if need is not None and need.isdisjoint(chosen):
        return True
    return all(other > place for other in chosen) and dangling.points(place)


def _words(sentence: Sentence) -> int:
    return count(sentence.text)


def rounded(score: float) -> float:
    """A score as it is compared; the worst for what is no number."""
    return round(score, _DIGITS) if math.isfinite(score) else -math.inf


def _alike(sentences: Sequence[Sentence], place: int, chosen: Sequence[int]) -> bool:
    return any(alike(sentences[place], sentences[other]) for other in chosen)
