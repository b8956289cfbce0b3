"""The account: whatever comes in, however and whenever, each revision has one disposition in the end."""

from __future__ import annotations

from pathlib import Path

from tests.histories import histories, unaccounted
from worker.edition import Verdict

_HISTORIES = 200


def test_no_document_is_unaccounted_for_in_random_histories(tmp_path: Path) -> None:
    """Late, undated, future-dated, back-dated, revised and doubled documents, outages and concurrent commits."""
    seen = set[Verdict]()
    with histories(tmp_path) as begun:
        for seed in range(_HISTORIES):
            lived = begun(seed)
            lived.live(6)
            assert unaccounted(lived) == [], f"seed {seed}"
            seen |= {answer.verdict for edition in lived.made for answer in edition.account}
    assert seen == set(Verdict)  # every way to be accounted for was gone
