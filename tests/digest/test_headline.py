"""The headline: a title that a feed cut from its text says that it goes on."""

from __future__ import annotations

import pytest

from tests.builders import NEWS, document
from worker.digest.headline import headline


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (NEWS[0][:62], "The harbour office withdrew the ferry on Monday after a crack…"),
        (NEWS[0][:64], "The harbour office withdrew the ferry on Monday after a crack…"),
        (NEWS[0][:61], "The harbour office withdrew the ferry on Monday after a crack…"),
        (NEWS[0][:57], "The harbour office withdrew the ferry on Monday after a…"),
        (NEWS[0], NEWS[0]),
        (NEWS[0][:-1], NEWS[0][:-1]),
        (f"{NEWS[0][:60]}…", f"{NEWS[0][:60]}…"),
        ("The harbour office", "The harbour office"),
        ("Harbour Office Withdraws Ferry After Crack Is Found", "Harbour Office Withdraws Ferry After Crack Is Found"),
        ("", ""),
    ],
)
def test_a_cut_title_is_shown_in_whole_words(title: str, shown: str) -> None:
    """With a mark; any other title is its source's own."""
    assert headline(document(NEWS[0], NEWS[1], title=title)) == shown
