"""Kinds of lines: headlines and headings tell nothing themselves, nor does what never ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import NEWS, document, sentences, texts
from tests.summaries.test_together import told, version
from worker.pipeline import Recipe, read
from worker.summaries.choice import Budget, choose
from worker.summaries.kinds import Kind, kinds, without_titles

TITLE = "Harbour Office Withdraws Ferry After Crack Is Found"


@pytest.mark.parametrize(
    "line",
    [
        TITLE,
        "Harbour office withdraws ferry after crack is found.",
        "Harbour Office Withdraws Ferry",
        f"{TITLE} | The Herald",
        f"The Herald: {TITLE}",
        f"{TITLE} - Eastquay news - Herald",
        "Harbour Office Withdraws the Ferry After Crack Is Found",
    ],
)
def test_a_title_is_no_sentence(line: str) -> None:
    """As it stands, in part, with a site's name, or with a word changed."""
    found = sentences(line, NEWS[1], NEWS[2])
    assert without_titles(found, [TITLE]) == found[1:]
    assert without_titles(sentences(TITLE, NEWS[1]), [f"{TITLE} | The Herald"]) == sentences(TITLE, NEWS[1])[1:]


@pytest.mark.parametrize(
    "line",
    [
        NEWS[0],
        f"{TITLE.capitalize()} in the ramp on which the lorries of the whole island stand every morning.",
        "Harbour Office Withdraws Ferry After 2 Cracks, 3 Leaks and 4 Loose Hinges Are Found",
        "12 dead in the fire that burnt down the old town hall of Riva",
    ],
)
def test_what_says_more_than_a_title_is_kept(line: str) -> None:
    """A title cut from the first sentence does not take that away; another number is another thing."""
    found = sentences(line, NEWS[1])
    assert without_titles(found, [TITLE, "15 dead in the fire that burnt down the old town hall of Riva"]) == found


def test_a_title_is_told_where_there_is_nothing_else() -> None:
    """An entry that has nothing but its title, with a credit or without."""
    alone = sentences(TITLE, "Reporting by Greta Osk in Eastquay.")
    assert without_titles(alone, [TITLE]) == alone
    assert texts(read(document(TITLE, title=TITLE), Recipe()).summary.sentences) == [TITLE]
    assert texts(told(version("a", "Storm in the port of Riva")).sentences) == ["Storm in the port of Riva"]


@pytest.mark.parametrize("ranker", ["unbury", "lexrank"])
def test_a_summary_of_one_sentence_is_no_headline(ranker: str) -> None:
    """A page's text begins with its title; what is kept account of is all of it all the same."""
    said = ("A crack in the ramp keeps the ferry at its quay.", "The harbour office looks for another.")
    page = document(TITLE, *said, NEWS[5], title=TITLE, shuffled=False)
    found = read(page, Recipe(ranker=ranker, sentences=1))
    assert [text in said for text in texts(found.summary.sentences)] == [True]
    assert texts(found.sentences) == [TITLE, *said, NEWS[5]]


def test_no_title_of_a_story_is_a_sentence_of_it() -> None:
    """Neither a document's own nor another's."""
    one, other = version("a", "Riva's Port Hit by Storm", NEWS[0]), version("b", "Storm in the port of Riva", NEWS[1])
    both = (replace(one, title="Storm in the port of Riva"), replace(other, title="Riva's Port Hit by Storm"))
    assert sorted(texts(told(*both).sentences)) == sorted(NEWS[:2])


def test_a_headline_that_is_new_is_no_news() -> None:
    """Where all sentences were told before, the title is not told in their place."""
    assert told(version("a", "Storm in the port of Riva", *NEWS[:2], known=[1, 2])).sentences == ()


def test_a_heading_is_chosen_only_where_there_is_nothing_else() -> None:
    """A short paragraph without a full stop, in a text whose paragraphs have one."""
    found = sentences(*NEWS[:3], "What the harbour office knew of the crack")
    assert kinds(found)[3] is Kind.heading
    assert choose(found, [0.0, 0.0, 0.0, 9.0], Budget(4)) == found[:3]
    assert choose(found, [0.0, 0.0, 0.0, 9.0], Budget(4), withheld={0, 1, 2}) == found[3:]


def test_where_no_paragraph_has_a_full_stop_none_is_a_heading() -> None:
    """A list, or a text that has lost its signs."""
    bare = sentences(*(text.rstrip(".") for text in NEWS[:3]), NEWS[3])
    assert set(kinds(bare)) == {Kind.sentence}


def test_the_end_of_a_paragraph_is_no_heading() -> None:
    """It has a sentence before it."""
    ending = sentences(NEWS[2], "It was the smoke of a bakery", paragraph=7)
    assert set(kinds((*sentences(*NEWS[:4]), *ending))) == {Kind.sentence}


def test_what_never_ends_is_no_sentence() -> None:
    """A transcript without full stops has no part in a story; alone it is a text's last resort, the shortest first."""
    long, longer = "and then they said that it " * 20, "so it went on and on and " * 30
    assert choose(sentences(long, NEWS[0]), [9.0, 0.0], Budget(3)) == sentences(long, NEWS[0])[1:]
    assert choose(sentences(longer, long), [9.0, 0.0], Budget(3)) == sentences(longer, long)[1:]
    assert texts(told(version("a", long, NEWS[0])).sentences) == [NEWS[0]]
    assert told(version("a", long)).sentences == ()
    assert told(version("a", long), version("b", longer)).sentences == ()
