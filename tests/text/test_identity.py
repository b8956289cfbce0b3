"""Identity: ids computed from content, the same for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY, anything, document
from worker.text.identity import body, edition, identity, outlet, revision

parts = st.lists(anything, max_size=4)


def test_ids_stay_what_they_are() -> None:
    """Ids are in databases and links: another way to compute them loses what is remembered."""
    assert identity("https://herald.example/ferry") == "0db8f3117cae1ba4ba7899ed"
    assert identity("a", "b") == "3c9d591045bc8876f9d0399b"
    assert edition("daily", date(2026, 11, 20), 1) == "c24935f11e9cf9c16a4fc7cc"
    assert body(["one", "two"]) == "498df273324bee201df861e3"
    assert (
        revision("title", datetime(2026, 11, 20, tzinfo=UTC), ("one", "two"), shuffled=False)
        == "bdb13fe6e06f7db2dd3fcb21"
    )
    assert revision("title", None, ("one", "two"), shuffled=True) == "e2e22a1114d1f24619ba6a8a"


@MANY
@given(parts, parts)
def test_other_parts_have_another_id(one: list[str], two: list[str]) -> None:
    """The boundary between parts counts: "ab", "c" is not "a", "bc"."""
    assert (one == two) == (identity(*one) == identity(*two))


def test_a_boundary_between_parts_counts() -> None:
    """Parts that read the same together are other parts."""
    assert (
        len({identity("ab", "c"), identity("a", "bc"), identity("abc"), identity("abc", ""), identity("", "abc")}) == 5
    )


@MANY
@given(st.lists(anything, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_body_is_blind_to_order_and_repeats(paragraphs: list[str], random: Random) -> None:
    """A copy that was shuffled, or that repeats a paragraph, has the same body."""
    shuffled = [*paragraphs, random.choice(paragraphs)]
    random.shuffle(shuffled)
    assert body(paragraphs) == body(shuffled)


def test_a_body_sees_a_changed_word() -> None:
    """Another text has another body."""
    assert body(["one", "two"]) != body(["one", "too"])


def test_a_shuffled_document_says_the_same_in_any_order() -> None:
    """Its revision is blind to order; an ordered document's is not."""
    assert document("one", "two").revision == document("two", "one").revision
    assert document("one", "two", shuffled=False).revision != document("two", "one", shuffled=False).revision


def test_a_revision_is_what_a_document_says() -> None:
    """Another title, date or text is another revision; another address is another document."""
    base = document("one")
    assert {base.revision} == {document("one", url="https://a.example/").revision, document("one", source="x").revision}
    others = {document("two").revision, document("one", title="x").revision, document("one", published=None).revision}
    assert len(others | {base.revision}) == 4
    assert base.id != document("one", url="https://a.example/").id
    assert base.id == document("two", title="x").id


def test_an_edition_is_named_by_digest_day_and_number() -> None:
    """Each of the three makes another edition."""
    day = date(2026, 11, 20)
    ids = {
        edition("daily", day, 1),
        edition("weekly", day, 1),
        edition("daily", date(2026, 11, 21), 1),
        edition("daily", day, 2),
    }
    assert len(ids) == 4


def test_an_outlet_is_the_host_or_the_file() -> None:
    """The reader sees who published it, without "www."."""
    assert outlet("https://www.herald.example/ferry?id=5") == "herald.example"
    assert outlet("file:///home/me/ferry.txt") == "ferry.txt"
