"""The JSON Schema of digest.json: every edition keeps to it, and nothing is written that it does not name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests import quoted
from tests.builders import MANY
from tests.exporters.editions import AT, edition
from worker.edition import (
    Correction,
    Counts,
    Differing,
    Disposition,
    Edition,
    Failure,
    Figure,
    Item,
    Link,
    Proof,
    Standing,
    Verdict,
)
from worker.exporters.json import Json
from worker.model import Join, Sentence, Span, Story, Summary

SCHEMA: dict[str, Any] = json.loads(
    files("worker.exporters").joinpath("digest.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)

TEXT = st.text(st.characters(), max_size=20)
IDS = st.text("0123456789abcdef", min_size=24, max_size=24)
COUNTS = st.integers(0, 2000)
DAYS = st.dates()
INSTANTS = st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.timezones())  # noqa: DTZ001  it gets its zone
PROOFS = st.builds(Proof, TEXT, TEXT, COUNTS, COUNTS, st.lists(IDS, max_size=2).map(tuple), st.floats(0, 1))
LANGUAGES = st.sampled_from(["en", "de", "fr", "es", "xx"])


def document(edition: Edition) -> dict[str, Any]:
    """What a program reads, through the bytes of a file."""
    (part,) = Json().export(edition).parts
    found: dict[str, Any] = json.loads(part.content.encode())
    return found


def wrong(found: object) -> list[str]:
    """What the schema says against it."""
    return [f"{one.json_path}: {one.message}" for one in VALIDATOR.iter_errors(found)]


@st.composite
def said(draw: st.DrawFn, document: str) -> Sentence:
    """A sentence of a document."""
    text, start = draw(TEXT), draw(COUNTS)
    return Sentence(text, Span(document, draw(COUNTS), start, start + len(text)))


@st.composite
def stories(draw: st.DrawFn) -> Item:
    """A story with sentences of some of its documents; that of an older version has no proofs."""
    documents = draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    links = [Link(one, draw(TEXT), draw(TEXT), draw(TEXT), draw(st.none() | INSTANTS)) for one in documents]
    sentences = draw(st.lists(st.sampled_from(documents).flatmap(said), min_size=1, max_size=3))
    proofs = draw(st.just([]) | st.lists(PROOFS, min_size=len(sentences), max_size=len(sentences)))
    joins = [Join(one, draw(TEXT), draw(TEXT), draw(TEXT)) for one in documents[: draw(st.integers(0, 3))]]
    figure = Figure(draw(TEXT), sentences[0])
    return Item(
        Story(draw(IDS), tuple(documents), tuple(joins)),
        draw(TEXT),
        Summary(tuple(sentences), "unbury"),
        tuple(links),
        draw(st.sampled_from(Standing)),
        draw(st.none() | DAYS),
        draw(TEXT),
        draw(COUNTS),
        tuple(proofs),
        draw(st.sampled_from([(), (Differing(draw(TEXT), (figure, figure)),)])),
    )


@st.composite
def corrections(draw: st.DrawFn) -> Correction:
    """A sentence that its source has otherwise now, or no more."""
    way = Link(draw(IDS), draw(TEXT), draw(TEXT), draw(TEXT), draw(st.none() | INSTANTS))
    return Correction(way, draw(TEXT), draw(DAYS), draw(st.none() | said(way.document)), draw(PROOFS))


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """An edition of anything that an edition can be made of."""
    return Edition(
        id=draw(IDS),
        digest=draw(TEXT),
        title=draw(TEXT),
        day=draw(DAYS),
        number=draw(st.integers(1, 99)),
        at=draw(INSTANTS),
        zone=draw(TEXT),
        items=tuple(draw(st.lists(stories(), max_size=3))),
        account=tuple(
            draw(st.lists(st.builds(Disposition, IDS, IDS, st.sampled_from(Verdict), TEXT), max_size=len(Verdict)))
        ),
        counts=draw(st.builds(Counts, COUNTS, COUNTS, COUNTS)),
        failures=tuple(draw(st.lists(st.builds(Failure, TEXT, TEXT), max_size=2))),
        corrections=tuple(draw(st.lists(corrections(), max_size=2))),
        made_by=draw(st.dictionaries(TEXT, st.none() | COUNTS | TEXT | st.lists(TEXT), max_size=3)),
        language=draw(LANGUAGES),
    )


def objects(found: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects in it but those that hold settings, each with its place, lists' numbers left out."""
    if isinstance(found, dict):
        yield path, found
        for name, value in found.items():
            if name != "made_by":
                yield from objects(value, f"{path}.{name}")
    elif isinstance(found, list):
        for value in found:
            yield from objects(value, path)


def full() -> Edition:
    """An edition in which there is at least one of everything."""
    made = quoted.edition()
    first, other = made.items
    figure = Figure("410", first.summary.sentences[0])
    further = replace(made.items[1].links[0], document="0" * 24)
    story = replace(first, differing=(Differing("tickets", (figure,)),), links=(*first.links, further))
    return replace(made, items=(story, other), failures=(Failure("herald", "timed out"),))


PLACES = sorted({path for path, _ in objects(document(full()))})


def test_the_schema_is_one() -> None:
    """By the rules of draft 2020-12."""
    Draft202012Validator.check_schema(SCHEMA)


@MANY
@given(made=editions())
def test_every_edition_keeps_to_it(made: Edition) -> None:
    assert wrong(document(made)) == []


def test_whole_editions_keep_to_it() -> None:
    """One with everything, and one with nothing."""
    assert wrong(document(full())) == []
    assert wrong(document(edition())) == []


def test_everything_that_can_be_written_is_tried() -> None:
    """Whatever kind of object the schema knows, the edition below has one."""
    known = {name for name, one in SCHEMA["$defs"].items() if one.get("type") == "object"}
    assert len(PLACES) == len(known)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_field_is_found(place: str) -> None:
    """In every kind of object: a field that is added later has to be added here, too."""
    found = document(full())
    next(one for path, one in objects(found) if path == place)["surprise"] = 1
    assert any("'surprise' was unexpected" in fault for fault in wrong(found))


@pytest.mark.parametrize("place", PLACES)
def test_a_missing_field_is_found(place: str) -> None:
    """Each field of every kind of object is always there."""
    for name in next(one for path, one in objects(document(full())) if path == place):
        found = document(full())
        del next(one for path, one in objects(found) if path == place)[name]
        assert any(f"'{name}' is a required property" in fault for fault in wrong(found)), name


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(schema=2),
        lambda found: found.update(date="23 November"),
        lambda found: found.update(generated_at="2026-11-23 04:47"),
        lambda found: found.update(seal="0"),
        lambda found: found["stats"].update(stories=-1),
        lambda found: found["account"][0].update(verdict="lost"),
        lambda found: found["sections"][0]["stories"][0].update(status="old"),
        lambda found: found["sections"][0]["stories"][0]["sentences"][0].update(id="a1b2c3"),
        lambda found: found["sections"][0]["stories"][0]["sentences"][0].update(start="0"),
        lambda found: found["sections"][0]["stories"][0]["sentences"][0].update(published="yesterday"),
    ],
)
def test_what_no_edition_says_is_found(change: Callable[[dict[str, Any]], None]) -> None:
    """Another version, a day in words, a place that is no number."""
    found = document(full())
    change(found)
    assert len(wrong(found)) > 0


def test_a_sentence_is_numbered_within_its_story() -> None:
    """The schema's id is the one that is written."""
    (section,) = document(full())["sections"]
    ids = [told["id"] for story in section["stories"] for told in story["sentences"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{6}\.[1-3]", name) for name in ids)


def test_days_and_instants_are_checked() -> None:
    """The validator knows the formats, and does not only name them."""
    assert wrong(document(edition()) | {"date": date(2026, 11, 23).isoformat(), "generated_at": AT.isoformat()}) == []
    assert wrong(document(edition()) | {"date": "2026-02-30"}) != []
    assert datetime.fromisoformat(document(edition())["generated_at"]).astimezone(UTC) == AT
