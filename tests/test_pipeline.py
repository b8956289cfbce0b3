"""The pipeline: the same document gives the same reading, however its paragraphs were shuffled."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    FEW,
    MORNING,
    NEWS,
    SOME,
    anything,
    arrival,
    digest,
    document,
    indexes,
    paragraphs,
    permuted,
    real,
    sample,
    texts,
)
from tests.processes import printed
from worker.digest.edition import Dateline
from worker.edition import Past, Verdict
from worker.errors import UnknownName
from worker.model import Reading
from worker.pipeline import Recipe, compose, read
from worker.plugins import RANKERS

DATELINE = Dateline(date(2026, 11, 20), 1, MORNING)

#: Reads an article by all rankers, and prints all that a reading says.
_ALL = """
from tests.builders import sample
from worker.pipeline import Recipe, read
from worker.plugins import RANKERS
for name in RANKERS.names():
    ranker = RANKERS.find(name)("en")
    reading = read(sample()[0], Recipe(ranker=name, sentences=8))
    print(reading)
    digits = 17 if name == "lsa" else 9  # sumy's own rows of LSA differ by PYTHONHASHSEED, in the last digits at first
    print([round(s, digits) + 0.0 for s in ranker.rank(sample()[0].title, reading.sentences, ordered=False)])
"""


def _says(reading: Reading) -> tuple[list[str], list[str], int]:
    return texts(reading.sentences), texts(reading.summary.sentences), len(reading.repeats)


@FEW
@given(paragraphs, st.data(), st.sampled_from(RANKERS.names()))
def test_any_shuffle_gives_the_same_reading(said: list[str], data: st.DataObject, ranker: str) -> None:
    """The same sentences, the same summary, as many repeats: the promise of the name."""
    one = document(*said)
    two = permuted(one, data.draw(indexes(len(said))))
    recipe = Recipe(ranker=ranker)
    assert _says(read(one, recipe)) == _says(read(two, recipe))


@pytest.mark.parametrize("ranker", RANKERS.names())
def test_the_real_article_shuffled_gives_the_same_reading(ranker: str) -> None:
    """Backwards, rotated or as it came in: it reads the same."""
    recipe = Recipe(ranker=ranker)
    count = len(real().paragraphs)
    as_given = _says(read(real(), recipe))
    assert as_given == _says(read(permuted(real(), reversed(range(count))), recipe))
    assert as_given == _says(
        read(permuted(real(), [(i * 7 + 3) % count for i in range(count)] if count % 7 else range(count)), recipe)
    )


@SOME
@given(st.lists(anything, max_size=6), st.booleans(), st.sampled_from(["lexrank", "luhn", "edmundson"]))
def test_whatever_is_read_can_only_be_quoted(said: list[str], shuffled: bool, ranker: str) -> None:
    """Every sentence, chosen sentence and repeat points to words that stand in the document."""
    found = document(*said, shuffled=shuffled)
    reading = read(found, Recipe(ranker=ranker))
    for sentence in (*reading.sentences, *reading.summary.sentences):
        assert found.quote(sentence.span) == sentence.text
    assert set(reading.summary.sentences) <= set(reading.sentences)
    assert all(found.quote(repeat.dropped) for repeat in reading.repeats)


@SOME
@given(paragraphs)
def test_an_ordered_document_keeps_its_order(said: list[str]) -> None:
    """Sentences and summary come as they stand, since their order means something."""
    reading = read(document(*said, shuffled=False), Recipe(ranker="luhn"))
    for told in (reading.sentences, reading.summary.sentences):
        places = [(s.span.paragraph, s.span.start) for s in told]
        assert sorted(places) == places


def test_a_reading_says_of_what_and_by_which_recipe() -> None:
    """It belongs to one revision and one recipe."""
    found = document(*NEWS)
    reading = read(found, Recipe(ranker="luhn", sentences=2))
    assert (found.id, found.revision, "luhn") == (reading.document, reading.revision, reading.summary.ranker)
    assert len(reading.summary.sentences) == 2
    assert Recipe(ranker="luhn", sentences=2).id == reading.recipe


def test_another_recipe_has_another_id() -> None:
    """Ranker, number of sentences and cue words count; the order of cue words does not."""
    recipes = [
        Recipe(),
        Recipe(ranker="luhn"),
        Recipe(sentences=4),
        Recipe(bonus=("a",)),
        Recipe(stigma=("a",)),
        Recipe(bonus=("a", "b")),
        Recipe(bonus=("ab",)),
    ]
    assert len(recipes) == len({recipe.id for recipe in recipes})
    assert Recipe(bonus=("a", "b")).id == Recipe(bonus=("b", "a")).id


def test_a_ranker_that_nobody_knows_is_said() -> None:
    """The recipe names it, and the answer is the nearest."""
    with pytest.raises(UnknownName) as raised:
        read(document(*NEWS), Recipe(ranker="lexrnk"))
    assert "lexrank" in raised.value.hint


def test_readings_are_the_same_in_every_process() -> None:
    """Neither sets nor hashes decide: PYTHONHASHSEED changes nothing, for any ranker."""
    runs = [printed(_ALL, PYTHONHASHSEED=seed) for seed in ("1", "4711")]
    assert runs[0] == runs[1]
    assert 2 * len(RANKERS.names()) == runs[0].count("\n")


def test_the_sample_week_is_told_whole() -> None:
    """Each of the sample's documents is accounted for once, and each sentence told is a quotation."""
    recipe = Recipe(ranker="luhn")
    came = [arrival(*d.paragraphs, url=d.url, title=d.title, published=d.published) for d in sample()]
    edition = compose(digest(stories=20), DATELINE, came, Past(), recipe)
    assert sorted(a.document.id for a in came) == sorted(d.document for d in edition.account)
    by_id = {a.document.id: a.document for a in came}
    for item in edition.items:
        assert item.summary.sentences
        for sentence in item.summary.sentences:
            assert by_id[sentence.span.document].quote(sentence.span) == sentence.text
    assert [d.because for d in edition.account].count("a later revision of it came in before it was told") == 1
    tally = Counter(d.verdict for d in edition.account)
    assert (len(edition.items), tally[Verdict.copy], tally[Verdict.below_budget]) == (11, 4, 0)
