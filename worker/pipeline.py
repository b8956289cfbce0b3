"""All the thinking on one page: how a document is read, how a digest is composed.

    source -> documents -> sentences -> distinct -> in order -> scored -> summary       read
    documents + readings -> stories -> not yet told -> scored -> edition + an account   compose

Values in, values out: no clock, no chance, no files, no network. Only this module knows the order
of the stages; no stage knows another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from worker.dedup.repeats import drop
from worker.digest.copies import settled, with_copies
from worker.digest.edition import Dateline, Offer, make, member_of
from worker.digest.sifting import sift
from worker.edition import Digest, Edition, Past, Telling
from worker.model import Arrival, Document, Reading, Sentence, Summary
from worker.ordering.order import arrange, canonical
from worker.plugins import RANKERS, Ranker
from worker.stories.grouping import group
from worker.stories.sketch import sketch
from worker.summaries.choice import Budget, choose
from worker.summaries.kinds import without_titles
from worker.summaries.together import Version, tell
from worker.text.identity import identity, outlet
from worker.text.sentences import split

#: Raised when a stage's answers change, so that what was made by the older one is made again.
VERSION = "4"


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
    return Reading(
        document.id, document.revision, recipe.id, ordered, repeats, summary, sketch=sketch(document, ordered)
    )


def compose(digest: Digest, dateline: Dateline, arrivals: Sequence[Arrival], past: Past, recipe: Recipe) -> Edition:
    """One digest for one day: every arrival gets one disposition, nothing told is told again."""
    sifted = sift(digest, arrivals)
    names = {arrival.document.id for arrival in sifted.arrivals}
    before = [member for member in past.members if member.document not in names]
    offered = settled(sifted.arrivals, past.originals)
    known = {a.document.id for a in offered if a.copy_of is None} | {member.document for member in before}
    own = [member_of(arrival) for arrival in offered if arrival.copy_of not in known]
    stories = with_copies(group([*own, *before]), [arrival for arrival in offered if arrival.copy_of in known])

    def told(offers: Sequence[Offer]) -> Telling:
        title = offers[0].arrival.document.title
        budget = Budget(recipe.sentences, recipe.words)
        return tell(title, [_version(offer) for offer in offers], budget, recipe.ranker_for)

    return make(digest, dateline, arrivals, replace(sifted, arrivals=offered), stories, past, told)


def _version(offer: Offer) -> Version:
    document = offer.arrival.document
    return Version(
        document=document.id,
        outlet=outlet(document.url),
        when=document.published or offer.arrival.arrived,
        title=document.title,
        language=document.language,
        ordered=not document.shuffled,
        sentences=offer.fresh,
        known=offer.known,
        reprint=offer.reprint,
    )


def _summarize(document: Document, sentences: Sequence[Sentence], recipe: Recipe) -> Summary:
    ranker = recipe.ranker_for(document.language)
    ordered = not document.shuffled
    telling = without_titles(sentences, [document.title])
    scores = ranker.rank(document.title, telling, ordered=ordered)
    budget = Budget(recipe.sentences, recipe.words)
    return Summary(choose(telling, scores, budget, language=document.language, ordered=ordered), recipe.ranker)
