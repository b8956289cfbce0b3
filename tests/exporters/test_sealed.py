"""The seal: whoever has nothing but the file finds any letter of it that was changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import MANY
from tests.quoted import edition
from worker.errors import UsageError
from worker.exporters.json import Json
from worker.exporters.sealed import check, correction_hash, seal, sentence_hash, written

FILE = Json().export(edition()).parts[0].content.encode()

#: What JSON can hold, lone surrogates included.
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(st.characters())),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


def _wrong(content: bytes) -> tuple[str, ...]:
    """What is wrong with a file; that it is none is one way to be wrong."""
    try:
        return check(content).wrong
    except UsageError as error:
        return (str(error),)


def test_an_edition_as_it_was_written_is_right() -> None:
    """And what it says of itself is read out of it."""
    checked = check(FILE)
    assert checked.wrong == ()
    assert (checked.edition, checked.sentences, checked.documents) == ("0123456789abcdef01234567", 4, 3)
    assert len(checked.seal) == 64
    assert FILE.decode().rstrip("}\n").endswith(f'"seal": "{checked.seal}"')


def test_every_changed_character_is_found() -> None:
    """Each in turn is replaced by its neighbour in Unicode, and left out."""
    text = FILE.decode()
    assert len(text) > 5000
    for at, character in enumerate(text):
        flipped = text[:at] + chr(ord(character) ^ 1) + text[at + 1 :]
        assert _wrong(flipped.encode("utf-8", "surrogatepass")), at
        assert _wrong((text[:at] + text[at + 1 :]).encode()), at


def _resealed(change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file changed by somebody who knows how to seal it anew."""
    found = json.loads(FILE)
    del found["seal"]
    change(found)
    return seal(found).encode()


@pytest.mark.parametrize(
    "name", ["text", "document_id", "revision", "content", "url", "paragraph", "start", "end", "hash"]
)
def test_a_sentence_changed_under_a_new_seal_is_found(name: str) -> None:
    """Its words, its link and its place are hashed with it."""

    def change(found: dict[str, Any]) -> None:
        sentence = found["sections"][0]["stories"][0]["sentences"][1]
        sentence[name] = sentence[name] + (1 if isinstance(sentence[name], int) else "x")

    (wrong,) = check(_resealed(change)).wrong
    assert "not those that were told" in wrong


@pytest.mark.parametrize("name", ["now", "told", "day", "url", "start"])
def test_a_correction_changed_under_a_new_seal_is_found(name: str) -> None:
    """Also what was told, and when."""

    def change(found: dict[str, Any]) -> None:
        correction = found["corrections"][0]
        correction[name] = correction[name] + (1 if isinstance(correction[name], int) else "x")

    (wrong,) = check(_resealed(change)).wrong
    assert "of a correction" in wrong


def test_a_place_of_another_length_is_found_under_a_new_hash() -> None:
    """A place has to be as long as the words that stand there."""

    def change(found: dict[str, Any]) -> None:
        sentence, correction = found["sections"][0]["stories"][0]["sentences"][0], found["corrections"][0]
        sentence["end"] += 1
        sentence["hash"] = sentence_hash(sentence)
        correction["start"] = None
        correction["hash"] = correction_hash(correction)

    assert ["not as long" in wrong for wrong in check(_resealed(change)).wrong] == [True, True]


def test_a_file_without_a_seal_is_not_taken_for_a_sealed_one() -> None:
    """Older versions wrote none, and so would a forger."""
    found = json.loads(FILE)
    del found["seal"]
    (wrong,) = check(written(found).encode()).wrong
    assert "no seal" in wrong


@MANY
@given(st.dictionaries(st.text(st.characters()), values, max_size=4))
@example({"two halves": "\ud83d\ude00", "one": "\ude00\ud83d"})
def test_there_is_one_way_to_write_a_value(value: dict[str, Any]) -> None:
    """What is written and read again is written the same."""
    once = written(value)
    assert written(json.loads(once.encode())) == once


@MANY
@given(
    st.fixed_dictionaries(
        {"schema": st.just(1), "sections": st.lists(values, max_size=3)}, optional={"corrections": values}
    )
)
def test_whatever_is_sealed_can_be_checked(value: dict[str, Any]) -> None:
    """A file of any shape is checked, and never stops the check; its seal is right."""
    assert not any("seal" in wrong for wrong in check(seal(value).encode()).wrong)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"schema": 1}', b"\xff", b"[" * 100_000, b'{"schema": 2, "sections": []}']
)
def test_what_is_no_digest_is_refused(content: bytes) -> None:
    """With a hint at what would be one."""
    with pytest.raises(UsageError) as raised:
        check(content)
    assert "digest.json" in raised.value.hint
