"""The edition as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import MANY
from worker.exporters.json import Json
from worker.model import Edition, Item, Link, Verdict

Items = Callable[..., Item]
Editions = Callable[..., Edition]


def parsed(edition: Edition) -> dict[str, Any]:
    """What a program reads, through the bytes of a file."""
    written = Json().export(edition).parts[0].content.encode()
    answer: dict[str, Any] = json.loads(written)
    return answer


@MANY
@given(headline=st.text(st.characters()), said=st.text(st.characters()))
@example(headline="half \ud83d a face", said="\udc00 \x00 \x1b \u2028 \\")
def test_any_text_comes_back(make_item: Items, make_edition: Editions, headline: str, said: str) -> None:
    """Control characters and lone surrogates included, to the letter."""
    (story,) = parsed(make_edition(make_item(headline, [(said, 1)])))["sections"][0]["stories"]
    assert (story["headline"], story["sentences"][0]["text"]) == (headline, said)


def test_an_edition_has_its_facts(
    make_item: Items, make_edition: Editions, make_account: Callable[..., object]
) -> None:
    """Everything beside the stories, under the names that programs rely on."""
    edition = make_edition(make_item(), number=2, account=make_account(Verdict.copy))
    facts = parsed(edition)
    del facts["sections"]
    assert facts == {
        "schema": 1,
        "digest": "morning",
        "title": "Unbury",
        "date": "2026-11-23",
        "edition": 2,
        "timezone": "Europe/Berlin",
        "generated_at": "2026-11-23T04:47:31+00:00",
        "stats": {
            "documents": 26,
            "sentences_in": 400,
            "sentences_removed": 31,
            "stories": 1,
            "words": 9,
            "minutes": 1,
        },
        "account": [{"document_id": "d0", "verdict": "same text as another", "because": "because of it"}],
        "failures": [],
    }


def test_a_story_has_its_sentences_and_their_places(
    make_item: Items, make_edition: Editions, make_link: Callable[..., Link]
) -> None:
    """Each sentence with the place it can be read again at, and the sources that are not quoted."""
    item = make_item("A fire", [("It burnt.", 1), ("It is out.", 2)], [make_link(n) for n in (1, 2, 3)])
    (section,) = parsed(make_edition(item))["sections"]
    (story,) = section["stories"]
    assert section["name"] == "Top stories"
    assert story.pop("sentences")[1] == {
        "text": "It is out.",
        "document_id": "d2",
        "url": "https://paper2.example/a/2?b=1&c=2",
        "outlet": "paper2.example",
        "paragraph": 1,
        "start": 0,
        "end": 10,
        "published": "2026-11-23T04:47:31+00:00",
    }
    assert story == {
        "id": "a1b2c3d4e5f6a1b2c3d4e5f6",
        "headline": "A fire",
        "url": "https://paper1.example/a/1?b=1&c=2",
        "status": "new",
        "articles": 3,
        "sources": 3,
        "first_seen": "2026-11-23T04:47:31+00:00",
        "also": [{"outlet": "paper3.example", "url": "https://paper3.example/a/3?b=1&c=2", "title": "Title 3"}],
    }


def test_letters_are_written_as_letters(make_item: Items, make_edition: Editions) -> None:
    """A person can read the file: no escapes for what UTF-8 can write."""
    assert "Überfahrt – 渡船" in Json().export(make_edition(make_item("Überfahrt – 渡船"))).parts[0].content
