"""The seal of an edition in JSON: one way to write it, a hash for each sentence, and one over all.

Whoever has nothing but the file can tell whether a letter of it was changed, and in which sentence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.errors import UsageError
from worker.text.identity import identity

_QUOTED = ("document_id", "revision", "content", "url", "paragraph", "start", "end", "text")
_CORRECTED = ("document_id", "revision", "content", "url", "paragraph", "start", "end", "now", "told", "day")


@dataclass(frozen=True)
class Checked:
    """What a file says of itself, and what is wrong with it, each in words."""

    edition: str
    seal: str
    sentences: int
    documents: int
    wrong: tuple[str, ...]


def written(value: Mapping[str, Any]) -> str:
    """A value in the one way that it is written in."""
    content = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    # UTF-8 has no lone surrogates, JSON has escapes for them, and both write them \udXXX; two that
    # belong together are the letter that a parser makes of them.
    whole = content.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return whole.encode("utf-8", "backslashreplace").decode("utf-8")


def seal(edition: Mapping[str, Any]) -> str:
    """The edition as it is written, with a seal over all that stands before it."""
    return written({**edition, "seal": _seal(edition)})


def sentence_hash(sentence: Mapping[str, Any]) -> str:
    """The hash of a sentence as it is exported: its words, and where they stand."""
    return _hash(sentence, _QUOTED)


def correction_hash(correction: Mapping[str, Any]) -> str:
    """The hash of a correction as it is exported: what was told, and what stands there now."""
    return _hash(correction, _CORRECTED)


def check(content: bytes) -> Checked:
    """What can be known of a file without its sources. Raises UsageError for what is no edition in JSON."""
    edition = parsed(content)
    told, corrections = list(_told(edition)), _dicts(edition.get("corrections"))
    return Checked(
        edition=str(edition.get("id", "")),
        seal=str(edition.get("seal", "")),
        sentences=len(told),
        documents=len({str(sentence.get("document_id")) for sentence in told}),
        wrong=tuple(_wrong(content, edition, told, corrections)),
    )


def hashes(content: bytes) -> list[str]:
    """The hashes of all that an edition quotes, in its order. Raises UsageError for what is no edition in JSON."""
    edition = parsed(content)
    return [str(one.get("hash")) for one in (*_told(edition), *_dicts(edition.get("corrections")))]


def parsed(content: bytes) -> dict[str, Any]:
    """An edition as a file has it. Raises UsageError for what is none."""
    try:
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not JSON: {error}", "name a digest.json, or a day like 2026-11-23") from None
    if not isinstance(found, dict) or found.get("schema") != 1 or not isinstance(found.get("sections"), list):
        raise UsageError("this is JSON, but no digest", "name a digest.json, or a day like 2026-11-23")
    return found


def _wrong(
    content: bytes, edition: Mapping[str, Any], told: list[dict[str, Any]], corrections: list[dict[str, Any]]
) -> Iterator[str]:
    if written(edition).encode("utf-8") != content:
        yield "the file is not written as Unbury writes it: something was put in, taken out or set otherwise"
    found, unsealed = edition.get("seal"), {name: value for name, value in edition.items() if name != "seal"}
    if found is None:
        yield "the file has no seal: older versions wrote none, and without one nothing in it can be checked"
        return
    elif found != _seal(unsealed):
        yield f"the seal is broken: it says {found}, and the content has {_seal(unsealed)}"
    for sentence in told:
        if fault := _fault(sentence, "text", sentence_hash(sentence)):
            yield f"{fault}: {_short(sentence.get('text'))} ({sentence.get('url')})"
    for correction in corrections:
        if fault := _fault(correction, "now", correction_hash(correction)):
            yield f"{fault} of a correction: {_short(correction.get('told'))} ({correction.get('url')})"


def _fault(quoted: Mapping[str, Any], words: str, expected: str) -> str:
    """What is wrong with a sentence by itself, if anything."""
    if quoted.get("hash") != expected:
        return "the words, the place or the link are not those that were told"
    text, start, end = quoted.get(words), quoted.get("start"), quoted.get("end")
    if text is None and start is None:
        return ""
    sane = isinstance(text, str) and isinstance(start, int) and isinstance(end, int) and end - start == len(text)
    return "" if sane else "the place is not as long as the words"


def _told(edition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for section in _dicts(edition.get("sections")):
        for story in _dicts(section.get("stories")):
            yield from _dicts(story.get("sentences"))


def _dicts(value: object) -> list[dict[str, Any]]:
    """Those of a list's values that have names; a file that was tampered with may hold anything."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _hash(quoted: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return identity(*("" if (value := quoted.get(name)) is None else str(value) for name in names))


def _seal(unsealed: Mapping[str, Any]) -> str:
    return hashlib.sha256(written(unsealed).encode("utf-8")).hexdigest()


def _short(text: object) -> str:
    said = str(text)
    return repr(said if len(said) <= 60 else said[:59] + "…")
