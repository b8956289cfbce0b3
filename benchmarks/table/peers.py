"""The peers: what a user would pick instead, from the registries (pip install --group benchmarks)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from sumy.nlp.stemmers import Stemmer
from sumy.summarizers.lex_rank import LexRankSummarizer

from worker.model import Sentence
from worker.summaries.rankers import SumyRanker
from worker.text.languages import stop_words

_PERMUTATIONS, _NEAR = 128, 0.7


def package(name: str) -> Any:
    """A package of the group `benchmarks`. Raises SystemExit, with what to do."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise SystemExit(f"{name} is not installed: pip install --group benchmarks") from None


def sumy_lexrank(sentences: Sequence[Sentence]) -> list[float]:
    """sumy's own LexRank with its own stemmer, on sentences that are cut already: punkt is not needed."""
    method = LexRankSummarizer(Stemmer("english"))
    method.stop_words = stop_words("en")
    return SumyRanker(method, most=len(sentences)).rank("", sentences, ordered=False)


def lede(text: str) -> object:
    """lede's summary of a text, cut by itself."""
    return package("lede").summarize(text, 500)


def datasketch(words: Sequence[Sequence[str]]) -> list[int]:
    """Which of these sets of words repeat an earlier one, by datasketch: MinHash, its LSH, its estimate."""
    library = package("datasketch")
    index = library.MinHashLSH(threshold=_NEAR, num_perm=_PERMUTATIONS)
    made: list[Any] = []

    def repeats(place: int, said: Sequence[str]) -> bool:
        made.append(library.MinHash(num_perm=_PERMUTATIONS, seed=1))
        made[place].update_batch([word.encode() for word in said])
        return _repeats(index, made, place)

    return [place for place, said in enumerate(words) if repeats(place, said)]


def rensa(words: Sequence[Sequence[str]]) -> list[int]:
    """The same by rensa alone."""
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=_NEAR, num_perm=_PERMUTATIONS, num_bands=32)
    made: list[Any] = []

    def repeats(place: int, said: Sequence[str]) -> bool:
        made.append(RMinHash(num_perm=_PERMUTATIONS, seed=1))
        made[place].update(list(said))
        return _repeats(index, made, place)

    return [place for place, said in enumerate(words) if repeats(place, said)]


def _repeats(index: Any, made: Sequence[Any], place: int) -> bool:
    """Whether a set is near one that was kept; else it is kept itself."""
    if any(made[place].jaccard(made[other]) >= _NEAR for other in index.query(made[place])):
        return True
    index.insert(place, made[place])
    return False


NEAR_REPEATS: dict[str, Callable[[Sequence[Sequence[str]]], list[int]]] = {"datasketch": datasketch, "rensa": rensa}
