"""Learn the weights of the lede (worker/ordering/lede.json) and of words (worker/summaries/worth.json).

    python -m benchmarks.weights DATA            learn, and write both files
    python -m benchmarks.weights DATA --folds 4  cross-validate, and write nothing

DATA is a folder of JSON lines: articles in their true order, some with a summary by a human. Wants scipy (pip install --group benchmarks).
What is learned, from what, and how well it does on articles not learned from: docs/reading.md.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

from benchmarks.data import records
from benchmarks.quality import DATELINE, LOST, bare, reference, tau
from worker.ordering import cues, lede
from worker.summaries import worth
from worker.text.sentences import spans
from worker.text.words import stem, written

ROOT = Path(__file__).parent.parent
WORDS = 1500  # of each language, the most frequent; a quarter of them also as first and as last word
PAIRS = 80  # of paragraphs, of one article at most
SMALLEST = 0.015  # a word's weight below it is left out
CUES_PENALTY, WORDS_PENALTY, WORTH_PENALTY = 1e-3, 1e-3, 1e-4


@dataclass
class Article:
    """An article in its true order: paragraphs of sentences."""

    id: str
    kind: str
    language: str
    title: str
    paragraphs: list[list[str]]
    reference: str = ""
    count: int = 0
    cues: Any = None
    words: Any = None
    order: list[int] = field(default_factory=list)

    @property
    def fold(self) -> int:
        name = self.id.rsplit("_", 1)[0] if self.kind == "basil" else self.id  # one event is in one fold
        return zlib.crc32(name.encode())


def articles(data: Path) -> Iterator[Article]:
    """All articles of at least four paragraphs, each text once."""
    kinds = {"inshorts": ("en", 3), "cnndm": ("en", 3), "orangesum": ("fr", 1), "basil": ("en", 0), "gum": ("en", 2)}
    seen = set()
    for name in (*kinds, "allsides_dated", "allsides_neus", "bloomberg_pairs", "multiling_docs", "stream_fr"):
        for number, (record, language) in enumerate(_records(data / f"{name}.jsonl", kinds.get(name, ("", 0))[0])):
            found = _article(
                name, f"{record.get('id')}-{number}" if name not in kinds else str(record["id"]), record, language
            )
            text = tuple(tuple(p) for p in found.paragraphs[:2])
            if len(found.paragraphs) >= 4 and text not in seen and (name != "stream_fr" or number % 3 == 0):
                seen.add(text)
                found.count = kinds.get(name, ("", 0))[1]
                yield found


def _records(path: Path, language: str) -> Iterator[tuple[dict[str, Any], str]]:
    for record in records(path):
        inner = record.get("docs") or [record[k] for k in ("a", "b") if isinstance(record.get(k), dict)] or [record]
        for one in inner:
            spoken = language or record.get("lang") or ("fr" if path.stem == "stream_fr" else "en")
            if spoken in {"en", "fr"}:
                yield {"id": record["id"], **one}, spoken


def _article(kind: str, name: str, record: dict[str, Any], language: str) -> Article:
    title = LOST.sub("", record.get("title") or "")
    text = record.get("paragraphs") or record.get("text") or record.get("body") or ""
    rows = [DATELINE.sub("", row) for row in (text if isinstance(text, list) else text.split("\n"))]
    rows = [LOST.sub("", row) for row in rows if bare(row) and bare(row) != bare(title)]
    paragraphs = [cut for row in rows if (cut := [row[a:b] for a, b in spans(row, language)])]
    if len(paragraphs) < 4:
        paragraphs = [[text] for paragraph in paragraphs for text in paragraph if len(text.split()) > 2]
    return Article(name, kind, language, title, paragraphs, LOST.sub("", reference(record)))


class Vocabulary:
    """The columns of the words that get a weight."""

    def __init__(self, all_articles: Sequence[Article]) -> None:
        self.columns: dict[tuple[str, str, str], int] = {}
        for language in ("en", "fr"):
            counts = Counter(
                word.lower()
                for a in all_articles
                if a.language == language
                for p in a.paragraphs
                for word in {w.lower() for t in p for w in written(t)}
            )
            top = [
                word for word, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:WORDS] if not word.isdigit()
            ]
            for word in top:
                self.columns[language, "words", word] = len(self.columns)
            for kind in ("first", "last"):
                for word in top[: WORDS // 4]:
                    self.columns[language, kind, word] = len(self.columns)

    def rows(self, article: Article) -> Any:
        cells = [
            (number, column)
            for number, paragraph in enumerate(article.paragraphs)
            for column in self._of(article.language, paragraph[0])
        ]
        at = np.array(cells).reshape(-1, 2).T
        return csr_matrix((np.ones(len(cells)), (at[0], at[1])), shape=(len(article.paragraphs), len(self.columns)))

    def _of(self, language: str, text: str) -> set[int]:
        words = [word.lower() for word in written(text)]
        keys = [
            *((language, "words", word) for word in words),
            *((language, "first", word) for word in words[:1]),
            *((language, "last", word) for word in words[-1:]),
        ]
        return {self.columns[key] for key in keys if key in self.columns}


def learn_lede(train: Sequence[Article]) -> tuple[Any, Any]:
    """Weights of cues and of words: logistic regression on pairs of paragraphs."""
    chance = random.Random(1)
    dense, sparse, importance = [], [], []
    for a in train:
        pairs = list(combinations(range(len(a.paragraphs)), 2))
        pairs = chance.sample(pairs, PAIRS) if len(pairs) > PAIRS else pairs
        one, other = np.array(pairs).T
        importance.append((1 + 2 * (one == 0)) * (1.5 if a.language == "en" else 1.0) / np.sqrt(len(pairs)))
        dense.append(a.cues[one] - a.cues[other])
        sparse.append(a.words[one] - a.words[other])
    x, words, w = np.vstack(dense), vstack(sparse).tocsr(), np.concatenate(importance)
    scale, w = x.std(0) + 1e-6, w / w.sum()
    x, size = x / scale, x.shape[1]

    def loss(v: Any) -> tuple[float, Any]:
        margin = x @ v[:size] + words @ v[size:]
        pull = -w / (1 + np.exp(margin))
        penalty = np.r_[np.full(size, CUES_PENALTY), np.full(words.shape[1], WORDS_PENALTY)]
        return (w * np.logaddexp(0, -margin)).sum() + (penalty * v * v).sum() / 2, np.r_[
            x.T @ pull, words.T @ pull
        ] + penalty * v

    found = minimize(loss, np.zeros(size + words.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 80}).x
    return found[:size] / scale, found[size:]


def learn_worth(examples: Sequence[tuple[Any, Any]]) -> Any:
    """Weights of a term's features: logistic regression on whether the reference has the term."""
    x, y = np.vstack([e[0] for e in examples]), np.concatenate([e[1] for e in examples])
    w = np.concatenate([np.full(len(e[1]), 1 / len(e[1])) for e in examples]) / len(examples)
    scale = x.std(0) + 1e-6
    x = x / scale

    def loss(v: Any) -> tuple[float, Any]:
        m = x @ v
        return (w * (np.logaddexp(0, m) - y * m)).sum() + WORTH_PENALTY * v @ v / 2, x.T @ (
            w * (1 / (1 + np.exp(-m)) - y)
        ) + WORTH_PENALTY * v

    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x / scale


def order(article: Article, model: tuple[Any, Any]) -> list[int]:
    return list(np.argsort(-(article.cues @ model[0] + article.words @ model[1]), kind="stable"))


def example(article: Article, places: Sequence[int]) -> tuple[Any, Any]:
    text = worth._Text(article.title, [t for place in places for t in article.paragraphs[place]], article.language)
    names = [text.table.lexicon.words[number] for number in text.found.names.tolist()]
    wanted = {stem(word) for word in written(article.reference)}
    return text.features(), np.array([name in wanted for name in names], dtype=float)


def unigram_f1(article: Article, places: Sequence[int], weights: Any) -> float:
    """The F1 of the terms of the best sentences and the reference's: near ROUGE-1."""
    texts = [t for place in places for t in article.paragraphs[place]]
    text = worth._Text(article.title, texts, article.language)
    chances = 1 / (1 + np.exp(-(text.features() @ weights)))
    scores = worth.taken(text.sentences(), chances.tolist(), [False] * len(texts))
    best = sorted(range(len(texts)), key=lambda i: (-scores[i], i))[: article.count]
    return _f1([texts[i] for i in best], article.reference)


def _f1(texts: Sequence[str], reference: str) -> float:
    ours, theirs = Counter(stem(w) for t in texts for w in written(t)), Counter(map(stem, written(reference)))
    return 200 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def validate(found: Sequence[Article], folds: int) -> None:
    """Print how well each set is ordered and summarised by weights that have not seen it."""
    table: dict[str, dict[str, list[float]]] = {}
    cross(found, folds)
    for a in found:
        row = table.setdefault(a.kind, {})
        row.setdefault("tau", []).append(tau(a.order))
        row.setdefault("first", []).append(float(a.order[0] == 0))
    told = [a for a in found if a.reference and a.count]
    for name, places in _orders().items():
        for fold in range(folds):
            weights = learn_worth([example(a, places(a)) for a in told if a.fold % folds != fold])
            for a in told:
                if a.fold % folds == fold:
                    table[a.kind].setdefault(name, []).append(unigram_f1(a, places(a), weights))
    for a in told:
        table[a.kind].setdefault("lead", []).append(_f1([t for p in a.paragraphs for t in p][: a.count], a.reference))
    for kind, row in table.items():
        print(
            f"{kind:16s} {len(row['tau']):5d} articles  "
            + "  ".join(f"{k} {np.nanmean(v):.3f}" for k, v in row.items())
        )


def _orders() -> dict[str, Callable[[Article], list[int]]]:
    return {"found": lambda a: a.order, "trusted": lambda a: list(range(len(a.paragraphs)))}


def cross(found: Sequence[Article], folds: int) -> None:
    """Order each article by weights learned from the others."""
    for fold in range(folds):
        model = learn_lede([a for a in found if a.fold % folds != fold])
        for a in found:
            if a.fold % folds == fold:
                a.order = order(a, model)


def write(found: Sequence[Article], vocabulary: Vocabulary) -> None:
    """Learn from all, and write both files."""
    cross(found, 4)  # words are weighed in orders as good as those of articles nobody has seen
    told = [a for a in found if a.reference and a.count]
    learned = {name: learn_worth([example(a, places(a)) for a in told]) for name, places in _orders().items()}
    groups = {n: v.reshape(len(worth.GROUPS), len(worth.NAMES)) for n, v in learned.items()}
    named = {
        n: {
            g: {f: round(float(w), 4) for f, w in zip(worth.NAMES, row, strict=True)}
            for g, row in zip(worth.GROUPS, v, strict=True)
        }
        for n, v in groups.items()
    }
    _save("summaries/worth.json", named)
    dense, words = learn_lede(found)
    by_cue = dense.reshape(4, len(cues.NAMES)).T
    model: dict[str, Any] = {
        "cues": {n: [round(float(w), 4) for w in row] for n, row in zip(cues.NAMES, by_cue, strict=True)}
    }
    for kind in ("words", "first", "last"):
        model[kind] = {language: {} for language in ("en", "fr")}
    for (language, kind, word), column in vocabulary.columns.items():
        if abs(words[column]) >= SMALLEST:
            model[kind][language][word] = round(float(words[column]), 2)
    _save("ordering/lede.json", model)


def _save(name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("},", "},\n")
    (ROOT / "worker" / name).write_text(text + "\n", encoding="utf-8")
    print(name, len(text.encode()), "bytes")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path)
    options.add_argument("--folds", type=int, default=0)
    asked = options.parse_args()
    found = list(articles(asked.data))
    print(len(found), "articles", dict(Counter(a.kind for a in found)))
    vocabulary = Vocabulary(found)
    for a in found:
        a.cues, a.words = lede.paragraph_cues(a.title, a.paragraphs, a.language), vocabulary.rows(a)
    validate(found, asked.folds) if asked.folds else write(found, vocabulary)


if __name__ == "__main__":
    main()
