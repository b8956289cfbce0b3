"""Novelty: what a digest told before, it does not tell again.

A sentence near-identical to one told is not told again; one with a new number, name or negation is
new, however alike (text/likeness.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from worker.model import Sentence, Told
from worker.text.likeness import Passage, passage, repeats


class Memory:
    """The sentences told, found again by their telling marks; of several the latest day counts."""

    def __init__(self, told: Iterable[Told] = ()) -> None:
        self._exact: dict[str, date] = {}
        # Passages with other marks are never near-repeats of each other: no need to compare them.
        self._by_marks: dict[tuple[tuple[str, ...], ...], list[tuple[Passage, date]]] = defaultdict(list)
        for sentence in told:
            self.remember(sentence.text, sentence.day)

    def remember(self, text: str, day: date) -> None:
        """From now on the text counts as told on the day."""
        ready = passage(text)
        self._exact[ready.key] = max(day, self._exact.get(ready.key, day))
        self._by_marks[ready.marks].append((ready, day))

    def told(self, text: str) -> date | None:
        """The last day on which the text was told, or None."""
        ready = passage(text)
        near = [day for other, day in self._by_marks.get(ready.marks, ()) if repeats(ready, other)]
        exact = self._exact.get(ready.key)
        return max([*near, *([exact] if exact else [])], default=None)

    def fresh(self, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
        """Those of the sentences that were not told."""
        return tuple(sentence for sentence in sentences if self.told(sentence.text) is None)
