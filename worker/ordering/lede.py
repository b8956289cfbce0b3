"""The lede: how early in its article each paragraph stood, as far as its words show it.

A linear model over pairs of paragraphs (after Lapata 2003 and Barzilay and Lapata 2008, who order by
learned features as well): of two paragraphs, the one with the higher score stood first. The weights
are learned from articles in their true order (benchmarks/weights.py).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from worker.ordering.cues import NAMES, cues
from worker.text.table import Numbers
from worker.text.words import written

#: An outlier counts as three standard deviations.
_FAR = 3.0
#: "LONDON (Reuters) -", "PARIS, March 3 (AP)", also with its brackets and dashes lost.
_DATELINE = re.compile(
    r"^\W*[^\W\d_a-z][^\Wa-z]{2,}[^()a-z]{0,30}(?:[A-Z][a-z]+\.? \d{1,2},? )?"
    r"[(\s]+(?:AP|AFP|CNN|dpa|EFE|ANSA|UPI|Reuters|Xinhua|TASS)\b"
)


@dataclass(frozen=True)
class Weights:
    """The model: a column of `cues` a cue, then words by language: anywhere, first, and last in a sentence."""

    cues: Numbers  # 4 x len(NAMES): the first sentence as it is and in its article, the mean of all likewise
    words: Mapping[str, Mapping[str, float]]
    first: Mapping[str, Mapping[str, float]]
    last: Mapping[str, Mapping[str, float]]


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights that lie beside this module."""
    found = json.loads(files(__package__).joinpath("lede.json").read_text(encoding="utf-8"))
    return Weights(np.array([found["cues"][name] for name in NAMES]).T, found["words"], found["first"], found["last"])


def earliness(title: str, paragraphs: Sequence[Sequence[str]], language: str) -> list[float]:
    """A score for each paragraph, given as its sentences; higher stood earlier."""
    model = weights()
    features = paragraph_cues(title, paragraphs, language)
    scores = features @ model.cues.ravel()
    found = [float(s) + _by_words(model, p[0], language) for s, p in zip(scores, paragraphs, strict=True)]
    return [score + (100.0 if _DATELINE.match(p[0]) else 0.0) for score, p in zip(found, paragraphs, strict=True)]


def paragraph_cues(title: str, paragraphs: Sequence[Sequence[str]], language: str) -> Numbers:
    """The cues of each paragraph, an array of len(paragraphs) x (4 * len(NAMES)).

    Those of the first sentence, as they are and as standard deviations from the article's mean, then
    the means over the paragraph's sentences of both.
    """
    plain = cues(title, [text for paragraph in paragraphs for text in paragraph], language)
    spread = (plain - plain.mean(axis=0)) / (plain.std(axis=0) + 1e-6)
    both = np.hstack([plain, np.clip(spread, -_FAR, _FAR)])
    sizes = np.array([len(paragraph) for paragraph in paragraphs])
    starts = np.cumsum(sizes) - sizes
    means = np.add.reduceat(both, starts, axis=0) / sizes[:, np.newaxis]
    return np.hstack([both[starts], means])


def _by_words(model: Weights, text: str, language: str) -> float:
    if language not in model.words:
        return 0.0
    words = [word.lower() for word in written(text)]
    if not words:
        return 0.0
    anywhere = model.words[language]
    score = math.fsum(anywhere[word] for word in set(words) if word in anywhere)
    return score + model.first[language].get(words[0], 0.0) + model.last[language].get(words[-1], 0.0)
