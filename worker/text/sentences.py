"""Sentences with exact spans: sentencex cuts, a small guard joins what it cut too often."""

from __future__ import annotations

import re

import sentencex

from worker.model import Document, Sentence, Span

# "Edith M." + "Lederer", but not "D.C.", "a.m." or "programma's."
_INITIAL = re.compile(r"(?:^|[\s(]|(?<!\w)['’])([^\W\d_])\.$")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: "(CNN)Gov." + "Jerry Brown": sentencex knows an abbreviation only where a space stands before it.
_GLUED = re.compile(r"[^\w\s.]([^\W\d_]{2,}\.)$")
_NEAR = 20
#: Behind these a number goes on: "vol. 5".
_COUNTED = frozenset("vol no nr núm n p pp art fig abb ch cap str стр гл рис ст".split())
_LONGEST_ABBREVIATION = 4


def split(document: Document) -> tuple[Sentence, ...]:
    """The document's sentences, paragraph by paragraph as they stand."""
    return tuple(
        Sentence(paragraph[start:end], Span(document.id, number, start, end))
        for number, paragraph in enumerate(document.paragraphs)
        for start, end in spans(paragraph, document.language)
    )


def spans(text: str, language: str) -> list[tuple[int, int]]:
    """Half-open character offsets of the sentences of a text.

    Every letter and digit of the text is in exactly one of them; none begins or ends with space.
    Never more cuts than sentencex makes; an unknown language is cut by its default rules.
    """
    found: list[tuple[int, int]] = []
    for start, end in _boundaries(text, language):
        if found and _belongs(text, found[-1], start, end, language):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [span for span in found if any(map(str.isalnum, text[slice(*span)]))]


def _boundaries(text: str, language: str) -> list[tuple[int, int]]:
    # sentencex is Rust and refuses lone surrogates; one character stands for one, so offsets hold.
    safe = text if text.isascii() else _SURROGATE.sub("\ufffd", text)
    pieces = []
    for boundary in sentencex.get_sentence_boundaries(language, safe):
        start, end = boundary["start_index"], boundary["end_index"]
        raw = text[start:end].rstrip()
        if raw:
            pieces.append((start + len(raw) - len(raw.lstrip()), start + len(raw)))
    return pieces


def _belongs(text: str, before: tuple[int, int], start: int, end: int, language: str) -> bool:
    """Whether the piece at start:end goes on with the sentence before it."""
    if "\n" in text[before[1] : start]:
        return False
    piece, previous = text[start:end], text[slice(*before)]
    if not any(map(str.isalnum, piece)):  # "..."
        return True
    if before[1] == start and piece[0].isalpha() and piece[1:2] == "." == previous[-1]:  # "D-N." + "Y."
        return True
    return previous.endswith(".") and (_abbreviated(previous, piece[0]) or _glued(previous, piece, language))


def _glued(previous: str, piece: str, language: str) -> bool:
    """Whether what ends in an abbreviation would have been left whole, were there a space before that."""
    glued = _GLUED.search(previous, max(0, len(previous) - _NEAR))
    return glued is not None and len(_boundaries(f"{glued[1]} {piece[:_NEAR]}", language)) == 1


def _abbreviated(previous: str, first: str) -> bool:
    words = previous.rsplit(None, 2)
    last = words[-1].strip('.,;:)"”»')
    initial = _INITIAL.search(previous, max(0, len(previous) - 3))
    return (
        (first.islower() and len(last) <= _LONGEST_ABBREVIATION)  # "p. m." + "al hospital"
        or (initial is not None and not initial[1].islower())
        or (len(words) == 2 and last.isdigit())  # "Der 2." + "Weltkrieg"
        or (last.lower() in _COUNTED and first.isdigit())
    )
