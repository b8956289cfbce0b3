"""What an edition is made of, on both databases: all that came in, and all that was known then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.histories import histories, not_the_same, unaccounted
from tests.newsroom import NOW, Desk
from tests.queue.test_rounds import parts
from worker.model import Job
from worker.queue import rounds
from worker.store import editions, window


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


def test_so_many_editions_are_remembered_and_so_many_days(tmp_path: Path) -> None:
    """The newest, the oldest of them first; a day that is a week ago is one of seven days."""
    runtime = parts(tmp_path)
    desk = runtime.extra["desk"] = Desk()
    days = [NOW.date() + timedelta(days=number) for number in range(4)]
    for number, day in enumerate(days):
        runtime.now.time = NOW + timedelta(days=number)  # type: ignore[attr-defined]  # a clock that is set by hand
        desk.put(f"https://a.example/{number}", f"Ship {number} of the new fleet came in with {number + 7} sailors.")
        assert [edition.day for edition in rounds.run(runtime, [Job("ingest", "desk")], ["daily"]).editions] == [day]
    with runtime.database.reading() as session:
        for most in range(5):
            found = editions.newest(session, "daily", most, None)
            assert [edition.day for edition in found] == days[len(days) - most :]
            assert sorted({one.day for one in window.told(found)}) == days[len(days) - most :]
        found = editions.newest(session, "daily", 4, None)
        assert sorted(window.told_on(found, days[1]).values()) == days[1:]
    runtime.database.close()
