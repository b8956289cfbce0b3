"""The border: what strangers wrote is made safe to store."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given

from tests.builders import MANY, anything
from worker.text.clean import cleaned, plausible

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


@MANY
@given(anything)
def test_nothing_is_left_that_a_database_or_a_terminal_chokes_on(text: str) -> None:
    """Only the line break and the tab remain of the control characters, and no surrogate does."""
    left = {sign for sign in cleaned(text) if unicodedata.category(sign) in {"Cc", "Cs"}}
    assert left <= {"\n", "\t"}


@MANY
@given(anything)
def test_cleaning_again_changes_nothing(text: str) -> None:
    """A text that was cleaned is clean, and composed (NFC)."""
    once = cleaned(text)
    assert once == cleaned(once)
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\0b", "ab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("x\ty", "x\ty"),
        ("e\u0301", "é"),
        ("half \ud83d of it", "half  of it"),
        ("\x9f\x7f", ""),
        ("nothing\x85was\x0bleft\x0cof it", "nothing was left of it"),
        ("photo \u202egpj.exe\u202d", "photo gpj.exe"),
        ("\ufeff日本 👩‍🚒 שלום", "\ufeff日本 👩‍🚒 שלום"),
    ],
)
def test_what_is_removed_and_what_stays(text: str, clean: str) -> None:
    """Letters of the world and emoji stay as they are."""
    assert clean == cleaned(text)


@pytest.mark.parametrize(
    ("published", "can_be"),
    [
        (None, True),
        (NOW, True),
        (NOW + timedelta(days=2), True),
        (NOW + timedelta(days=2, seconds=1), False),
        (datetime(1990, 1, 1, tzinfo=UTC), True),
        (datetime(1989, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (datetime(9999, 12, 31, tzinfo=UTC), False),
    ],
)
def test_a_document_was_published_between_1990_and_two_days_from_now(
    published: datetime | None, *, can_be: bool
) -> None:
    """Dates outside are mistakes, and no date is no mistake."""
    assert can_be is plausible(published, NOW)
