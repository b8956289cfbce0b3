"""A story told from all its documents: nothing twice, the corroborated first, later figures for earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import FEW, MORNING, NEWS, SOME, news, sample, texts
from worker.edition import Figure, Telling
from worker.model import Sentence, Span
from worker.pipeline import Recipe, read
from worker.plugins import RANKERS
from worker.summaries.choice import Budget, choose
from worker.summaries.together import Version, tell
from worker.summaries.worth import unbury
from worker.text.likeness import passage, repeats, similarity

TWELVE = "The storm left 12 dead in the port of Riva."
FIFTEEN = "The storm left 15 dead in the port of Riva."
THREE = Budget(3)


def stands(document: str, *said: str) -> tuple[Sentence, ...]:
    """Sentences of a document, each in a paragraph of its own."""
    return tuple(Sentence(text, Span(document, place, 0, len(text))) for place, text in enumerate(said))


def version(
    document: str,
    *said: str,
    outlet: str = "",
    hours: float | None = 0,
    known: Sequence[int] = (),
    reprint: bool = False,
    language: str = "en",
    ordered: bool = True,
) -> Version:
    """A document that says this; the sentences at the places `known` are known."""
    found = stands(document, *said)
    return Version(
        document=document,
        outlet=outlet or document,
        when=None if hours is None else MORNING + timedelta(hours=hours),
        title="Storm in the port of Riva",
        language=language,
        ordered=ordered,
        sentences=tuple(s for place, s in enumerate(found) if place not in known),
        known=tuple(found[place] for place in known),
        reprint=reprint,
    )


def told(*versions: Version, budget: Budget = THREE) -> Telling:
    return tell("Storm in the port of Riva", versions, budget, unbury)


versions = st.lists(
    st.tuples(
        st.lists(st.one_of(news, st.sampled_from([TWELVE, FIFTEEN, "He said so.", "But it held for a day."])), max_size=6),
        st.sampled_from([0, 1, 7, None]),
        st.booleans(),
        st.sets(st.integers(0, 5), max_size=2),
        st.booleans(),
    ),
    max_size=4,
).map(
    lambda rows: [
        version(
            f"d{number}",
            *said,
            hours=hours,
            reprint=again and number > 0,
            known=sorted(place for place in known if place < len(said)),
            ordered=ordered,
        )
        for number, (said, hours, again, known, ordered) in enumerate(rows)
    ]
)  # fmt: skip
budgets = st.builds(Budget, st.integers(1, 5), st.sampled_from([0, 20, 40, 100]))


@pytest.mark.parametrize("ranker", ["unbury", "lexrank", "luhn", "edmundson"])
def test_one_version_is_told_as_it_would_be_alone(ranker: str) -> None:
    factory = RANKERS.find(ranker)
    for document in sample()[:6]:
        found = read(document, Recipe(ranker="luhn")).sentences
        ordered = not document.shuffled
        scores = factory(document.language).rank(document.title, found, ordered=ordered)
        alone = Version(document.id, "herald", None, document.title, document.language, ordered, found)
        telling = tell(document.title, [alone], THREE, factory)
        assert telling.sentences == choose(found, scores, THREE, language=document.language, ordered=ordered)
        assert list(telling.scores) == [scores[found.index(sentence)] for sentence in telling.sentences]


@SOME
@given(versions, budgets)
def test_what_is_told_may_be_told(given_: list[Version], budget: Budget) -> None:
    """Given sentences only, nothing known, no more than asked for, and every list of the same length."""
    telling = told(*given_, budget=budget)
    may = [sentence for one in given_ for sentence in one.sentences]
    assert set(telling.sentences) <= set(may)
    assert len(set(telling.sentences)) == len(telling.sentences) == len(telling.scores) == len(telling.said_by)
    assert len(telling.sentences) <= budget.sentences
    words = sum(len(text.split()) for text in texts(telling.sentences))
    assert not budget.words or words <= budget.words or len(telling.sentences) == 1


@SOME
@given(versions, budgets)
def test_no_two_are_alike_unless_their_figures_differ(given_: list[Version], budget: Budget) -> None:
    telling = told(*given_, budget=budget)
    beside = [{figure.sentence for figure in row.figures} for row in telling.differing]
    for one, other in combinations(telling.sentences, 2):
        if not any({one, other} <= group for group in beside):
            assert similarity(passage(one.text), passage(other.text)) < 0.5
            assert repeats(passage(one.text), passage(other.text)) == 0


@FEW
@given(versions.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), budgets)
def test_the_order_of_versions_does_not_matter(both: tuple[list[Version], list[Version]], budget: Budget) -> None:
    one, other = both
    assert told(*one, budget=budget) == told(*other, budget=budget)


def test_nothing_comes_of_nothing() -> None:
    assert told() == Telling()
    assert told(version("a"), version("b")) == Telling()
    assert told(version("a", *NEWS[:2], known=(0, 1))) == Telling()


def test_what_several_outlets_say_is_told_first() -> None:
    """The middle sentence of each of three documents; a reprint is no second voice, nor is the outlet itself."""
    shared = NEWS[6]
    one, two, three = (NEWS[place : place + 2] for place in (0, 2, 4))
    a, b, c = (
        version(name, first, shared, last)
        for name, (first, last) in zip("abc", (one, two, three), strict=True)
    )  # fmt: skip
    telling = told(a, b, c, budget=Budget(1))
    assert texts(telling.sentences) == [shared]
    assert telling.said_by == (("b", "c"),)
    assert texts(told(a, replace(b, reprint=True), replace(c, reprint=True), budget=Budget(1)).sentences) != [shared]
    same = [replace(one, outlet="herald") for one in (a, b, c)]
    assert texts(told(*same, budget=Budget(1)).sentences) != [shared]


def test_near_identical_sentences_are_told_once_and_count_for_each_other() -> None:
    again = NEWS[0].replace("withdrew", "stopped")
    telling = told(version("a", NEWS[0], NEWS[1]), version("b", again, NEWS[2]), version("c", again, reprint=True))
    said = dict(zip(texts(telling.sentences), telling.said_by, strict=True))
    assert len({NEWS[0], again} & set(said)) == 1
    assert said.get(NEWS[0], said.get(again)) in {("a",), ("b",)}


def test_the_original_is_quoted_rather_than_its_reprint() -> None:
    """Even where the reprint bears the earlier time."""
    telling = told(version("a", NEWS[0], reprint=True, hours=-1), version("b", NEWS[0], NEWS[1]), version("c", NEWS[2]))
    assert {s.span.document for s in telling.sentences} == {"b", "c"}


def test_the_best_lead_opens_the_story_and_time_orders_the_others() -> None:
    found = [
        version("a", NEWS[0]),
        version("b", NEWS[1]),
        version("c", NEWS[6], hours=1),
        version("d", NEWS[6], hours=2),
    ]
    assert texts(told(*found).sentences) == [NEWS[6], NEWS[0], NEWS[1]]


@pytest.mark.parametrize(("hours", "outlet"), [(6, "post"), (24, "post"), (1, "herald")])
def test_a_later_figure_replaces_an_earlier_one(hours: float, outlet: str) -> None:
    """Another outlet's after six hours, its own at once; and nothing is said of a difference."""
    early, late = (
        version("a", TWELVE, NEWS[0], outlet="herald"),
        version("b", FIFTEEN, NEWS[1], outlet=outlet, hours=hours),
    )
    telling = told(early, late, budget=Budget(9))
    assert TWELVE not in texts(telling.sentences)
    assert FIFTEEN in texts(telling.sentences)
    assert telling.differing == ()


def test_a_reprint_replaces_nothing() -> None:
    """A text from the morning that is printed again in the evening is still the morning's."""
    late = version("b", TWELVE, NEWS[1], hours=12, reprint=True)
    telling = told(version("a", FIFTEEN, NEWS[0]), late, budget=Budget(9))
    assert FIFTEEN in texts(telling.sentences)
    assert telling.differing == ()


def test_a_figure_that_was_told_before_replaces_an_earlier_one_too() -> None:
    telling = told(version("a", TWELVE, NEWS[0]), version("b", FIFTEEN, NEWS[1], hours=8, known=(0,)), budget=Budget(9))
    assert not {TWELVE, FIFTEEN} & set(texts(telling.sentences))


@pytest.mark.parametrize("hours", [0, 1, 5.9])
def test_differing_figures_stand_side_by_side(hours: float) -> None:
    one = version("a", TWELVE, NEWS[0], NEWS[3])
    telling = told(one, version("b", NEWS[1], FIFTEEN, NEWS[2], hours=hours), budget=Budget(4))
    said = texts(telling.sentences)
    assert said.index(FIFTEEN) == said.index(TWELVE) + 1
    assert len(said) == 4
    (row,) = telling.differing
    assert row.what == "dead"
    assert row.figures == (Figure("12", stands("a", TWELVE)[0]), Figure("15", stands("b", NEWS[1], FIFTEEN)[1]))


def test_differing_figures_stand_side_by_side_in_other_words_too() -> None:
    one = "The flood killed 12 people in the valley."
    other = "In the valley the flood killed 15 people, the mayor and two doctors told reporters late this evening."
    assert similarity(passage(one), passage(other)) < 0.5
    telling = told(version("a", NEWS[0], one, NEWS[3]), version("b", NEWS[1], NEWS[2], other), budget=Budget(9))
    said = texts(telling.sentences)
    assert said.index(other) == said.index(one) + 1
    assert len(said) == len(set(said)) == 6


@pytest.mark.parametrize("other", [
    version("b", FIFTEEN, outlet="a"),
    version("b", FIFTEEN, reprint=True),
    version("b", "But the storm left 15 dead in the port of Riva."),
])  # fmt: skip
def test_one_outlet_a_reprint_and_half_a_thought_do_not_differ(other: Version) -> None:
    telling = told(version("a", TWELVE), other, budget=Budget(9))
    assert len(telling.sentences) == 1
    assert telling.differing == ()


def test_a_figure_that_its_outlet_corrected_differs_from_nothing() -> None:
    later = version("c", TWELVE.replace("12", "18"), outlet="a", hours=2)
    telling = told(version("a", TWELVE), version("b", FIFTEEN, hours=1), later, budget=Budget(9))
    assert [figure.number for figure in telling.differing[0].figures] == ["15", "18"]


def test_three_figures_stand_together_and_two_of_them_agree() -> None:
    nine = "The storm left nine dead in the port of Riva."
    found = [version(name, text) for name, text in zip("abcd", (TWELVE, FIFTEEN, nine, TWELVE), strict=True)]
    telling = told(*found, budget=Budget(9))
    assert sorted(texts(telling.sentences)) == sorted([TWELVE, FIFTEEN, nine])
    assert [figure.number for figure in telling.differing[0].figures] == ["12", "15", "nine"]


def test_a_figure_that_is_known_is_named_and_not_told() -> None:
    telling = told(version("a", TWELVE, NEWS[0], known=(0,)), version("b", FIFTEEN, NEWS[1], hours=1))
    assert TWELVE not in texts(telling.sentences)
    assert [figure.number for figure in telling.differing[0].figures] == ["12", "15"]


def test_without_room_for_both_one_is_told_and_the_other_named() -> None:
    telling = told(version("a", TWELVE), version("b", FIFTEEN), budget=Budget(1))
    assert len(telling.sentences) == 1
    assert [figure.number for figure in telling.differing[0].figures] == ["12", "15"]


def test_figures_of_unknown_time_are_not_compared() -> None:
    telling = told(version("a", TWELVE, hours=None), version("b", FIFTEEN), budget=Budget(9))
    assert len(telling.sentences) == 1
    assert telling.differing == ()


def test_what_is_known_is_not_told_in_another_outlets_words_either() -> None:
    again = NEWS[0].replace("withdrew", "stopped")
    telling = told(version("a", NEWS[0], NEWS[1], known=(0,)), version("b", again, NEWS[2]), budget=Budget(9))
    assert sorted(texts(telling.sentences)) == sorted([NEWS[1], NEWS[2]])


def test_a_sentence_that_leans_follows_its_own_neighbour() -> None:
    """It is not told where that is known, and no other document comes between."""
    leaning = "But the harbour office in the port of Riva expects a second storm within hours."
    a, b = version("a", NEWS[0], leaning, NEWS[3]), version("b", NEWS[1], NEWS[2], hours=1)
    said = texts(told(a, b, budget=Budget(9)).sentences)
    assert said.index(leaning) == said.index(NEWS[0]) + 1
    held = version("a", NEWS[3], NEWS[0], leaning, known=(1,))
    assert leaning not in texts(told(held, b, budget=Budget(9)).sentences)


def test_nothing_stands_between_a_figure_and_what_leans_on_it() -> None:
    leaning = "But the harbour office in the port of Riva expects a second storm within hours."
    said = texts(told(version("a", TWELVE, leaning), version("b", FIFTEEN, hours=1), budget=Budget(9)).sentences)
    assert said in ([FIFTEEN, TWELVE, leaning], [TWELVE, FIFTEEN])


@FEW
@given(st.lists(st.sampled_from(NEWS), min_size=6, max_size=9, unique=True), st.integers(1, 6))
def test_documents_are_told_one_after_another_in_their_order(said: list[str], count: int) -> None:
    found = [version("a", *said[:3], hours=3), version("b", *said[3:])]
    telling = told(*found, budget=Budget(count))
    documents = [sentence.span.document for sentence in telling.sentences]
    assert len(list(dict.fromkeys(documents))) == 1 + sum(one != two for one, two in pairwise(documents))
    for name in "ab":
        places = [s.span.paragraph for s in telling.sentences if s.span.document == name]
        assert places == sorted(places)


def test_the_language_is_that_of_most() -> None:
    asked: list[str] = []

    def ranker_for(language: str) -> object:
        asked.append(language)
        return unbury(language)

    found = [
        version(name, text, language=code) for name, text, code in zip("abc", NEWS, ("de", "fr", "fr"), strict=False)
    ]
    tell("Storm", found, THREE, ranker_for)  # type: ignore[arg-type]  # a ranker in all but name
    tell("Storm", found[:2], THREE, ranker_for)  # type: ignore[arg-type]
    assert asked == ["fr", "de"]


def test_a_score_that_is_no_number_is_the_lowest() -> None:
    class Odd:
        def rank(self, title: str, sentences: Sequence[Sentence], *, ordered: bool) -> list[float]:
            return [float("nan") if sentence.text == NEWS[1] else -1.0 for sentence in sentences]

    found = [version("a", NEWS[0], hours=None), version("b", NEWS[1])]
    assert texts(tell("", found, Budget(1), lambda language: Odd()).sentences) == [NEWS[0]]


def test_time_is_told_by_zone() -> None:
    """07:00+02:00 is before 06:00Z."""
    early = replace(version("b", TWELVE, outlet="x"), when=datetime.fromisoformat("2026-11-20T07:00:00+02:00"))
    late = version("a", FIFTEEN, outlet="x")
    assert texts(told(early, late, budget=Budget(9)).sentences) == [FIFTEEN]
