"""The lexicon and the table: what is looked up in arrays is what one would find word by word."""

from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NEWS, SOME, anything
from worker.text import lexicon as lexicons
from worker.text.lexicon import Lexicon, distinct, found_in, lexicon, numbered
from worker.text.table import Table
from worker.text.words import stem, written


@SOME
@given(st.lists(anything, max_size=6))
def test_what_is_known_of_a_word_is_what_it_says_itself(texts: list[str]) -> None:
    """Number, lower case, stem, letters, capital, digit: of each word as Python has them."""
    known = Lexicon()
    for text, row in zip(texts, known.rows(texts), strict=True):
        assert tuple(known.words[number] for number in row) == written(text)
        for number in row.tolist():
            word = known.words[number]
            assert known.words[known.lower[number]] == word.lower()
            assert known.words[known.stem[number]] == stem(word)
            assert known.letters[number] == len(word)
            assert (known.capital[number], known.small[number]) == (word[0].isupper(), word.islower())
            assert known.digit[number] == word[0].isdigit()


def test_a_lexicon_grows_and_keeps_what_it_knew() -> None:
    """Past the room it began with, words are still told apart."""
    known = Lexicon()
    [row] = known.rows([" ".join(f"Word{number}" for number in range(5000))])
    assert len(set(row.tolist())) == 5000
    assert known.capital[row].all()
    assert [known.words[known.lower[number]] for number in row[-2:]] == ["word4998", "word4999"]
    assert known.among(frozenset({"word4999", "nowhere"}))[known.lower[row]].tolist() == [False] * 4999 + [True]


def test_a_new_lexicon_is_begun_before_one_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds no more than so many words and texts, whatever is read."""
    monkeypatch.setattr(lexicons, "_MOST", 1000)
    Table([" ".join(f"word{number}" for number in range(2000))])
    Table(NEWS)
    assert len(lexicon().words) < 1000
    monkeypatch.setattr(lexicons, "_TEXTS", len(NEWS) - 1)
    assert lexicon().words == []


def test_each_thread_has_its_own() -> None:
    """Two that add words at once would give a number twice."""
    found: list[Lexicon] = []
    thread = threading.Thread(target=lambda: found.append(lexicon()))
    thread.start()
    thread.join()
    assert found[0] is not lexicon()


@SOME
@given(st.lists(anything, max_size=6))
def test_a_table_counts_as_one_would_by_hand(texts: list[str]) -> None:
    """Forms in the order of their first appearance, terms in how many sentences, and how often."""
    table = Table(texts)
    said = [written(text) for text in texts]
    forms = list(dict.fromkeys(word for row in said for word in row))
    terms = table.terms(np.ones(len(table.forms), dtype=bool))
    names = [table.lexicon.words[number] for number in terms.names]
    assert [table.lexicon.words[number] for number in table.forms] == forms
    assert names == list(dict.fromkeys(stem(form.lower()) for form in forms))
    counts = Counter(stem(word.lower()) for row in said for word in row)
    spread = Counter(name for row in said for name in {stem(word.lower()) for word in row})
    assert dict(zip(names, terms.counts.tolist(), strict=True)) == counts
    assert dict(zip(names, terms.spread.tolist(), strict=True)) == spread


@SOME
@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_numbers_are_sorted_and_found(some: list[int], others: list[int]) -> None:
    """As Python's own sets and dictionaries have them."""
    values, known = np.array(some, dtype=np.intp), distinct(np.array(others, dtype=np.intp))
    assert known.tolist() == sorted(set(others))
    assert found_in(values, known).tolist() == [value in others for value in some]
    names, places = numbered(values, 31)
    assert names.tolist() == list(dict.fromkeys(some))
    assert [names[place] for place in places] == some
