"""The choice of sentences: the best scores within the budget, no two alike, no bylines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from worker.model import Sentence
from worker.summaries.credits import credit
from worker.text.likeness import passage, similarity

#: Two chosen sentences share less than this of their words.
_TOO_ALIKE = 0.5
#: A sentence with fewer words tells nothing by itself ("It did.").
_FEWEST_WORDS = 5
#: Scores are compared at this many digits, so that the order of a sum never decides.
_DIGITS = 9


def choose(sentences: Sequence[Sentence], scores: Sequence[float], count: int) -> tuple[Sentence, ...]:
    """At most `count` of the sentences, in the order given; ties go to the first."""
    ranked = sorted(range(len(sentences)), key=lambda i: (-_rounded(scores[i]), i))
    telling = [i for i in ranked if not credit(sentences[i].text)]
    full = [i for i in telling if len(sentences[i].text.split()) >= _FEWEST_WORDS]
    chosen: list[int] = []
    for i in full or telling:
        if len(chosen) < count and not _alike(sentences[i], [sentences[j] for j in chosen]):
            chosen.append(i)
    return tuple(sentences[i] for i in sorted(chosen))


def _rounded(score: float) -> float:
    return round(score, _DIGITS) if math.isfinite(score) else -math.inf


def _alike(sentence: Sentence, chosen: Sequence[Sentence]) -> bool:
    ready = passage(sentence.text)
    return any(similarity(ready, passage(other.text)) >= _TOO_ALIKE for other in chosen)
