"""Reading: articles of 55 sentences, and documents of 100 to 10,000."""

from __future__ import annotations

from benchmarks.table import news, peers
from benchmarks.table.lines import Line
from benchmarks.table.machine import alternately, exponent, pin, spent
from worker.pipeline import Recipe, read
from worker.text.sentences import split

_EACH = 20  # articles a round: other ones in each, since what was read before is remembered
_SIZES = (100, 300, 1_000, 3_000, 10_000)
_RECIPE = Recipe()


def article() -> list[Line]:
    """An article of 55 sentences: split, repeats, order, rank, choose; sumy's LexRank ranks only."""
    pin()
    made = [[news.article(round_ * _EACH + number, 55) for number in range(_EACH)] for round_ in range(6)]
    cut = [[split(one) for one in of] for of in made]
    texts = [["\n\n".join(one.paragraphs) for one in of] for of in made]
    for one in made[5]:  # what is loaded once, and no article of the rounds
        read(one, _RECIPE)
        peers.lede("\n\n".join(one.paragraphs))
    ours, sumy, lede = (
        1000 * seconds / _EACH
        for seconds in alternately(
            5,
            lambda number: [read(one, _RECIPE) for one in made[number]],
            lambda number: [peers.sumy_lexrank(one) for one in cut[number]],
            lambda number: [peers.lede(one) for one in texts[number]],
        )
    )
    return [
        Line(
            "read an article of 55 sentences (ms)",
            f"{ours:.2f}",
            f"sumy's LexRank alone {sumy:.1f} ({sumy / ours:.0f} times); lede {lede:.2f}",
            "at most 3; 10 times sumy's LexRank",
            ours <= 3 and sumy >= 10 * ours,
            figures={"ours_ms": ours, "sumy_ms": sumy, "lede_ms": lede},
        )
    ]


def long() -> list[Line]:
    """1,000 sentences beside sumy's LexRank, and how the time grows from 100 to 10,000."""
    pin()
    read(news.article(99, 55), _RECIPE)
    thousand = [news.article(500 + number, 1_000) for number in range(6)]
    [ours] = alternately(5, lambda number: read(thousand[number], _RECIPE))
    sumy = spent(lambda: peers.sumy_lexrank(split(thousand[5]))).cpu  # minutes, were it done five times
    times = [_median(size, sum(_SIZES[:place])) for place, size in enumerate(_SIZES)]
    grows = exponent(_SIZES, times)
    said = ", ".join(f"{size:,}: {1000 * took:.0f} ms" for size, took in zip(_SIZES, times, strict=True))
    return [
        Line(
            "read a document of 1,000 sentences (ms)",
            f"{1000 * ours:.0f}",
            f"sumy's LexRank alone {1000 * sumy:.0f} (1 run; {sumy / ours:.0f} times)",
            "100 times sumy's LexRank",
            sumy >= 100 * ours,
            figures={"ours_ms": 1000 * ours, "sumy_ms": 1000 * sumy},
        ),
        Line(
            "growth from 100 to 10,000 sentences",
            f"n^{grows:.2f} ({said})",
            goal="at most n^1.3",
            reached=grows <= 1.3,
            figures={"exponent": grows, **{str(size): took for size, took in zip(_SIZES, times, strict=True)}},
        ),
    ]


def _median(size: int, before: int) -> float:
    """The median of five documents of so many sentences, none of them in those of the smaller sizes."""
    made = [news.article(number, size, start=5 * before + number * size) for number in range(5)]
    return alternately(5, lambda number: read(made[number], _RECIPE))[0]
