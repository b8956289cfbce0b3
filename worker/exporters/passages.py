"""A quoted text as its story's evidence shows it, what is quoted being marked: in the order found, and as it came in.

A long text is not shown whole, but what is quoted and what stands around it; what is left out is counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from worker.exporters.phrases import Phrases
from worker.model import Arrival, Document, Repeat, Sentence, Span

#: So many sentences, or paragraphs, are shown on either side of a quoted one, where a text is too long.
_NEAR = 4
#: So many characters of what is not quoted are shown at one place, where a text is too long.
_PIECE = 1000
_REPEATS = 5


@dataclass(frozen=True)
class Again:
    """A passage that was left out as a repeat: the number of its paragraph, its likeness in per cent, and its words."""

    paragraph: int
    percent: str
    text: str


@dataclass(frozen=True)
class Piece:
    """Words that stand together; quoted as the sentence of a number (0: not quoted), or what is said in their place."""

    text: str
    number: int = 0
    gap: str = ""


@dataclass(frozen=True)
class Row:
    """A sentence in the order found, or a paragraph as it came in, or in its place what is not shown."""

    paragraph: int = 0
    pieces: tuple[Piece, ...] = ()
    times: str = ""
    repeats: tuple[Again, ...] = ()
    more: str = ""
    gap: str = ""


@dataclass(frozen=True)
class Passages:
    """A text twice, and the numbers of the sentences that are marked in the order found, or only as it came in."""

    ordered: tuple[Row, ...]
    came: tuple[Row, ...]
    in_order: frozenset[int]
    only_as_it_came: frozenset[int]


def passages(words: Phrases, arrival: Arrival, quoted: Mapping[int, Sentence], most: int) -> Passages:
    """A document's text, in which the sentences with these numbers are quoted, in about so many characters."""
    document = arrival.document
    standing = {number: one for number, one in quoted.items() if document.says(one)}
    ordered = tuple(_ordered(words, arrival, {one.span: number for number, one in standing.items()}, most))
    came = tuple(_came(words, document, standing, most))
    in_order = _numbers(ordered)
    return Passages(ordered, came, in_order, _numbers(came) - in_order)


def _numbers(rows: Iterable[Row]) -> frozenset[int]:
    return frozenset(piece.number for row in rows for piece in row.pieces if piece.number)


def _ordered(words: Phrases, arrival: Arrival, quoted: Mapping[Span, int], most: int) -> Iterator[Row]:
    sentences, found = arrival.reading.sentences, _repeats(arrival.reading.repeats, arrival.reading.sentences)
    whole = sum(len(one.text) for one in sentences) <= most
    shown = range(len(sentences)) if whole else _near([one.span in quoted for one in sentences])
    for place, missing in _with_gaps(shown, len(sentences)):
        if missing:
            yield Row(gap=words.several("sentences_left_out", missing))
            continue
        sentence = sentences[place]
        number = quoted.get(sentence.span, 0)
        pieces = (Piece(sentence.text, number),) if number else tuple(_pieces(words, sentence.text, whole=whole))
        repeats = found.get(sentence.span, [])
        # A paragraph that was left out is shown once, under the first sentence of the one that was kept.
        begun = [one for one in repeats if one.kept.start >= sentence.span.start]
        hidden = len(begun) - _REPEATS
        yield Row(
            paragraph=sentence.span.paragraph + 1,
            pieces=pieces,
            times=words.several("told_times", len(repeats) + 1) if repeats else "",
            repeats=tuple(_again(arrival.document, one) for one in begun[:_REPEATS]),
            more=words.several("more", hidden) if hidden > 0 else "",
        )


def _repeats(repeats: Sequence[Repeat], sentences: Sequence[Sentence]) -> dict[Span, list[Repeat]]:
    """For each sentence, what was left out for it: what was kept may be a whole paragraph, or a sentence of it."""
    standing = defaultdict(list)
    for span in sorted((one.span for one in sentences), key=lambda span: (span.paragraph, span.start)):
        standing[span.paragraph].append(span)
    found = defaultdict(list)
    for repeat in repeats:
        spans = standing[repeat.kept.paragraph]
        for span in spans[bisect_right(spans, repeat.kept.start, key=lambda span: span.end) :]:
            if span.start >= repeat.kept.end:
                break
            found[span].append(repeat)
    return found


def _again(document: Document, repeat: Repeat) -> Again:
    text = document.quote(repeat.dropped)
    # 99.6 % is alike, and not the same.
    percent = int(repeat.similarity * 100)
    return Again(repeat.dropped.paragraph + 1, str(percent), text if len(text) <= _PIECE else f"{text[:_PIECE]}…")


def _came(words: Phrases, document: Document, quoted: Mapping[int, Sentence], most: int) -> Iterator[Row]:
    marks: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for number, sentence in sorted(quoted.items(), key=lambda one: (one[1].span.paragraph, one[1].span.start)):
        before = marks[sentence.span.paragraph]
        if not before or before[-1][1].end <= sentence.span.start:
            before.append((number, sentence.span))
    paragraphs = document.paragraphs
    whole = sum(map(len, paragraphs)) <= most
    shown = range(len(paragraphs)) if whole else _near([place in marks for place in range(len(paragraphs))])
    for place, missing in _with_gaps(shown, len(paragraphs)):
        if missing:
            yield Row(gap=words.several("paragraphs_left_out", missing))
        else:
            yield Row(place + 1, tuple(_marked(words, paragraphs[place], marks[place], whole=whole)))


def _marked(words: Phrases, text: str, marks: Sequence[tuple[int, Span]], *, whole: bool) -> Iterator[Piece]:
    """The paragraph, cut at the exact places where what is quoted begins and ends."""
    at = 0
    for number, span in marks:
        yield from _pieces(words, text[at : span.start], whole=whole)
        yield Piece(text[span.start : span.end], number)
        at = span.end
    yield from _pieces(words, text[at:], whole=whole)


def _pieces(words: Phrases, text: str, *, whole: bool) -> Iterator[Piece]:
    """Words that are not quoted, if need be without their middle."""
    if whole or len(text) <= _PIECE:
        if text:
            yield Piece(text)
        return
    half = _PIECE // 2
    yield Piece(text[:half])
    yield Piece("", gap=words.several("letters_left_out", len(text) - 2 * half))
    yield Piece(text[-half:])


def _near(wanted: Sequence[bool]) -> list[int]:
    """The places that are wanted, and those around them; the first ones, if none is."""
    centers = [place for place, is_wanted in enumerate(wanted) if is_wanted] or [0]
    near = {place for center in centers for place in range(center - _NEAR, center + _NEAR + 1)}
    return sorted(place for place in near if 0 <= place < len(wanted))


def _with_gaps(shown: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """Each place that is shown, and before, between and after them (0, how many are not)."""
    at = 0
    for _, run in groupby(enumerate(shown), key=lambda one: one[1] - one[0]):
        places = [place for _, place in run]
        if places[0] > at:
            yield 0, places[0] - at
        yield from ((place, 0) for place in places)
        at = places[-1] + 1
    if at < count:
        yield 0, count - at
