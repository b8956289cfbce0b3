"""Stories: documents that tell of the same event stand together, and twins do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FEW, MORNING, NEWS, document, indexes, sample
from worker.model import Member, Story
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.text.sentences import split

FERRY = (
    "The ferry Brisk to Holm Sarra was withdrawn on Monday after a crack was found in its forward ramp.",
    "Captain Anna Quill said that 340 islanders would have to wait for a relief boat from Eastquay.",
    "The crack was found by an inspector of the Chandler yard, who had come to look at the engine.",
)
AGAIN = (
    "Islanders on Holm Sarra wait for a relief boat since a crack in the ramp stopped the ferry Brisk.",
    "Captain Anna Quill of the ferry said that the Chandler yard needs four days to mend the forward ramp.",
    "A relief boat from Eastquay is to bring food, and takes 40 passengers on each crossing.",
)
APPLES = (
    "Growers in the valley of the Ledder say that late frost has halved the harvest of apples.",
    "The price of a crate rose to 31 crowns at the market in Kettleford, where Hanna Feld sells hers.",
)


def member(name: str, *said: str, title: str = "", when: datetime | None = MORNING, language: str = "en") -> Member:
    """A document as it is placed, of these paragraphs."""
    made = document(*said, title=title, language=language)
    return Member(name, "herald.example", when, sketch(made, split(made)), language)


def _together(stories: Sequence[Story]) -> set[frozenset[str]]:
    return {frozenset(story.documents) for story in stories}


@cache
def _week() -> tuple[Member, ...]:
    """The sample week; an article that was corrected stands at one address on two days, so the day is in its name."""
    return tuple(
        Member(f"{found.url} {found.published}", "", found.published, sketch(found, split(found)), found.language)
        for found in sample()
    )


def test_two_reports_of_one_event_are_a_story_and_another_event_is_not() -> None:
    stories = group([member("b", *AGAIN), member("c", *APPLES), member("a", *FERRY)])
    assert _together(stories) == {frozenset("ab"), frozenset("c")}


def test_the_story_says_how_each_came_to_it() -> None:
    later = MORNING + timedelta(hours=3)
    [story] = group([member("b", *AGAIN, when=later), member("z", *FERRY)])
    assert (story.id, story.documents) == ("z", ("z", "b"))
    first, second = story.joins
    assert (first.document, first.nearest, first.because, first.reprint_of) == ("z", "", "", "")
    assert (second.document, second.nearest, second.reprint_of) == ("b", "z", "")
    assert second.because.startswith("shared names ")
    assert "alike 0." in second.because
    assert second.because.endswith("3 hours apart")


def test_the_unknown_stand_last() -> None:
    [story] = group([member("a", *FERRY, when=None), member("b", *AGAIN)])
    assert story.documents == ("b", "a")
    assert "apart" not in story.joins[1].because


def test_a_reprint_is_marked_with_the_earlier_one() -> None:
    cut = (*FERRY[:2], FERRY[2], APPLES[0])
    stories = group([member("b", *cut, when=MORNING + timedelta(hours=1)), member("a", *FERRY)])
    [story] = stories
    assert [join.reprint_of for join in story.joins] == ["", "a"]
    assert story.joins[1].because.startswith("the same text; ")


def test_a_shared_sentence_makes_no_reprint() -> None:
    stories = group([member("a", *FERRY, NEWS[0]), member("b", *AGAIN, NEWS[0])])
    assert [join.reprint_of for story in stories for join in story.joins] == ["", ""]


@pytest.mark.parametrize(("days", "count"), [(1, 1), (4, 1), (6, 2), (365, 2)])
def test_what_is_further_apart_than_the_window_is_two_events(days: int, count: int) -> None:
    """Even the same text: "bond risk rises" comes back each year."""
    title = "Ferry Brisk withdrawn"
    given_ = [member("a", *FERRY, title=title), member("b", *FERRY, title=title, when=MORNING + timedelta(days=days))]
    assert len(group(given_)) == count


def test_a_time_without_a_zone_is_read_as_utc() -> None:
    plain = MORNING.replace(tzinfo=None)
    [story] = group([member("a", *FERRY), member("b", *AGAIN, when=plain + timedelta(hours=5))])
    assert story.joins[1].because.endswith("5 hours apart")


def test_titles_alone_join_nothing() -> None:
    title = "Ferry Brisk to Holm Sarra withdrawn after crack in ramp"
    assert len(group([member("a", title=title), member("b", title=title)])) == 2
    assert len(group([member("a", title=title), member("b", *FERRY, title=title)])) == 1


def test_languages_do_not_join() -> None:
    assert len(group([member("a", *FERRY), member("b", *FERRY, language="fr")])) == 2


def test_twins_are_kept_apart() -> None:
    """A fire in a net loft in one town, and in another."""
    fires = [found for found in _week() if "net-loft" in found.document]
    assert len(fires) == 2
    assert len(group(fires)) == 2
    assert len(group(_week())) > 2
    assert not any(len({fire.document for fire in fires} & set(story.documents)) == 2 for story in group(_week()))


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


def _told(found: Member) -> str:
    [story] = [story for story, words in _TABLE.items() if any(word in found.document for word in words)]
    return story


@pytest.mark.parametrize("days", [(18,), (18, 19), (18, 19, 20), (19,), (19, 20), (20,)])
def test_each_day_comes_out_as_the_table_says(days: tuple[int, ...]) -> None:
    """The sample week as a worker meets it, with the days before as the window."""
    came = [found for found in _week() if found.when and found.when.day in days]
    expected = defaultdict(set)
    for found in came:
        expected[_told(found)].add(found.document)
    assert _together(group(came)) == set(map(frozenset, expected.values()))


def test_an_article_that_names_a_bridge_in_passing_does_not_join_its_story() -> None:
    first = [found for found in _week() if found.when and found.when.day == 18 and _told(found) in ("apples", "bridge")]
    assert len(first) == 3
    assert sorted(len(story.documents) for story in group(first)) == [1, 2]


def test_a_correction_joins_the_article_that_it_corrects() -> None:
    [story] = group([found for found in _week() if _told(found) == "apples"])
    assert len(story.documents) == 2


def test_copies_and_reprints_of_the_sample_week_are_marked() -> None:
    marked = {join.document for story in group(_week()) for join in story.joins if join.reprint_of}
    for words in ("lorries-barred", "the-bell-that-slept", "stories/kelp", "new-dialysis-ward"):
        assert any(words in name for name in marked), words
    assert not any("odda" in name or "holm-sarra" in name for name in marked)


def test_nothing_makes_no_story() -> None:
    assert group([]) == ()
    [story] = group([Member("a", "", None, sketch(document(), ()))])
    assert story.documents == ("a",)


texts = st.lists(st.sampled_from([*FERRY, *AGAIN, *APPLES, *NEWS]), min_size=0, max_size=4, unique=True)
members = st.lists(
    st.builds(
        lambda said, title, day: (said, title, day),
        texts,
        st.sampled_from(["", "Update", "Ferry Brisk withdrawn"]),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=12,
).map(
    lambda found: [
        member(f"d{number}", *said, title=title, when=None if day is None else MORNING + timedelta(days=day))
        for number, (said, title, day) in enumerate(found)
    ]
)


@FEW
@given(members)
def test_every_document_is_in_one_story_and_joins_say_so(given_members: list[Member]) -> None:
    stories = group(given_members)
    assert sorted(name for story in stories for name in story.documents) == sorted(m.document for m in given_members)
    when = {m.document: m.when for m in given_members}
    for story in stories:
        assert story.id == story.documents[0]
        assert tuple(join.document for join in story.joins) == story.documents
        assert story.joins[0].nearest == ""
        times = [when[name] for name in story.documents]
        known = [time for time in times if time is not None]
        assert times == [*sorted(known), *[None] * (len(times) - len(known))]
        for place, join in enumerate(story.joins[1:], 1):
            assert join.nearest in story.documents[:place]
            assert join.because
            assert join.reprint_of in ("", *story.documents[:place])


@FEW
@given(st.data())
def test_any_order_gives_the_same_stories(data: st.DataObject) -> None:
    found = _week()[:12]
    order = data.draw(indexes(len(found)))
    assert group([found[place] for place in order]) == group(found)


@FEW
@given(members.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_any_order_of_made_up_documents_does_too(orders: tuple[list[Member], list[Member]]) -> None:
    given_members, turned = orders
    assert group(turned) == group(given_members)


def test_two_that_nobody_else_tells_of_are_not_one_for_want_of_others() -> None:
    """Hardly a word is in both: the least strange of strangers are strangers still."""
    hiker = "The body of a hiker who went missing in the mountains thirty years ago has been found on a glacier."
    fires = (
        "Hundreds of cars were set on fire in the suburbs during the night. The police say that it was a quiet year."
    )
    stories = group(
        [
            member("a", hiker, "A ranger saw a boot in the ice.", title="Hiker found after thirty years"),
            member("b", fires, title="Cars burn on New Year's Eve", when=MORNING + timedelta(minutes=39)),
        ]
    )
    assert _together(stories) == {frozenset("a"), frozenset("b")}
