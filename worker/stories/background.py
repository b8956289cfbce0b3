"""How common words are in news at large: a small call then knows rare words from common ones, too.

The counts ship beside this file (background.json, made by benchmarks/story_weights.py); it holds stems
and counts, no texts. Of a language without counts every word is taken for a rare one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

#: The share of documents that a stem too rare for the counts is taken to stand in.
RARE = 0.0005
#: From this share on a word tells nothing of a document: "after", "people", "said".
COMMON = 0.05


@lru_cache(maxsize=1)
def _shares() -> Mapping[str, Mapping[str, float]]:
    """Language -> stem -> the share of documents it stands in; kept by classes, as 2 ** -(class / 2)."""
    read = json.loads((files(__package__) / "background.json").read_text("utf-8"))
    return {
        language: {stem: 2.0 ** (-int(number) / 2) for number, stems in classes.items() for stem in stems.split()}
        for language, classes in read.items()
    }


def shares(language: str) -> Mapping[str, float]:
    """The shares of a language's news, 0 to 1, that stems stand in, but for the rare ones."""
    return _shares().get(language, {})


def share(stem: str, language: str) -> float:
    """The share of a language's news, 0 to 1, that the stem stands in."""
    return shares(language).get(stem, RARE)


def common(word_stem: str, language: str) -> bool:
    """Whether a word is so common that it names nothing."""
    return share(word_stem, language) >= COMMON
