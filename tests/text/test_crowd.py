"""A crowd: few are all near, of many those that may be."""

from __future__ import annotations

from random import Random

import pytest

from worker.text.crowd import Crowd
from worker.text.likeness import passage, repeats

VOCABULARY = [f"{a}{b}{c}{b}" for a in "bfgkp" for b in "aeiou" for c in "lmnrst"]


def _sentence(chance: Random) -> list[str]:
    return chance.choices(VOCABULARY, k=14)


@pytest.mark.parametrize("many", [5, 40, 41, 400])
def test_whatever_repeats_a_passage_is_near_it(many: int) -> None:
    """Each with what is known of it, in the order added."""
    chance, crowd = Random(many), Crowd[int]()
    said = [_sentence(chance) for _ in range(many)]
    for place, words in enumerate(said):
        crowd.add(passage(" ".join(words)), place)
    for place, words in enumerate(said):
        changed = passage(" ".join([*words[:7], "thing", *words[8:]]))
        found = crowd.near(changed)
        assert [known for _, known in found] == sorted(known for _, known in found)
        assert place in [known for member, known in found if repeats(member, changed)]


def test_of_many_only_some_are_near() -> None:
    """Otherwise all would be compared with all."""
    chance, crowd = Random(1), Crowd[int]()
    for place in range(400):
        crowd.add(passage(" ".join(_sentence(chance))), place)
    assert len(crowd.near(passage(" ".join(_sentence(chance))))) < 40


def test_an_empty_crowd_has_nobody() -> None:
    """And says so."""
    assert Crowd[int]().near(passage("Nobody is here.")) == []
