"""The account in ten thousand random histories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.histories import histories, unaccounted

pytestmark = pytest.mark.faults

_PARTS, _EACH = 10, 1000


@pytest.mark.parametrize("part", range(_PARTS))
def test_no_document_is_unaccounted_for_in_ten_thousand_histories(tmp_path: Path, part: int) -> None:
    """As in tests/digest/test_account.py, with other seeds."""
    with histories(tmp_path) as begun:
        for seed in range(1_000 + part * _EACH, 1_000 + (part + 1) * _EACH):
            lived = begun(seed)
            lived.live(6)
            assert unaccounted(lived) == [], f"seed {seed}"
