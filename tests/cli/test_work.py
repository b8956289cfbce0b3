"""`unbury work`: by the clock, without a broker."""

from __future__ import annotations

import re
import signal
import subprocess
import time

import pytest

from tests.cli.desk import BELL, Desk


def test_it_makes_the_first_edition_at_once_and_ends_when_it_is_told(desk: Desk) -> None:
    """The first edition waits for nothing; SIGTERM ends it in order, and a second start finds all done."""
    desk.seed("bell", *BELL)
    with desk.start("work") as process:
        _until(process, lambda: any(name.endswith("digest.json") for name in desk.written()))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "digest.json" in out
    assert "at work: daily at 07:00 (UTC)" in err
    assert re.search(r"^\d\d:\d\d seeds: 1 new$", err, re.MULTILINE)
    assert "daily has no edition yet: the first is made as soon as there is something to tell" in err
    assert re.search(r"^\d\d:\d\d daily of \S+: 1 story$", err, re.MULTILINE)
    assert err.endswith("stopped; nothing is lost\n")
    before = desk.written()
    with desk.start("work") as again:
        time.sleep(1.5)  # it has nothing to do, so there is nothing to wait for
        again.send_signal(signal.SIGINT)
        assert again.communicate(timeout=30)[0] == ""
    assert desk.written() == before


def test_it_says_that_a_first_edition_with_readers_waits_for_its_time(desk: Desk) -> None:
    """Only the archive gets one before."""
    desk.configure('[digests.daily]\nsubscribers = ["ann@example.org"]\n[smtp]\nhost = "127.0.0.1"\n')
    with desk.start("work") as process:
        assert process.stderr
        assert "at work" in process.stderr.readline()
        assert process.stderr.readline() == "daily has no edition yet: the first is made at its time\n"
        process.send_signal(signal.SIGTERM)


def _until(process: subprocess.Popen[str], seen: object) -> None:
    assert callable(seen)
    for _ in range(300):
        if seen():
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    pytest.fail(f"it did not come: {process.communicate()}")
