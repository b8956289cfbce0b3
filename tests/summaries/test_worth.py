"""The ranker "unbury": words worth telling, each counted once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, anything, document, sentences, texts
from worker.pipeline import Recipe, read
from worker.summaries.worth import GROUPS, NAMES, taken, unbury, weights


@SOME
@given(st.lists(anything, max_size=6), anything, st.booleans())
def test_every_sentence_gets_a_finite_score(said: list[str], title: str, ordered: bool) -> None:
    """Whatever the text is."""
    scores = unbury("en").rank(title, sentences(*said), ordered=ordered)
    assert len(said) == len(scores)
    assert all(map(math.isfinite, scores))


def test_what_was_told_already_adds_nothing_more() -> None:
    """The same words a second time cost their length, and bring nothing."""
    scores = taken([(0, 1, 2), (0, 1, 2), (3,)], [0.9, 0.8, 0.7, 0.3], [False] * 3)
    assert scores[0] == pytest.approx(0.9 + 0.8 + 0.7 - 0.3)
    assert scores[1] == pytest.approx(-0.3)
    assert scores[2] == pytest.approx(0.3 - 0.1)


@SOME
@given(st.lists(st.lists(st.integers(0, 9), max_size=6).map(tuple), max_size=8))
def test_the_lazy_way_takes_what_the_plain_way_takes(rows: list[tuple[int, ...]]) -> None:
    """At each step the sentence that adds most, the first of equals."""
    chances = [0.05 * (number + 1) for number in range(10)]
    left, covered, expected = list(range(len(rows))), set[int](), {}
    while left:
        adds = {i: round(math.fsum(chances[t] for t in {*rows[i]} - covered) - 0.1 * len(rows[i]), 9) for i in left}
        best = min(left, key=lambda i: (-adds[i], i))
        expected[best] = adds[best]
        covered |= {*rows[best]}
        left.remove(best)
    assert taken(rows, chances, [False] * len(rows)) == pytest.approx([expected[i] for i in range(len(rows))])


def test_the_title_s_words_and_the_first_place_count() -> None:
    """A sentence with the title's words gains; so does the first, more so where the order is trusted."""
    given_sentences = sentences(*NEWS)
    plain = unbury("en").rank("", given_sentences, ordered=False)
    titled = unbury("en").rank("Lost bell of ship turned up in museum drawer", given_sentences, ordered=False)
    assert titled[7] - plain[7] > 0.5
    assert max(range(len(NEWS)), key=unbury("en").rank("", given_sentences, ordered=True).__getitem__) < 3


def test_the_weights_are_small_and_complete() -> None:
    """Under 100 KB in all, and a weight for each feature in each group."""
    assert {name: w.shape for name, w in weights().items()} == {
        "found": (len(GROUPS) * len(NAMES),),
        "trusted": (len(GROUPS) * len(NAMES),),
    }
    sizes = [len(files(f"worker.{package}").joinpath(name).read_bytes()) for package, name in
             (("summaries", "worth.json"), ("ordering", "lede.json"))]  # fmt: skip
    assert sum(sizes) < 100_000


@pytest.mark.parametrize(
    "paragraphs",
    [
        ("The ferry was withdrawn on Monday.",),
        ("By Jonas Pell", "Reporting by Greta Osk"),
        ("1 2 3 4 5 6.", "7 8 9 10 11 12.", "3.5 4.5 5.5 6.5 7.5."),
        tuple(text.upper() for text in NEWS),
        (*NEWS, " ".join(f"word{i % 977}" for i in range(50_000))),
        (" ".join(["yes"] * 50_000),),
        ("",),
        ("He said so, and nothing more was heard.", "But they held on to the old rope for hours."),
    ],
    ids=["one", "bylines", "numbers", "capitals", "long sentence", "one long sentence", "empty", "dangling only"],
)
@pytest.mark.parametrize("title", ["", "Nothing of this kind", "Lost bell of ship turned up"])
@pytest.mark.parametrize("shuffled", [True, False])
def test_odd_documents_are_read(paragraphs: tuple[str, ...], title: str, shuffled: bool) -> None:
    """A sensible summary or none, and no crash."""
    found = document(*paragraphs, title=title, shuffled=shuffled)
    summary = read(found, Recipe()).summary
    assert len(summary.sentences) <= 3
    assert all(found.quote(s.span) == s.text for s in summary.sentences)
    if len(paragraphs) > 3:
        assert all(len(text) < 1000 for text in texts(summary.sentences))


def test_a_sentence_is_looked_at_a_few_times_only() -> None:
    """Taking all of 2,000 sentences sorts a queue, and does not compare each with each."""
    looked = 0

    class Row(tuple[int, ...]):
        __slots__ = ()

        def __iter__(self) -> Iterator[int]:
            nonlocal looked
            looked += 1
            return super().__iter__()

    rows = [Row((i % 971, 1000 + i % 89, 2000 + i, 5000 + i % 7)) for i in range(2000)]
    taken(rows, [0.5] * 8000, [False] * 2000)
    assert looked <= 2 * 2000
