"""Rules: what they mean, what they mute, how much a story weighs, under which section it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import NEWS, arrival
from worker.digest import rules
from worker.edition import Rule
from worker.model import Arrival

FERRY = replace(
    arrival(NEWS[0], NEWS[1], url="https://www.herald.example/ferry", title="Ferry withdrawn"), section="Local"
)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("a word", words=("ferry",)),
        Rule("in any case, whole or as a phrase", words=("SEA WALL",)),
        Rule("a beginning", words=("withdr*",)),
        Rule("one of several", words=("volcano", "crack")),
        Rule("an outlet", outlets=("herald.example",)),
        Rule("a pattern of outlets", outlets=("*.example",)),
        Rule("a source", sources=("seeds",)),
        Rule("a section", sections=("local",)),
        Rule("all kinds that it names", words=("ferry",), outlets=("herald*",), sections=("Local",)),
    ],
    ids=lambda rule: rule.name,
)
def test_a_rule_means_a_document(rule: Rule) -> None:
    """By any of its words, in title or text, and any of each kind of name."""
    assert rules.matches(rule, FERRY)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("a part of a word", words=("ferr",)),
        Rule("words apart", words=("sea gap",)),
        Rule("no pattern but a star", words=("f.rry",)),
        Rule("another outlet", outlets=("lantern.example",)),
        Rule("one kind fits, another does not", words=("ferry",), sources=("feeds",)),
    ],
    ids=lambda rule: rule.name,
)
def test_a_rule_means_no_other_document(rule: Rule) -> None:
    """A part of a word is not the word, and every kind that is named must fit."""
    assert not rules.matches(rule, FERRY)


def test_a_word_said_by_the_way_does_not_make_a_rule_fit() -> None:
    """In the title or where the text begins once is enough; further down it has to come twice."""
    goal, cup = (
        "The goal of the council is a bus in each village by then.",
        "Its goal was the cup, said the keeper of it.",
    )
    rule = Rule("sport", words=("goal*",))
    assert not rules.matches(rule, arrival(*NEWS[:3], goal, title="Buses"))
    assert rules.matches(rule, arrival(*NEWS[:2], goal, NEWS[2], title="Buses"))
    assert rules.matches(rule, arrival(*NEWS[:3], goal, title="A goal"))
    assert rules.matches(rule, arrival(*NEWS[:3], goal, cup, title="Buses"))
    assert not rules.matches(rule, arrival(*NEWS[:3], goal, goal, title="Buses")), "a repeat is no second time"


def test_what_a_rule_did_is_said() -> None:
    """Each that fits, with its weight and its section; a muting one has no say here."""
    heavy, local = (
        Rule("heavy", words=("ferry",), weight=2, section="Sea"),
        Rule("local", sources=("seeds",), section="L"),
    )
    other = Rule("other", words=("volcano",), weight=3)
    said = rules.moved((heavy, other, local, Rule("mute", words=("ferry",), mute=True)), FERRY)
    assert said == "; the rule 'heavy' fits it (weight 2, section 'Sea'); the rule 'local' fits it (section 'L')"


def test_only_a_muting_rule_mutes() -> None:
    """The first that does is named."""
    heavy, mute, other = (
        Rule("heavy", words=("ferry",), weight=2),
        Rule("mute", words=("ferry",), mute=True),
        Rule("other", sources=("seeds",), mute=True),
    )
    assert rules.muted((heavy,), FERRY) is None
    assert rules.muted((heavy, mute, other), FERRY) == mute


def test_each_rule_weighs_once_a_story() -> None:
    """However many of its documents a rule means."""
    other = arrival(NEWS[2], url="https://lantern.example/fire", title="Fire")
    several = [FERRY, FERRY, other]
    assert rules.weight((Rule("a", words=("ferry",), weight=2), Rule("b", words=("smoke",), weight=1.5)), several) == 3
    assert rules.weight((Rule("c", words=("volcano",), weight=9),), several) == 1


def test_a_rule_names_the_section_before_the_source_does() -> None:
    """And without either there is none."""
    bare: Arrival = replace(FERRY, section="")
    assert rules.section((Rule("sea", words=("ferry",), section="Sea"),), [FERRY]) == "Sea"
    assert rules.section((), [FERRY, bare]) == "Local"
    assert rules.section((), [bare]) == ""


def test_most_of_the_documents_decide_the_section() -> None:
    """One that is only quoted as well moves no story; of equals the first does."""
    bare, papers = replace(FERRY, section=""), replace(FERRY, section="Papers")
    assert rules.section((), [papers, bare, bare]) == ""
    assert rules.section((), [bare, papers, papers]) == "Papers"
    assert rules.section((), [bare, FERRY]) == ""
