"""Repeats: precision and recall of ours beside MinHash alone (rensa) and datasketch, on labelled pairs.

    python -m benchmarks.repeats DATA

Sentences: `slips` are pairs made from real sentences, the second with a slip that changes nothing
(apostrophes lost, an "s" too many, a word doubled or lost) or with a change that does (another number or
name, a "not"). `msrp` and `headlines` are labelled by humans: paraphrases, and headlines scored 0 to 5
(4.5 and more: the same). A paraphrase in other words is no repeat for us; what counts there is precision.
Articles: reprints in a stream of French articles, by their duplicate groups; ours are pairs of which four
fifths of the shorter one's sentences are repeats. Wants datasketch (pip install --group benchmarks).
"""

from __future__ import annotations

import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from pathlib import Path
from typing import Any

from datasketch import MinHash
from rensa import RMinHash

from benchmarks.data import document, records
from worker.dedup.repeats import drop
from worker.text.likeness import passage, repeats
from worker.text.sentences import split
from worker.text.words import words

Pair = tuple[str, str, bool]
_NEAR = 0.7
_PERMUTATIONS = 128


def by_rensa(text: str) -> Any:
    """rensa's signature of the words."""
    made = RMinHash(num_perm=_PERMUTATIONS, seed=1)
    made.update(sorted(set(words(text))))
    return made


def by_datasketch(text: str) -> Any:
    """The same, by the other library."""
    made = MinHash(num_perm=_PERMUTATIONS, seed=1)
    made.update_batch([word.encode() for word in set(words(text))])
    return made


SKETCHES: dict[str, Callable[[str], Any]] = {"rensa": by_rensa, "datasketch": by_datasketch}


def ours(a: str, b: str) -> bool:
    """The verdict of worker/text/likeness.py."""
    return repeats(passage(a), passage(b)) > 0


def estimated(sketch: Callable[[str], Any]) -> Callable[[str, str], bool]:
    """The verdict of MinHash's estimate of the Jaccard coefficient, alone."""
    return lambda a, b: bool(sketch(a).jaccard(sketch(b)) >= _NEAR)


METHODS = {"unbury": ours, **{name: estimated(sketch) for name, sketch in SKETCHES.items()}}


def slips(data: Path) -> Iterator[Pair]:
    """Real sentences of 12 words and more beside themselves, changed."""
    chance = random.Random(1)
    for record in records(data / "msrp.jsonl"):
        said = record["a"].split()
        if len(said) >= 12:
            yield record["a"], " ".join(_slip(said, chance)), True
            changed = _change(said, chance)
            if changed != said:
                yield record["a"], " ".join(changed), False


def _slip(said: Sequence[str], chance: random.Random) -> list[str]:
    kind, plain = chance.randrange(4), [at for at, word in enumerate(said) if word.isalpha() and word.islower()]
    if kind == 0 or not plain:
        return re.sub("[’'\"“”«»]", "", " ".join(said)).split()
    at = chance.choice(plain)
    if kind == 1:
        return [*said[:at], said[at] + "s", *said[at + 1 :]]
    if kind == 2:
        return [*said[: at + 1], *said[at:]]
    return [*said[:at], *said[at + 1 :]] if said[at] not in {"not", "no", "never"} else list(said)


def _change(said: Sequence[str], chance: random.Random) -> list[str]:
    numbers = [at for at, word in enumerate(said) if re.search(r"\d", word)]
    names = [at for at, word in enumerate(said) if at and word[:1].isupper() and word.isalpha()]
    verbs = [at for at, word in enumerate(said) if word in {"is", "was", "are", "were", "will", "would", "has", "had"}]
    found = [(kind, at) for kind, places in (("number", numbers), ("name", names), ("not", verbs)) for at in places]
    if not found:
        return list(said)
    kind, at = chance.choice(found)
    if kind == "not":
        return [*said[: at + 1], "not", *said[at + 1 :]]
    other = re.sub(r"\d", lambda d: str((int(d[0]) + 1) % 10), said[at], count=1) if kind == "number" else "Osk"
    return [*said[:at], other, *said[at + 1 :]]


def labelled(data: Path) -> Iterator[tuple[str, list[Pair]]]:
    """The three sets of pairs of sentences."""
    yield "slips", list(slips(data))
    yield "msrp", [(r["a"], r["b"], bool(r["label"])) for r in records(data / "msrp.jsonl")]
    yield "headlines", [(r["a"], r["b"], r["score"] >= 4.5) for r in records(data / "sts_headlines.jsonl")]


def figures(said: AbstractSet[Hashable], true: AbstractSet[Hashable]) -> str:
    """Precision and recall of what was said to be the same."""
    both = len(said & true)
    return f"precision {both / max(1, len(said)):.4f}  recall {both / max(1, len(true)):.4f}  ({both} of {len(said)}; {len(true)} true)"


def reprints(data: Path) -> Iterator[tuple[str, str]]:
    """Reprints among the French articles, by each method."""
    found = {r["id"]: r["paragraphs"] for r in records(data / "stream_fr.jsonl")}
    groups = records(data / "stream_fr_duplicates.jsonl")
    true = {tuple(sorted(pair)) for group in groups for pair in combinations([i for i in group if i in found], 2)}
    sentences = {i: [s.text for s in split(document(i, "", p, "fr"))] for i, p in found.items()}
    candidates = _sharing(sentences)
    said = {pair for pair in candidates if _reprinted(found[pair[0]], found[pair[1]])}
    yield "unbury", figures(said, true)
    for name, sketch in SKETCHES.items():
        made = {i: sketch(" ".join(p)) for i, p in found.items()}
        alike = {pair for pair in candidates | true if made[pair[0]].jaccard(made[pair[1]]) >= _NEAR}
        yield f"{name}, on the same candidates", figures(alike, true)


def _sharing(sentences: dict[str, list[str]]) -> set[tuple[str, ...]]:
    """Pairs with a sentence in common, but for sentences that stand in many articles."""
    places: dict[str, set[str]] = defaultdict(set)
    for name, said in sentences.items():
        for text in said:
            places[passage(text).key].add(name)
    return {tuple(sorted(p)) for names in places.values() if len(names) <= 20 for p in combinations(names, 2)}


def _reprinted(one: Sequence[str], other: Sequence[str]) -> bool:
    short, long = sorted((one, other), key=lambda p: sum(map(len, p)))
    both = document("both", "", [*long, *short], "fr")
    given = split(both)
    kept, _ = drop(both, given)
    left = sum(len(s.text) for s in kept if s.span.paragraph >= len(long))
    return left <= 0.2 * sum(len(s.text) for s in given if s.span.paragraph >= len(long))


def main() -> None:
    """Print the table."""
    data = Path(sys.argv[1])
    for name, pairs in labelled(data):
        true = {number for number, pair in enumerate(pairs) if pair[2]}
        print(f"{name}: {len(pairs)} pairs, {len(true)} of them the same")
        for method, verdict in METHODS.items():
            said = {number for number, (a, b, _) in enumerate(pairs) if verdict(a, b)}
            print(f"  {method:12s} {figures(said, true)}", flush=True)
    print("reprints: articles of stream_fr")
    for method, found in reprints(data):
        print(f"  {method:32s} {found}", flush=True)


if __name__ == "__main__":
    main()
