"""What reading has reached, it keeps: floors for a set of our own, and for the folder named by UNBURY_EVAL_DATA.

A floor lies a little under what was measured, so that a change that costs nothing passes. Lowering
one needs its reason in docs/decisions.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.quality import OWN, articles, measure

DATA = os.environ.get("UNBURY_EVAL_DATA", "")
#: ROUGE-1 x100, Kendall's tau, and how often the true first paragraph comes first.
FLOORS = {
    "inshorts": (45.9, 0.27, 0.65),
    "cnndm": (28.4, 0.23, 0.38),
    "orangesum": (26.3, 0.30, 0.42),
    "gum": (43.0, 0.30, 0.40),
    "basil": (0.0, 0.30, 0.80),
}
OWN_FLOOR = (61.0, 0.2, 0.9)


def _holds(path: Path, floor: tuple[float, float, float]) -> None:
    found = measure(list(articles(path)))
    assert found.promises, "quoted word for word, and the same for any shuffle"
    assert found.found >= 0.995
    assert found.accounted >= 0.999
    assert found.dangling <= max(0.03, found.own_dangling)
    assert (found.rouge or 0.0) >= floor[0]
    assert found.tau >= floor[1]
    assert found.first >= floor[2]


def test_our_own_articles() -> None:
    _holds(OWN, OWN_FLOOR)


@pytest.mark.skipif(not DATA, reason="UNBURY_EVAL_DATA names no folder of articles with human summaries")
@pytest.mark.parametrize("name", FLOORS)
def test_articles_with_known_answers(name: str) -> None:
    path = Path(DATA) / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    _holds(path, FLOORS[name])
