"""Stories of a few documents: the sample week day by day, as a worker meets it, with the days before as the window."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.builders import sample
from worker.model import Document, Member
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.text.sentences import split

#: The table in seeds/README.md: words of the addresses that stand for the documents of a story.
_TABLE = {
    "ferry": ("holm-sarra-ferry", "islanders-cut-off", "storm-keeps-holm-sarra", "ferry-service-resumes"),
    "bridge": ("kettlefords-weir-bridge", "lorries-barred", "weir-bridge-to-shut"),
    "bell": ("lost-schooners-bell", "the-bell-that-slept"),
    "fire in Brindlehaven": ("net-loft-burns-down",),
    "apples": ("fewer-apples",),
    "storm": ("storm-odda-injures", "storm-leaves-15", "odda-breaches", "storm-odda-toll"),
    "kelp": ("kelp-wrap",),
    "cup": ("ten-millers", "millers-draw"),
    "bus": ("council-votes-17", "a-bus-for-the-small"),
    "fire in Port Ansel": ("net-loft-damaged",),
    "ward": ("kettleford-hospital", "new-dialysis-ward"),
}


def _name(document: Document) -> str:
    """The address, and the day: an article that was corrected stands at one address on two days."""
    return f"{document.url} {document.published}"


def _told(document: Document) -> str:
    [story] = [story for story, words in _TABLE.items() if any(word in document.url for word in words)]
    return story


def _member(document: Document) -> Member:
    return Member(_name(document), "", document.published, sketch(document, split(document)), document.language)


@pytest.mark.parametrize("days", [(18,), (18, 19), (18, 19, 20), (19,), (19, 20), (20,)])
def test_each_day_comes_out_as_the_table_says(days: tuple[int, ...]) -> None:
    came = [document for document in sample() if document.published and document.published.day in days]
    expected = defaultdict(set)
    for document in came:
        expected[_told(document)].add(_name(document))
    stories = group([_member(document) for document in came])
    assert sorted(sorted(story.documents) for story in stories) == sorted(map(sorted, expected.values()))


def test_an_article_that_names_a_bridge_in_passing_does_not_join_its_story() -> None:
    told = {"apples", "bridge"}
    first = [found for found in sample() if found.published and found.published.day == 18 and _told(found) in told]
    assert len(first) == 3
    assert sorted(len(story.documents) for story in group([_member(found) for found in first])) == [1, 2]


def test_a_correction_joins_the_article_that_it_corrects() -> None:
    [story] = group([_member(found) for found in sample() if _told(found) == "apples"])
    assert len(story.documents) == 2
