"""Near-repeats among 100,000 sentences: ours beside datasketch and rensa, on sentences with known repeats."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from benchmarks.table import news, peers
from benchmarks.table.lines import Line
from benchmarks.table.machine import alternately, pin
from worker.dedup.repeats import drop
from worker.model import Document, Sentence, Span
from worker.text.identity import document
from worker.text.likeness import passage
from worker.text.words import words

SIZE = 100_000
#: One sentence in twenty is said again with a slip, one with another number or name.
_SHARE = 20
_ROUNDS = 1  # three quarters of a minute, with the peers


def repeats() -> list[Line]:
    """All 100,000 are gone through in their order: each repeats an earlier one, or is kept."""
    pin()
    said, again = sentences(SIZE, chain(news.sentences(SIZE), news.made(0)))
    sets = [sorted(set(words(text))) for text in said]
    found: dict[str, Collection[int]] = {}

    def ours(_: int) -> None:
        found["ours"] = dropped(said)

    def by(name: str) -> None:
        found[name] = peers.NEAR_REPEATS[name](sets)

    took = alternately(_ROUNDS, ours, lambda _: by("datasketch"), lambda _: by("rensa"))
    (own, own_precision, own_recall), other, third = (
        (seconds, *quality(found[name], again))
        for seconds, name in zip(took, ("ours", "datasketch", "rensa"), strict=True)
    )
    ratio = other[0] / own
    return [
        Line(
            f"near-repeats among {SIZE:,} sentences (s)",
            f"{own:.1f}, precision {own_precision:.3f}, recall {own_recall:.3f}",
            f"datasketch {other[0]:.1f}, {other[1]:.3f}, {other[2]:.3f} ({ratio:.1f} times); "
            f"rensa {third[0]:.1f}, {third[1]:.3f}, {third[2]:.3f}",
            "5 times datasketch, as precise and complete",
            ratio >= 5 and own_precision >= other[1] and own_recall >= other[2],
            _ROUNDS,
            {"ours_s": own, "precision": own_precision, "recall": own_recall, "datasketch_s": other[0],
             "datasketch_precision": other[1], "datasketch_recall": other[2], "rensa_s": third[0]},
        )
    ]  # fmt: skip


def dropped(said: Sequence[str]) -> set[int]:
    """Which of these are repeats, by the stage that the pipeline uses: one paragraph, so that only sentences count."""
    ends, end = [], 0
    for text in said:
        ends.append((end, end + len(text)))
        end += len(text) + 1
    one: Document = document(
        source="bench", url="", title="", published=None, paragraphs=(" ".join(said),), language="en", shuffled=False
    )
    given = [Sentence(text, Span(one.id, 0, *place)) for text, place in zip(said, ends, strict=True)]
    _, found = drop(one, given)
    number = {place[0]: n for n, place in enumerate(ends)}
    return {number[repeat.dropped.start] for repeat in found}


def quality(found: Collection[int], again: Collection[int]) -> tuple[float, float]:
    """Precision and recall."""
    right = len(set(found) & set(again))
    return right / max(1, len(found)), right / max(1, len(again))


def sentences(number: int, pool: Iterable[str]) -> tuple[list[str], set[int]]:
    """Sentences out of a pool, and the places of those that say again what an earlier one said."""
    chance = random.Random(5)
    plain = _unlike(number - 2 * (number // _SHARE), pool)
    told = [(place / len(plain), text, False) for place, text in enumerate(plain)]
    for change, again in ((slipped, True), (changed, False)):
        for place in chance.sample(range(len(plain)), number // _SHARE):
            later = chance.uniform(place / len(plain), 1)
            told.append((later, change(plain[place], chance), again))
    told.sort(key=lambda one: one[0])
    return [text for _, text, _ in told], {place for place, (*_, again) in enumerate(told) if again}


def _unlike(number: int, pool: Iterable[str]) -> list[str]:
    """Sentences of which no two begin or end alike: chance repeats would count as errors of whoever finds them."""
    found: list[str] = []
    ends: set[tuple[str, ...]] = set()
    for text in pool:
        said = passage(text).key.split()
        keys = {("begin", *said[:5]), ("end", *said[-5:])}
        if len(said) >= 8 and not keys & ends:
            ends |= keys
            found.append(text)
        if len(found) == number:
            break
    return found


def slipped(text: str, chance: random.Random) -> str:
    """The sentence with a slip that changes nothing: a word doubled, an "s" too many, no apostrophes."""
    said = text.split()
    plain = [at for at, word in enumerate(said) if word.isalpha() and word.islower() and len(word) > 3]
    if not plain:
        return re.sub("[’'\"“”]", "", text) + " "
    at = chance.choice(plain)
    again = [said[at], said[at]] if chance.random() < 0.5 else [f"{said[at]}s"]
    return " ".join([*said[:at], *again, *said[at + 1 :]])


def changed(text: str, chance: random.Random) -> str:
    """The sentence with another number or a negation: news, however alike."""
    said = text.split()
    numbers = [at for at, word in enumerate(said) if re.search(r"\d", word)]
    if numbers:
        at = chance.choice(numbers)
        return " ".join(
            [*said[:at], re.sub(r"\d", lambda d: str((int(d[0]) + 1) % 10), said[at], count=1), *said[at + 1 :]]
        )
    at = chance.randrange(1, len(said))
    return " ".join([*said[:at], "not", *said[at:]])
