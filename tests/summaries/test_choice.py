"""The choice: the best scores within the budget, no two alike, no bylines."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, news, sample, sentences, texts
from worker.model import Document
from worker.pipeline import Recipe, read
from worker.summaries.choice import Budget, choose
from worker.summaries.credits import credit
from worker.text.likeness import passage, similarity

scored = st.lists(st.tuples(news, st.one_of(st.integers(-2, 2).map(float), st.floats(-1e9, 1e9))), max_size=10)


@SOME
@given(scored, st.integers(1, 5))
def test_the_budget_holds_and_the_order_is_kept(pairs: list[tuple[str, float]], count: int) -> None:
    """At most so many, as they stand, out of those given, and at least one if there is any."""
    found = sentences(*(text for text, _ in pairs))
    chosen = choose(found, [score for _, score in pairs], Budget(count))
    assert min(1, len(found)) <= len(chosen) <= count
    assert list(chosen) == [s for s in found if s in chosen]


@SOME
@given(scored, st.integers(1, 5))
def test_no_two_of_the_chosen_are_alike(pairs: list[tuple[str, float]], count: int) -> None:
    """Of two sentences that share half of their words, one is enough."""
    chosen = choose(sentences(*(text for text, _ in pairs)), [score for _, score in pairs], Budget(count))
    for one, two in combinations(texts(chosen), 2):
        assert similarity(passage(one), passage(two)) < 0.5


@SOME
@given(scored.filter(bool))
def test_the_best_is_always_chosen(pairs: list[tuple[str, float]]) -> None:
    """With room for one, it is the first of those with the highest score."""
    found = sentences(*(text for text, _ in pairs))
    best = max(round(score, 9) for _, score in pairs)
    first = next(s for s, (_, score) in zip(found, pairs, strict=True) if round(score, 9) == best)
    assert (first,) == choose(found, [score for _, score in pairs], Budget(1))


def test_ties_go_to_the_first_and_dust_decides_nothing() -> None:
    """A difference past the ninth digit is the order of a sum, and no reason."""
    found = sentences(*NEWS[:4])
    assert found[:2] == choose(found, [1.0, 1.0, 1.0, 1.0], Budget(2))
    assert found[:2] == choose(found, [1.0, 1.0 + 1e-12, 1.0 + 2e-12, 1.0 + 3e-12], Budget(2))
    assert found[2:] == choose(found, [1.0, 1.0, 1.1, 1.2], Budget(2))


def test_a_fragment_is_chosen_only_where_there_is_nothing_else() -> None:
    """ "It did." tells nothing by itself."""
    found = sentences("It did.", NEWS[0])
    assert found[1:] == choose(found, [9.0, 0.0], Budget(3))
    assert found[:1] == choose(found[:1], [9.0], Budget(3))


def test_of_nothing_nothing_is_chosen() -> None:
    """No sentence, no summary; nor of credits alone."""
    assert choose((), [], Budget(3)) == ()
    assert choose(sentences("Photo: Wilma Stent, Eastquay Museum"), [1.0], Budget(3)) == ()


def test_a_score_that_is_no_number_never_wins() -> None:
    """A ranker of the user's own that divides by nothing does not disturb the order of the others."""
    found = sentences(*NEWS[:3])
    nan = float("nan")
    for scores, best in (([nan, 1.0, 2.0], 2), ([1.0, nan, 2.0], 2), ([2.0, nan, 1.0], 0), ([nan, 2.0, nan], 1)):
        assert (found[best],) == choose(found, scores, Budget(1))


@pytest.mark.parametrize("found", sample(), ids=lambda found: found.url)
def test_no_credit_of_the_sample_week_is_ever_chosen(found: Document) -> None:
    """Bylines, captions and invitations stand in the articles, and in no summary: they go before anything is ranked."""
    chosen = texts(read(found, Recipe(sentences=100)).summary.sentences)
    assert len(chosen) > 3
    assert [text for text in chosen if any(mark in text for mark in ("Reporting by", "Photo:", "Sign up"))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Reporting by Greta Osk in Eastquay.",
        "Additional reporting by Jonas Pell.",
        "By Edith M. Lederer",
        "Photo: Nell Orrery, from the gallery of the town hall",
        "Picture by Wilma Stent",
        "Sign up for our morning letter and have the news before the first boat.",
        "Subscribe to our newsletter.",
        "Read more: the storm in pictures",
        "Copyright 2026 The Herald.",
        "© The Herald",
        "All rights reserved.",
        "Jonas Pell contributed to this report.",
        "Osk reported from Eastquay.",
        "This story has been updated.",
        "Correction: the bell is older.",
        "@pell #photographer @osk A post shared by Greta Osk (@gretaosk) on Aug 2, 2017 at 6:20am PDT Then he replied: no.",
        "Une publication partagée par Greta Osk (@gretaosk) le 2 août 2017",
        "The bell is older than we thought — Greta Osk (@gretaosk) August 2, 2017",
        "See the bell ring pic.twitter.com/a1B2c3",
        "The song, which can be found here on You Tube, was written in a night.",
    ],
)
def test_credits_are_known(text: str) -> None:
    """Who made the article, and what else the reader is invited to."""
    assert credit(text)


@pytest.mark.parametrize(
    "text",
    [
        *NEWS,
        "By noon the tin in the bakery held 6,300 crowns, said the baker, Ivo Sandling.",
        "By Monday night the storm had reached the coast of Holm Sarra and Brindlehaven.",
        "The photo shows the bell in its drawer.",
        "The reporting by the Herald led to a trial.",
        "Police reported the fire at 2 a.m.",
        "Followers of the club signed up for the bus.",
        "The museum owns the copyright of the film.",
        "Pictures of the wall went round the world.",
        "A photo shared by the museum shows the bell in its drawer.",
        "The oldest bells of the coast can be found here on the quay.",
        "@gretaosk was the account that named the harbour master first.",
    ],
)
def test_what_tells_something_is_no_credit(text: str) -> None:
    """Words that credits are made of make news as well."""
    assert not credit(text)


def test_credits_are_those_lines_of_the_sample_and_no_others() -> None:
    """In the whole week a line is a credit if and only if it begins like one."""
    lines = [line for found in sample() for line in found.paragraphs]
    begins = [
        line for line in lines if line.startswith(("Reporting by", "Additional reporting by", "Photo:", "Sign up"))
    ]
    assert len(begins) == 16
    assert begins == [line for line in lines if credit(line)]
