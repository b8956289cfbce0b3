"""The account: whatever comes in, however and whenever, each revision has one disposition in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.histories import histories, unaccounted
from worker.edition import Verdict

_MANY = [pytest.param(1_000 * part, 1_000, marks=pytest.mark.faults) for part in range(1, 11)]


@pytest.mark.parametrize(("first", "number"), [(0, 200), *_MANY])
def test_no_document_is_unaccounted_for_in_random_histories(tmp_path: Path, first: int, number: int) -> None:
    """Late, undated, future-dated, back-dated, revised and doubled documents, outages and concurrent commits."""
    seen = set[Verdict]()
    with histories(tmp_path) as begun:
        for seed in range(first, first + number):
            lived = begun(seed)
            lived.live(6)
            assert unaccounted(lived) == [], f"seed {seed}"
            seen |= {answer.verdict for edition in lived.made for answer in edition.account}
    assert seen == set(Verdict)  # every way to be accounted for was gone
