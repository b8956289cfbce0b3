"""The edition as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests import quoted
from tests.builders import MANY
from tests.exporters.editions import dispositions, edition, item, link
from worker.digest.proof import content_hash
from worker.edition import Differing, Edition, Figure, Verdict
from worker.exporters.json import Json


def parsed(edition: Edition) -> dict[str, Any]:
    """What a program reads, through the bytes of a file."""
    written = Json().export(edition).parts[0].content.encode()
    answer: dict[str, Any] = json.loads(written)
    return answer


@MANY
@given(headline=st.text(st.characters()), said=st.text(st.characters()))
@example(headline="half \ud83d a face", said="\udc00 \x00 \x1b \u2028 \\")
def test_any_text_comes_back(headline: str, said: str) -> None:
    """Control characters and lone surrogates included, to the letter."""
    (story,) = parsed(edition(item(headline, [(said, 1)])))["sections"][0]["stories"]
    assert (story["headline"], story["sentences"][0]["text"]) == (headline, said)


def test_an_edition_has_its_facts() -> None:
    """Everything beside the stories, under the names that programs rely on."""
    made = edition(item(), number=2, account=dispositions(Verdict.copy))
    facts = parsed(made)
    del facts["sections"]
    assert len(facts.pop("seal")) == 64
    assert facts == {
        "schema": 1,
        "id": "edition-id",
        "digest": "morning",
        "title": "Unbury",
        "date": "2026-11-23",
        "edition": 2,
        "timezone": "Europe/Berlin",
        "generated_at": "2026-11-23T04:47:31+00:00",
        "made_by": {},
        "corrections": [],
        "stats": {
            "documents": 26,
            "sentences_in": 400,
            "sentences_removed": 31,
            "stories": 1,
            "words": 9,
            "minutes": 1,
        },
        "account": [
            {"document_id": "d0", "revision": "r", "verdict": "same text as another", "because": "because of it"}
        ],
        "failures": [],
    }


def test_a_story_has_its_sentences_and_their_places() -> None:
    """Each sentence with the place it can be read again at, and the sources that are not quoted."""
    fire = item("A fire", [("It burnt.", 1), ("It is out.", 2)], [link(n) for n in (1, 2, 3)])
    (section,) = parsed(edition(fire))["sections"]
    (story,) = section["stories"]
    assert section["name"] == "Top stories"
    sentence = story.pop("sentences")[1]
    assert len(sentence.pop("hash")) == 24
    assert sentence == {
        "id": "a1b2c3.2",
        "text": "It is out.",
        "document_id": "d2",
        "revision": None,
        "content": None,
        "url": "https://paper2.example/a/2?b=1&c=2",
        "outlet": "paper2.example",
        "paragraph": 1,
        "start": 0,
        "end": 10,
        "published": "2026-11-23T04:47:31+00:00",
        "place": None,
        "repeats": None,
        "said_by": [],
        "score": None,
    }
    documents = story.pop("documents")
    assert [document["document_id"] for document in documents] == ["d1", "d2", "d3"]
    assert story == {
        "id": "a1b2c3d4e5f6a1b2c3d4e5f6",
        "headline": "A fire",
        "url": "https://paper1.example/a/1?b=1&c=2",
        "status": "new",
        "since": None,
        "section": "Top stories",
        "articles": 3,
        "sources": 3,
        "publishers": 3,
        "differing": [],
        "first_seen": "2026-11-23T04:47:31+00:00",
        "also": [{"outlet": "paper3.example", "url": "https://paper3.example/a/3?b=1&c=2", "title": "Title 3"}],
    }


def test_letters_are_written_as_letters() -> None:
    """A person can read the file: no escapes for what UTF-8 can write."""
    assert "Überfahrt – 渡船" in Json().export(edition(item("Überfahrt – 渡船"))).parts[0].content


def test_a_sentence_carries_its_proof() -> None:
    """What names its text, what was done to it, and who else says it."""
    made = quoted.edition()
    told = parsed(made)["sections"][0]["stories"][0]["sentences"][2]
    source = quoted.DOCUMENTS[1]
    assert (told["document_id"], told["revision"], told["content"]) == (
        source.id,
        source.revision,
        content_hash(source),
    )
    assert (told["place"], told["repeats"], told["said_by"], told["score"]) == (3, 0, [], 0.123457)


def test_a_story_says_how_its_documents_came_together() -> None:
    """Each with the one that it is most like, and why."""
    (story, _) = parsed(quoted.edition())["sections"][0]["stories"]
    first, second, *_ = quoted.DOCUMENTS
    assert story["documents"] == [
        {"document_id": first.id, "nearest": "", "because": "", "reprint_of": ""},
        {"document_id": second.id, "nearest": first.id, "because": "both name the ferry", "reprint_of": ""},
    ]


def test_figures_that_differ_stand_side_by_side() -> None:
    """Each with the sentence and the document that it stands in."""
    made = quoted.edition()
    (first, *_), (item, *others) = made.items[0].summary.sentences, made.items
    beside = replace(item, differing=(Differing("tickets", (Figure("410", first),)),))
    (story, _) = parsed(replace(made, items=(beside, *others)))["sections"][0]["stories"]
    ((figure,),) = [found["figures"] for found in story["differing"] if found["what"] == "tickets"]
    assert (figure["number"], figure["text"], figure["document_id"]) == ("410", first.text, first.span.document)


def test_a_correction_says_what_was_told_and_what_stands_there() -> None:
    """With the place; a sentence that is gone has none."""
    made = quoted.edition()
    (changed,) = parsed(made)["corrections"]
    source, now = quoted.DOCUMENTS[3], made.corrections[0].now
    assert now is not None
    assert (changed["told"], changed["day"], changed["now"]) == ("Two firms wrap fruit.", "2026-11-17", now.text)
    assert (changed["url"], changed["paragraph"], changed["end"]) == (source.url, 0, len(now.text))
    (gone,) = parsed(replace(made, corrections=(replace(made.corrections[0], now=None),)))["corrections"]
    assert (gone["now"], gone["paragraph"], gone["start"], gone["end"]) == (None, None, None, None)
    assert gone["hash"] != changed["hash"]


def test_stories_stand_under_their_sections() -> None:
    """Those of one section together."""
    made = quoted.edition()
    one, two = made.items
    sections = parsed(replace(made, items=(one, replace(two, section="Sport"), one)))["sections"]
    assert [(section["name"], len(section["stories"])) for section in sections] == [("Top stories", 2), ("Sport", 1)]


def test_an_edition_without_stories_has_a_section_without_any() -> None:
    """Programs find the list that they look for."""
    assert parsed(replace(quoted.edition(), items=()))["sections"] == [{"name": "Top stories", "stories": []}]


def test_the_order_in_which_a_database_keeps_names_changes_no_byte() -> None:
    """The settings that made an edition are written sorted."""
    made = quoted.edition()
    turned = replace(made, made_by=dict(sorted(made.made_by.items(), reverse=True)))
    assert Json().export(turned) == Json().export(made)
