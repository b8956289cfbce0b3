"""Figures: what a sentence counts, and where two sentences disagree. No false alarms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SOME, anything
from worker.summaries.figures import counting, disagreeing
from worker.text.languages import stop_words

EMPTY = stop_words("en")


def differing(one: str, other: str, language: str = "en") -> list[tuple[str, str, str]]:
    """The things that two sentences count differently, and both figures as written."""
    empty = stop_words(language)
    return [(a.what, a.number, b.number) for a, b in disagreeing(counting(one, empty), counting(other, empty))]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("The storm left 12 dead in the port of Riva.", "The storm left 15 dead in the port of Riva.", ("dead", "12", "15")),
        ("The flood in the valley killed twelve people.", "The flood killed 15 people in the valley, officials said.", ("people", "twelve", "15")),
        ("Some 1.5 million barrels leaked from the tanker into the bay.", "About 2.4 million barrels leaked from the tanker into the bay.", ("barrels", "1.5 million", "2.4 million")),
        ("At least 12 people died when the ferry sank off Riva.", "At least 15 people died when the ferry sank off Riva.", ("people", "12", "15")),
        ("The quake destroyed 9,300 houses in the northern hills.", "The quake destroyed 12,400 houses in the northern hills.", ("houses", "9,300", "12,400")),
        # A toll is one in whatever words: readers look at these figures first.
        ("Fifteen people have been hurt in Storm Odda, and thousands of homes are still without light.", "Storm Odda tore across the Ledder coast overnight, injuring 12 people and cutting power to 21,000 homes.", ("people", "Fifteen", "12")),
    ],
)  # fmt: skip
def test_figures_for_the_same_thing_differ(one: str, other: str, found: tuple[str, str, str]) -> None:
    assert differing(one, other) == [found]
    assert differing(other, one) == [(found[0], found[2], found[1])]


def test_killed_is_dead() -> None:
    """The thing is called as in the first of the two sentences."""
    one, other = "The quake in the hills left 12 dead.", "In the hills 15 people were killed by the quake."
    assert differing(one, other) == [("dead", "12", "15")]


def test_they_differ_in_other_languages_too() -> None:
    one, other = "Le séisme a fait douze morts dans le port de Riva.", "Le séisme a fait 15 morts dans le port de Riva."
    assert differing(one, other, "fr") == [("morts", "douze", "15")]
    one, other = "Bei dem Brand starben zwölf Menschen im Hafen.", "Bei dem Brand starben 15 Menschen im Hafen."
    assert differing(one, other, "de") == [("menschen", "zwölf", "15")]


def test_each_thing_is_compared_with_itself() -> None:
    """Dead with dead, injured with injured, whatever their order."""
    found = differing(
        "The fire in the harbour left 12 dead and 30 injured, the mayor said.",
        "The fire in the harbour left 33 injured and 12 dead, the mayor said.",
    )
    assert found == [("injured", "30", "33")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The driver, aged 34 years, was held after the crash in Riva.", "The driver, aged 36 years, was held after the crash in Riva."),
        ("A 34-year-old man was held after the crash in Riva.", "A 36-year-old man was held after the crash in Riva."),
        ("The meeting of ministers opens at 9 a.m. in the town hall.", "The meeting of ministers opens at 10 a.m. in the town hall."),
        ("The meeting of ministers opens at 9:30 in the town hall.", "The meeting of ministers opens at 10:15 in the town hall."),
        ("The bridge in the valley was closed on June 12 Monday.", "The bridge in the valley was closed on June 15 Monday."),
        ("The storm of 2019 storms was the worst in the valley.", "The storm of 2021 storms was the worst in the valley."),
        ("The search of the bay went on for 12 hours after the crash.", "The search of the bay went on for 15 hours after the crash."),
        ("The storm cost $12 million insurers in the port of Riva.", "The storm cost $15 million insurers in the port of Riva."),
        ("The storm cost 12 million euros in the port of Riva.", "The storm cost 15 million euros in the port of Riva."),
        ("The rate in the port of Riva rose to 12 percent.", "The rate in the port of Riva rose to 15 percent."),
        ("The quake struck 12 kilometres below the port of Riva.", "The quake struck 15 kilometres below the port of Riva."),
        ("Between 10 and 12 people died when the ferry sank.", "Between 10 and 15 people died when the ferry sank."),
        ("Crews saved 12 of 40 people when the ferry sank off Riva.", "Crews saved 12 of 45 people when the ferry sank off Riva."),
        ("Another 12 people died when the ferry sank off Riva.", "In all 15 people died when the ferry sank off Riva."),
        ("Flight 12 carried people over the port of Riva.", "Flight 15 carried people over the port of Riva."),
        ("About 9,300 people left the port of Riva.", "Some 9,312 people left the port of Riva."),
        ("Nearly 9,451 people left the port of Riva.", "In all 9,312 people left the port of Riva."),
        ("After the fire in the harbour, police arrested 12 people.", "In the harbour, 15 people fled the fire, police said."),
        ("A fire in the harbour killed 12 people who slept in rooms above the bakery of the old market.", "Doctors fear that smoke in the harbour killed 15 people whom the county service found in cellars days afterwards."),
        ("More than 9,000 people left the port of Riva.", "In all 9,300 people left the port of Riva."),
        ("At least 10 people died when the ferry sank.", "In all 12 people died when the ferry sank."),
        ("The fire in the harbour killed 12 people on Monday.", "The fire in the harbour injured 15 people on Monday."),
        ("The fire in the harbour killed 12 people.", "The fire in the harbour left 15 people injured."),
        ("The storm left 12 dead in the port of Riva.", "The storm left 15 dead in the port of Garda."),
        ("The storm left 12 dead in the port.", "Growers in the east counted 15 dead trees after late frost."),
        ("The storm left 12 dead in the port of Riva.", "The storm left 15 missing in the port of Riva."),
        ("The storm left 12 dead here and 9 dead there in the port.", "The storm left 15 dead here in the port."),
        # The dead are not the hurt, towns have tolls of their own, and who saw it was not hurt.
        ("The quake in the hills left 12 dead.", "The quake in the hills left 15 injured."),
        ("At least 12 people were injured in the hills.", "Some 12 people were hurt in the hills."),
        ("The storm on the coast injured 12 people in Eastquay.", "On the coast in Brindlehaven the storm hurt 15 people."),
        ("The quake in the hills killed or injured 12 people.", "The quake in the hills killed 15 people."),
        ("Some 12 people saw the storm, and two boats were hurt.", "The storm hurt 15 people who saw it."),
    ],
)  # fmt: skip
def test_no_alarm_is_false(one: str, other: str) -> None:
    assert differing(one, other) == []
    assert differing(other, one) == []


@SOME
@given(anything, anything, st.sampled_from([EMPTY, frozenset[str]()]))
def test_anything_can_be_read_and_never_disagrees_with_itself(one: str, other: str, empty: frozenset[str]) -> None:
    a, b = counting(one, empty), counting(other, empty)
    assert disagreeing(a, a) == []
    assert disagreeing(a, b) == [(mine, its) for its, mine in disagreeing(b, a)]
    assert all(mention.number.split()[0] in one for mention in a.mentions.values())


def test_a_number_without_end_is_no_figure() -> None:
    assert counting(f"The storm left {'9' * 5000} dead in the port.", EMPTY).mentions == {}
