"""What the tests are made of: documents, arrivals and editions by few words, and texts for Hypothesis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st

from worker.edition import Digest
from worker.fetched import SourceState
from worker.model import Arrival, Document, Reading, Sentence, Span, Summary
from worker.pipeline import Recipe, read
from worker.settings import SourceSettings
from worker.sources.seeds import SeedFiles
from worker.text import identity
from worker.web.access import Web

ROOT = Path(__file__).parents[1]
MORNING = datetime(2026, 11, 20, 6, tzinfo=UTC)

#: One property, tried on so many examples, the same ones at each run.
FEW = settings(max_examples=25, deadline=None, derandomize=True)
SOME = settings(max_examples=60, deadline=None, derandomize=True)
MANY = settings(max_examples=200, deadline=None, derandomize=True)

#: Sentences of news, none near another: long enough for one changed word to leave them near-identical.
NEWS = (
    "The harbour office withdrew the ferry on Monday after a crack was found in the forward ramp.",
    "Engineers expect to close the gap in the sea wall before the spring tide of next Saturday.",
    "A baker on his way to work saw smoke above the roofs and called the county fire service.",
    "Schools in the valley reopened this morning except for the one whose gymnasium lost its windows.",
    "The council voted by a narrow margin to let buses run through the small hours at weekends.",
    "Growers in the east say late frost has halved the harvest and doubled the price of apples.",
    "Two firms from the coast wrap fruit in film made of kelp that dissolves in warm water.",
    "The lost bell of a ship turned up in a drawer of the museum where nobody had looked for years.",
    "Lorries heavier than small ones are barred from the bridge until all hangers have been tested.",
    "Nurses and doctors welcomed the new ward because patients no longer travel far for treatment.",
    "The striker will miss the final since he was shown a second yellow card late in the match.",
    "Insurers put the damage to boats and quays well above what they had first thought it to be.",
)


def document(
    *paragraphs: str,
    title: str = "Ferry withdrawn after crack is found",
    url: str = "https://herald.example/ferry",
    published: datetime | None = MORNING,
    language: str = "en",
    shuffled: bool = True,
    source: str = "seeds",
) -> Document:
    """A document of these paragraphs."""
    return identity.document(
        source=source,
        url=url,
        title=title,
        published=published,
        paragraphs=paragraphs,
        language=language,
        shuffled=shuffled,
    )


def permuted(given: Document, order: Iterable[int]) -> Document:
    """The same document with its paragraphs in another order."""
    return replace(given, paragraphs=tuple(given.paragraphs[number] for number in order))


def texts(sentences: Iterable[Sentence]) -> list[str]:
    """What the sentences say."""
    return [sentence.text for sentence in sentences]


def sentences(*said: str, paragraph: int | None = None) -> tuple[Sentence, ...]:
    """Sentences that stand each in a paragraph of its own, or all in one."""
    found = []
    for number, text in enumerate(said):
        place = number if paragraph is None else paragraph
        found.append(Sentence(text, Span("d", place, 0, len(text))))
    return tuple(found)


def arrival(
    *said: str,
    url: str = "https://herald.example/ferry",
    title: str = "Ferry withdrawn",
    published: datetime | None = MORNING,
    arrived: datetime = MORNING,
    copy_of: str | None = None,
    failure: str | None = None,
) -> Arrival:
    """A document that came in with a sentence a paragraph, and its reading."""
    came = document(*said, url=url, title=title, published=published, shuffled=False)
    if failure is None:
        return Arrival(came, read(came, Recipe(ranker="luhn")), arrived, copy_of)
    reading = Reading(came.id, came.revision, "recipe", (), (), Summary((), "luhn"), failure)
    return Arrival(came, reading, arrived, copy_of)


def digest(*, stories: int = 12, count: int = 3, memory: int = 14) -> Digest:
    """A digest called daily."""
    return Digest("daily", "Unbury", "Europe/Berlin", stories, count, "lexrank", memory, ("text",))


def offline() -> Web:
    """The way to the web for who does not go there."""
    raise AssertionError


@cache
def sample() -> tuple[Document, ...]:
    """The documents of the sample week."""
    fetched = SeedFiles("seeds", SourceSettings(path=str(ROOT / "seeds" / "sample"))).fetch(SourceState())
    assert fetched.problems == ()
    return fetched.documents


@cache
def real() -> Document:
    """The one real article: shuffled, and with damaged repeats."""
    path = str(ROOT / "seeds" / "000_8d7e1d734e19af18.txt")
    return SeedFiles("seeds", SourceSettings(path=path)).fetch(SourceState()).documents[0]


#: Anything that a text can hold: surrogates, NUL, emoji, line breaks, right-to-left, and much that ends a sentence.
anything = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=8),
        st.sampled_from(
            [
                ". ",
                "? ",
                "! ",
                "... ",
                "\n",
                "\r\n",
                "\t",
                "\0",
                "\ud83d",
                "\udc00",
                "👩‍🚒",
                "🇩🇪 ",
                "ａ",
                "\u2028",
                "\xa0",
            ]
        ),
        st.sampled_from(["U.S. ", "M. ", "p. m. ", "vol. 5 ", "Dr. ", "الرئيس قال. ", "שלום. ", "。", "नमस्ते। ", "é"]),
        st.sampled_from(["He left. ", "It is 3.5 now. ", "“Go!” she said. ", "12. ", "A.", "b ", "(no) "]),
    ),
    max_size=25,
).map("".join)

languages = st.sampled_from(["en", "de", "fr", "es", "ar", "he", "ja", "hi", "xx", "", "no such language"])

#: A sentence of news, as it is or with one of its plain words changed.
news = st.builds(
    lambda sentence, word, changed: _with_word(sentence, word) if changed else sentence,
    st.sampled_from(NEWS),
    st.integers(2, 9),
    st.booleans(),
)

#: Paragraphs of one to three sentences of news, many of them said again.
paragraphs = st.lists(st.lists(news, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=9)


def _with_word(sentence: str, place: int) -> str:
    words = sentence.split()
    number = next(i for i in range(place, len(words)) if words[i].isalpha() and words[i].islower())
    return " ".join([*words[:number], "thing", *words[number + 1 :]])


def indexes(count: int) -> st.SearchStrategy[Sequence[int]]:
    """All orders of so many things."""
    return st.permutations(range(count))
