"""Repeats: what is said again is dropped, and it is kept which was kept for it."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.builders import NEWS, SOME, document, paragraphs, real, sample, texts
from worker.dedup.repeats import drop
from worker.model import Document, Repeat, Sentence, Span
from worker.text.likeness import NEAR, normal
from worker.text.sentences import split


def _drop(given_document: Document) -> tuple[tuple[Sentence, ...], tuple[Repeat, ...]]:
    return drop(given_document, split(given_document))


def _inside(inner: Span, outer: Span) -> bool:
    return inner.paragraph == outer.paragraph and outer.start <= inner.start and inner.end <= outer.end


@SOME
@given(paragraphs)
def test_kept_and_dropped_are_what_was_given(texts_of: list[str]) -> None:
    """Each sentence is kept or lies in one dropped passage, never both, never in two."""
    found = document(*texts_of)
    kept, repeats = _drop(found)
    for sentence in split(found):
        places = [sentence in kept, *(_inside(sentence.span, repeat.dropped) for repeat in repeats)]
        assert sum(places) == 1
    assert [s for s in split(found) if s in kept] == list(kept)


@SOME
@given(paragraphs)
def test_dropping_again_drops_nothing(texts_of: list[str]) -> None:
    """What is kept repeats nothing that is kept."""
    found = document(*texts_of)
    kept, _ = _drop(found)
    assert (kept, ()) == drop(found, kept)
    assert len(kept) == len({normal(sentence.text) for sentence in kept})


@SOME
@given(paragraphs)
def test_every_repeat_leads_to_something_kept(texts_of: list[str]) -> None:
    """Whoever follows a dropped passage, and what it was dropped for, comes to sentences that are told."""
    found = document(*texts_of)
    kept, repeats = _drop(found)
    for repeat in repeats:
        for sentence in (s for s in split(found) if _inside(s.span, repeat.kept)):
            assert sentence in kept or any(sentence.span == other.dropped for other in repeats)
        assert repeat.dropped != repeat.kept
        assert NEAR <= repeat.similarity <= 1


@SOME
@given(paragraphs)
def test_a_sentence_dropped_by_itself_was_said_by_a_sentence_kept(texts_of: list[str]) -> None:
    """The kept span of a single sentence is the span of a sentence that is told."""
    found = document(*texts_of)
    kept, repeats = _drop(found)
    told = {sentence.span for sentence in kept}
    single = {sentence.span for sentence in split(found)}
    whole = [r for r in repeats if r.dropped not in single or r.kept not in single]
    assert all(repeat.kept in told for repeat in repeats if repeat not in whole and repeat.similarity == 1)


@SOME
@given(paragraphs)
def test_a_text_said_twice_over_is_said_once(texts_of: list[str]) -> None:
    """Every paragraph planted a second time is found: exactly as much is kept as without it."""
    once, _ = _drop(document(*texts_of))
    twice, _ = _drop(document(*texts_of, *texts_of))
    assert texts(once) == texts(twice)


def test_the_first_of_several_is_kept() -> None:
    """A repeat names the place of what it repeats, and is like it by 1 where it is the same."""
    found = document(NEWS[0], NEWS[1], NEWS[0])
    kept, repeats = _drop(found)
    assert [NEWS[0], NEWS[1]] == texts(kept)
    ends = len(NEWS[0])
    assert (Repeat(Span(found.id, 2, 0, ends), Span(found.id, 0, 0, ends), 1.0),) == repeats


@pytest.mark.parametrize("sentence", NEWS)
@pytest.mark.parametrize("word", [3, 5, 7])
def test_a_near_repeat_is_found_among_others(sentence: str, word: int) -> None:
    """One plain word changed hides no repeat, wherever it stands among other news."""
    words = sentence.split()
    words[word] = words[word] if words[word][0].isupper() else "somehow"
    planted = " ".join(words)
    kept, repeats = _drop(document(*NEWS, planted))
    assert list(NEWS) == texts(kept)
    assert [repeat.dropped.paragraph for repeat in repeats] == [12]
    assert [NEWS.index(sentence)] == [repeat.kept.paragraph for repeat in repeats]


def test_a_sentence_is_found_again_in_another_paragraph() -> None:
    """A repeat in new company is dropped by itself, and its company is kept."""
    kept, repeats = _drop(document(f"{NEWS[0]} {NEWS[1]}", f"{NEWS[2]} {NEWS[0]}"))
    assert [NEWS[0], NEWS[1], NEWS[2]] == texts(kept)
    assert [(repeat.dropped.paragraph, repeat.kept.paragraph) for repeat in repeats] == [(1, 0)]


def test_a_paragraph_is_a_repeat_though_a_slip_hides_where_a_sentence_ends() -> None:
    """ "Said.s The" is no end of a sentence, so whole paragraphs are compared as well."""
    whole = f"{NEWS[0]} {NEWS[2]}"
    slipped = f"{NEWS[0]}s {NEWS[2]}"
    kept, repeats = _drop(document(whole, slipped))
    assert [NEWS[0], NEWS[2]] == texts(kept)
    assert [(repeat.dropped.paragraph, repeat.kept.paragraph) for repeat in repeats] == [(1, 0)]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The storm has left 12 people hurt in the villages.", "The storm has left 15 people hurt in the villages."),
        (
            "The bridge is safe for lorries and buses of the town.",
            "The bridge is not safe for lorries and buses of the town.",
        ),
        ("The prize of the town went to Anna Osk on Monday.", "The prize of the town went to Greta Osk on Monday."),
    ],
)
def test_what_tells_something_else_is_kept(one: str, two: str) -> None:
    """Another number, name or negation makes a sentence of its own, alone and inside a paragraph."""
    assert ([one, two], ()) == (texts(_drop(document(one, two))[0]), _drop(document(one, two))[1])
    found = document(f"{NEWS[0]} {one}", f"{NEWS[0]} {two}")
    assert [NEWS[0], one, two] == texts(_drop(found)[0])


def test_the_real_article_repeats_nothing() -> None:
    """Of a real article's 55 sentences none is dropped by mistake."""
    assert (split(real()), ()) == _drop(real())


@pytest.mark.parametrize("found", sample(), ids=lambda found: found.url)
def test_every_article_of_the_sample_repeats_itself(found: Document) -> None:
    """Whoever damaged the sample planted repeats in each file, and they are found."""
    kept, repeats = _drop(found)
    assert 1 <= len(repeats) <= 3
    assert len(kept) == len({normal(sentence.text) for sentence in kept})


def test_nothing_has_no_repeats() -> None:
    """A document without a sentence is no special case."""
    assert _drop(document()) == ((), ())
    assert _drop(document("* * *")) == ((), ())
