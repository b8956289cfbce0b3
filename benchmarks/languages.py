"""Sentence boundaries by language: ours beside sentencex alone, against the sentences that humans cut.

    python -m benchmarks.languages DATA

F1 of whole sentences (both ends right), space at the ends aside; and the letters that were lost.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sentencex

from benchmarks.data import records
from worker.text.sentences import spans

#: The languages of the sets that do not say theirs.
NAMED = {
    "amharic": "am", "arabic": "ar", "armenian": "hy", "danish": "da", "deutsch": "de", "dutch": "nl", "english": "en",
    "english_clean": "en", "french": "fr", "italian": "it", "japanese": "ja", "kazakh": "kk", "marathi": "mr",
    "polish": "pl", "russian": "ru", "spanish": "es", "urdu": "ur",
}  # fmt: skip
Places = set[tuple[int, int]]


def articles(data: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind of set, language and record."""
    for name, kind in (("sentences", "treebank"), ("sentences_golden", "golden")):
        for record in records(data / f"{name}.jsonl"):
            yield kind, record.get("lang") or NAMED[record["set"]], record


def expected(text: str, sentences: list[str]) -> Places:
    """Where the sentences stand in the text."""
    found, start = set(), 0
    for sentence in sentences:
        at = text.find(sentence.strip(), start)
        if at >= 0:
            start = at + len(sentence.strip())
            found.add((at, start))
    return found


def plain(text: str, language: str) -> Places:
    """What sentencex alone cuts."""
    found, start = set(), 0
    for piece in sentencex.segment(language, text):
        at = text.index(piece, start)
        start = at + len(piece)
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            found.add((at + lead, at + lead + len(piece.strip())))
    return found


def main() -> None:
    """Print a row a language and kind, and all languages together."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * 7)
    for kind, language, record in articles(Path(sys.argv[1])):
        text, wanted = record["text"], expected(record["text"], record["sentences"])
        ours, theirs = set(spans(text, language)), plain(text, language)
        lost = sum(map(str.isalnum, text)) - sum(sum(map(str.isalnum, text[a:b])) for a, b in ours)
        row = (1, len(wanted), len(ours), len(ours & wanted), len(theirs), len(theirs & wanted), lost)
        for key in ((kind, language), (kind, "all")):
            sums[key] = [a + b for a, b in zip(sums[key], row, strict=True)]
    print("kind      language  texts  sentences   ours   sentencex   letters lost")
    for (kind, language), (texts, wanted, ours, right, cut, cut_right, lost) in sorted(sums.items()):
        f1, theirs_f1 = (200 * r / max(1, wanted + n) for r, n in ((right, ours), (cut_right, cut)))
        worse = "   WORSE" if f1 < theirs_f1 else ""
        print(f"{kind:9s} {language:8s} {texts:6d} {wanted:10d}  {f1:6.2f}  {theirs_f1:6.2f} {lost:10d}{worse}")


if __name__ == "__main__":
    main()
