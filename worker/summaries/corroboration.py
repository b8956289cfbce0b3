"""Corroboration: how far the outlets of a story share the words of each sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from statistics import fmean

from worker.text.words import stem, written


def corroborated(texts: Sequence[str], outlets: Sequence[str | None], empty: Collection[str]) -> list[float]:
    """For each sentence the share of the other outlets that use its telling words, the mean over these; 0 to 1.

    `outlets` say whose each sentence is: None for one that repeats another's and adds no voice.
    """
    rows = [{stem(word) for word in written(text) if len(word) > 1 and word.lower() not in empty} for text in texts]
    using: dict[str, set[str]] = defaultdict(set)
    for outlet, row in zip(outlets, rows, strict=True):
        if outlet is not None:
            for term in row:
                using[term].add(outlet)
    others = max(1, len(set(outlets) - {None}) - 1)
    return [fmean(max(0, len(using[term]) - 1) / others for term in sorted(row)) if row else 0.0 for row in rows]
