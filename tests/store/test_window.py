"""What an edition is made of, on both databases: all that came in, and all that was known then."""

from __future__ import annotations

from pathlib import Path

from tests.histories import histories, not_the_same, unaccounted


def test_every_edition_of_a_history_can_be_made_again(database_url: str, tmp_path: Path) -> None:
    """Late, revised and doubled documents or not, an edition made anew knows what it knew then, and nothing else."""
    made = 0
    with histories(tmp_path, database_url) as begun:
        for seed in range(500, 512):
            lived = begun(seed)
            lived.live(6)
            assert unaccounted(lived) == [], f"seed {seed}"
            assert not_the_same(lived) == [], f"seed {seed}"
            made += len(lived.made)
    assert made > 30
