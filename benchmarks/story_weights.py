"""Learn how stories are told apart: the word counts and the weights that worker/stories ships.

    python -m benchmarks.story_weights DATA             learn, and write worker/stories/background.json and weights.json
    python -m benchmarks.story_weights DATA --held-out  group each set by weights learnt from the others; write nothing

DATA is a folder of JSON lines: documents with the story (cluster) they belong to, and pairs judged the SAME or DIFFERENT. The files hold
stems, how common they are, and weights; no texts. Dates are laid as shared evaluations do: a story within a day or two, stories within weeks.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import document, records
from worker.model import Member
from worker.stories import nearest, scoring
from worker.stories.comparing import WINDOW, ordered, published
from worker.stories.fields import Fields, Numbers, Places
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.text.sentences import split
from worker.text.words import stem, written

_HERE = Path(__file__).parents[1] / "worker" / "stories"
#: Rarer stems are left out, and read as rare.
_RAREST = 0.003
_PENALTY = 2.0
#: What a set's pairs weigh, those of one story and of two as much as each other: the judged pairs are the most like our readers' question.
_WEIGHTS = {"basil": 1000, "ecbplus": 1000, "allsides": 1000, "neus": 1000, "bloomberg": 3000, "small": 1000}
#: So many small calls are made of each set.
_SMALL_CALLS = 100
_DAY = datetime(2026, 3, 4, 12, tzinfo=UTC)


@dataclass
class Call:
    """Documents that are grouped together, and what is known of them: their clusters, or judged pairs (None: not judged)."""

    members: list[Member]
    cluster: Mapping[str, str]
    judged: Mapping[frozenset[str], bool] | None = None

    def same(self, one: str, other: str) -> float:
        if self.judged is not None:
            return float(self.judged.get(frozenset((one, other)), math.nan))
        return float(self.cluster[one] == self.cluster[other])


def background(data: Path) -> dict[str, dict[str, str]]:
    return {"en": _classes(_english(data)), "fr": _classes(_french(data))}


def _english(data: Path) -> Iterator[str]:
    yield from (row["text"] for name in ("cnndm", "inshorts") for row in records(data / f"{name}.jsonl"))
    yield from (doc["text"] for row in records(data / "allsides_neus.jsonl") for doc in row["docs"])
    yield from (
        f"{row['title']} {row['description']}"
        for row in records(data / "rss_2022.jsonl")
        if str(row["lang"])[:2] == "en"
    )


def _french(data: Path) -> Iterator[str]:
    yield from (" ".join(row["paragraphs"]) for row in records(data / "stream_fr.jsonl")[::2])


def _classes(texts: Iterable[str]) -> dict[str, str]:
    counts: Counter[str] = Counter()
    documents = 0
    for text in texts:
        documents += 1
        counts.update({stem(word) for word in written(text) if not word[0].isdigit()})
    classes = defaultdict(list)
    for name, count in sorted(counts.items()):
        if count / documents >= _RAREST:
            classes[str(round(-2 * math.log2(count / documents)))].append(name)
    return {number: " ".join(classes[number]) for number in sorted(classes, key=int)}


def member(name: str, title: str | None, when: datetime | None, paragraphs: Sequence[str]) -> Member:
    made = document(name, title, paragraphs)
    return Member(name, "", when, sketch(made, split(made)))


def moved(when: datetime, key: str, hours: float) -> datetime:
    return when + timedelta(hours=random.Random(key).uniform(-hours, hours))


def calls(data: Path) -> dict[str, list[Call]]:
    found = {
        "basil": [_clustered(_basil(data))],
        "ecbplus": [_clustered(_ecbplus(data))],
        "allsides": [_clustered(_allsides(data))],
        "neus": [_clustered(_neus(data))],
        "bloomberg": list(_pairs(records(data / "bloomberg_pairs.jsonl"))),
    }
    large = [found[name][0] for name in ("basil", "allsides", "neus", "ecbplus")]
    return {**found, "small": [call for given in large for call in _small(given)]}


def _small(large: Call) -> Iterator[Call]:
    """Calls of a few stories of a large one, one to three documents of each, laid within three days."""
    chance = random.Random(7)
    told = defaultdict(list)
    for made in large.members:
        told[large.cluster[made.document]].append(made)
    for number in range(_SMALL_CALLS):
        stories = chance.sample(sorted(told), chance.randint(3, 7))
        some = [m for s in stories for m in chance.sample(told[s], min(len(told[s]), chance.choice((1, 1, 2, 2, 3))))]
        yield Call(ordered([_laid(made, number) for made in some]), large.cluster)


def _laid(made: Member, number: int) -> Member:
    return replace(made, when=moved(_DAY, f"{made.document} {number}", 30)) if made.when else made


def _clustered(found: Iterable[tuple[Member, str]]) -> Call:
    given = list(found)
    return Call(ordered([made for made, _ in given]), {made.document: cluster for made, cluster in given})


def _basil(data: Path) -> Iterator[tuple[Member, str]]:
    for row in records(data / "basil.jsonl"):
        when = moved(moved(_DAY, row["cluster"], 84), row["id"], 24)
        yield member(row["id"], row["title"], when, row["paragraphs"]), row["cluster"]


def _ecbplus(data: Path) -> Iterator[tuple[Member, str]]:
    for row in records(data / "ecbplus.jsonl"):
        yield member(row["id"], None, None, row["sentences"]), row["cluster"]


def _allsides(data: Path) -> Iterator[tuple[Member, str]]:
    for row in records(data / "allsides_dated.jsonl"):
        for number, doc in enumerate(row["docs"]):
            name = f"{row['id']}-{number}"
            when = moved(datetime.fromisoformat(row["date"]), name, 24)
            yield member(name, doc["title"], when, doc.get("paragraphs") or []), row["cluster"]


def _neus(data: Path) -> Iterator[tuple[Member, str]]:
    for row in records(data / "allsides_neus.jsonl"):
        for number, doc in enumerate(row["docs"]):
            name = f"{row['id']}-{number}"
            yield (
                member(name, doc["title"], moved(moved(_DAY, row["id"], 336), name, 24), [doc["text"]]),
                row["cluster"],
            )


def _pairs(judged: list[dict[str, Any]]) -> Iterator[Call]:
    for start in range(0, len(judged), 40):
        chunk = judged[start : start + 40]
        made = [_side(row, side) for row in chunk for side in "ab"]
        verdicts = {frozenset((f"{row['id']}-a", f"{row['id']}-b")): row["label"] == "SAME" for row in chunk}
        yield Call(ordered(made), {}, verdicts)


def _side(row: dict[str, Any], side: str) -> Member:
    told = row[side]
    when = datetime.fromisoformat(told["date"]) if told.get("date") else None
    return member(f"{row['id']}-{side}", told["title"], when, [told["lede"]] if told.get("lede") else [])


def learnt(sets: Mapping[str, list[Call]]) -> Numbers:
    """The weights of scoring.NAMES, and the bias: logistic regression with a ridge, by Newton's steps."""
    parts = [_examples(calls, _WEIGHTS[name]) for name, calls in sets.items()]
    found, same, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    mean = np.average(found, axis=0, weights=weights)
    spread = np.sqrt(np.average((found - mean) ** 2, axis=0, weights=weights)) + 1e-9
    columns = np.column_stack([(found - mean) / spread, np.ones(len(found))])
    ridge = np.diag([_PENALTY] * len(mean) + [0.0])
    fitted = np.zeros(len(mean) + 1)
    for _ in range(40):
        sure = 1 / (1 + np.exp(-columns @ fitted))
        slope = columns.T @ (weights * (same - sure)) - ridge @ fitted
        fitted += np.linalg.solve((columns.T * (weights * sure * (1 - sure))) @ columns + ridge, slope)
    return np.append(fitted[:-1] / spread, fitted[-1] - (fitted[:-1] * mean / spread).sum())


def _examples(given: Sequence[Call], weight: float) -> tuple[Numbers, Numbers, Numbers]:
    compared = [_compared(call) for call in given]
    found, same = (np.concatenate(column) for column in zip(*compared, strict=True))
    known = ~np.isnan(same)
    found, same = found[known], same[known]
    return found, same, np.where(same == 1, weight / (same == 1).sum(), weight / (same == 0).sum())


def _compared(call: Call) -> tuple[Numbers, Numbers]:
    hours, fields = published(call.members), Fields(call.members)
    left, right = nearest.pairs(fields.text, hours, WINDOW)
    found = scoring.features(fields, hours, left, right, scoring.likeness(fields, left, right))
    return found, _labels(call, left, right)


def _labels(call: Call, left: Places, right: Places) -> Numbers:
    names = [made.document for made in call.members]
    return np.array([call.same(names[one], names[other]) for one, other in zip(left, right, strict=True)])


def measured(given: Sequence[Call]) -> str:
    if given[0].judged is None:
        return _bcubed(given)
    joined = defaultdict(list)
    for call in given:
        story = _stories(call)
        for (one, other), verdict in ((tuple(pair), verdict) for pair, verdict in (call.judged or {}).items()):
            joined[verdict].append(story[one] == story[other])
    return f"joined: different {np.mean(joined[False]):.3f}, same {np.mean(joined[True]):.3f}"


def _stories(call: Call) -> dict[str, str]:
    return {name: story.id for story in group(call.members) for name in story.documents}


def _bcubed(given: Sequence[Call]) -> str:
    """B-cubed precision, recall and F1 (Bagga and Baldwin 1998), over the documents of all calls."""
    precision, recall = np.mean([shares for call in given for shares in _shares(call)], axis=0)
    return f"precision {precision:.3f}, recall {recall:.3f}, F1 {2 * precision * recall / (precision + recall):.3f}"


def _shares(call: Call) -> Iterator[tuple[float, float]]:
    """Of each document: how much of its story is of its cluster, and of its cluster in its story."""
    story = _stories(call)
    gold, found = defaultdict(set), defaultdict(set)
    for name in story:
        gold[call.cluster[name]].add(name)
        found[story[name]].add(name)
    for name in story:
        both = len(gold[call.cluster[name]] & found[story[name]])
        yield both / len(found[story[name]]), both / len(gold[call.cluster[name]])


def _use(weights: Numbers) -> None:
    scoring._weights = lambda: weights  # type: ignore[assignment]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("--held-out", action="store_true")
    asked = options.parse_args()
    if not asked.held_out:
        counts = json.dumps(background(asked.data), ensure_ascii=False, indent=0)
        (_HERE / "background.json").write_text(counts + "\n", "utf-8")
    sets = calls(asked.data)
    if not asked.held_out:
        weights = learnt(sets)
        named = {name: round(float(weight), 6) for name, weight in zip((*scoring.NAMES, "bias"), weights, strict=True)}
        (_HERE / "weights.json").write_text(json.dumps(named, indent=1) + "\n", "utf-8")
    for name, given in sets.items():
        if asked.held_out:
            _use(learnt({other: calls for other, calls in sets.items() if other != name}))
        print(f"{name:10s} {measured(given)}", flush=True)


if __name__ == "__main__":
    main()
