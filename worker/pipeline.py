"""All the thinking on one page: how a document is read, how a digest is composed.

    source -> documents -> sentences -> distinct -> in order -> scored -> summary       read
    documents + readings -> stories -> not yet told -> scored -> edition + an account   compose

Values in, values out: no clock, no chance, no files, no network. Only this module knows the order
of the stages; no stage knows another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from worker.dedup.repeats import drop
from worker.digest.edition import Slot, make
from worker.model import Arrival, Digest, Document, Edition, Reading, Sentence, Story, Summary, Told
from worker.ordering.order import arrange, canonical
from worker.plugins import RANKERS, Ranker
from worker.summaries.choice import Budget, choose
from worker.text.identity import identity
from worker.text.sentences import split

#: Raised when a stage's answers change, so that what was made by the older one is made again.
VERSION = "2"


@dataclass(frozen=True)
class Recipe:
    """How documents are read: the ranker, its cue words, and how long a summary is (0 words: no limit)."""

    ranker: str = "unbury"
    sentences: int = 3
    bonus: tuple[str, ...] = ()
    stigma: tuple[str, ...] = ()
    words: int = 0
    version: str = field(default=VERSION, init=False)

    @property
    def id(self) -> str:
        """The recipe's id: another one makes another reading."""
        cues = identity(*sorted(self.bonus), "\0", *sorted(self.stigma))[:8]
        return f"{self.version}/{self.ranker}/{self.sentences}-{self.words}/{cues}"

    def ranker_for(self, language: str) -> Ranker:
        """The ranker, ready for a language. Raises UnknownName."""
        factory: Callable[..., Ranker] = RANKERS.find(self.ranker)
        return factory(language, bonus=self.bonus, stigma=self.stigma)


def read(document: Document, recipe: Recipe) -> Reading:
    """One document read: any shuffle of its paragraphs gives the same sentences in the same order."""
    given = canonical(document, split(document))
    distinct, repeats = drop(document, given)
    ordered = arrange(document, distinct)
    summary = _summarize(document, ordered, recipe)
    return Reading(document.id, document.revision, recipe.id, ordered, repeats, summary)


def compose(digest: Digest, slot: Slot, arrivals: Sequence[Arrival], told: Iterable[Told], recipe: Recipe) -> Edition:
    """One digest for one day: every arrival gets one disposition, nothing told is told again."""

    def summarize(arrival: Arrival, story: Story) -> Summary:
        return _summarize(arrival.document, story.sentences, recipe)

    return make(digest, slot, arrivals, told, summarize)


def _summarize(document: Document, sentences: Sequence[Sentence], recipe: Recipe) -> Summary:
    ranker = recipe.ranker_for(document.language)
    ordered = not document.shuffled
    scores = ranker.rank(document.title, sentences, ordered=ordered)
    budget = Budget(recipe.sentences, recipe.words)
    return Summary(choose(sentences, scores, budget, language=document.language, ordered=ordered), recipe.ranker)
