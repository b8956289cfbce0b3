"""The signed link: one token for each reader and round, and no other opens."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SOME
from worker.delivery.unsubscribe import Unsubscription, opened

SECRET = "5e" * 32
TOKEN = Unsubscription("daily", "ada@example.org", 3).signed(SECRET)


@given(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,59}", fullmatch=True), st.text(min_size=1), st.integers(0, 10**6))
@SOME
def test_a_link_comes_back_as_it_was(digest: str, address: str, round_: int) -> None:
    """Whatever the address holds; and its token needs no escaping."""
    if any(0xD800 <= ord(letter) < 0xE000 for letter in address.lower()):
        return
    token = Unsubscription(digest, address, round_).signed(SECRET)
    assert opened(token, SECRET) == Unsubscription(digest, address.lower(), round_)
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", token)


def test_no_letter_can_be_changed() -> None:
    """At each place, each other letter; also those that base64 would read as the same bytes."""
    letters = string.ascii_letters + string.digits + "-_.=é\ud800"
    for place in range(len(TOKEN)):
        for letter in letters:
            if letter != TOKEN[place]:
                assert opened(TOKEN[:place] + letter + TOKEN[place + 1 :], SECRET) is None


def test_nothing_can_be_cut_off_or_added() -> None:
    """At no place."""
    assert not [length for length in range(len(TOKEN)) if opened(TOKEN[:length], SECRET)]
    assert not [more for more in ("=", ".", "A", " ", "\n", ".x") if opened(TOKEN + more, SECRET)]


@pytest.mark.parametrize(
    "other",
    [
        Unsubscription("weekly", "ada@example.org", 3),
        Unsubscription("daily", "bob@example.org", 3),
        Unsubscription("daily", "ada@example.org"),
    ],
)
def test_a_signature_is_good_for_one_link(other: Unsubscription) -> None:
    """Not for another digest, reader or round."""
    whom, signature = other.signed(SECRET).partition(".")[0], TOKEN.partition(".")[2]
    assert opened(f"{whom}.{signature}", SECRET) is None


def test_another_secret_opens_nothing() -> None:
    """Nor does an empty one."""
    assert opened(TOKEN, SECRET) == Unsubscription("daily", "ada@example.org", 3)
    assert opened(TOKEN, "5f" * 32) is None
    assert opened(TOKEN, "") is None


def test_the_case_of_an_address_makes_no_other_link() -> None:
    """Addresses are compared without case."""
    assert Unsubscription("daily", "ADA@Example.org", 3).signed(SECRET) == TOKEN
