"""How sure it is that two documents tell of the same event: a logistic model over what they share.

The weights (weights.json) are learnt by benchmarks/story_weights.py from labelled pairs of news.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import numpy as np

from worker.stories.contrast import Contrast
from worker.stories.fields import Field, Fields, Flags, Meeting, Numbers, Places
from worker.text.table import positive

#: No pair is surer than this, either way.
LEAST_SURE, SUREST = -4.0, 8.0
#: Features with their squares and their products with the first one, and the others: the columns of `features`.
_CURVED = ("text", "contrast", "names", "title", "title in text", "support")
_STRAIGHT = (
    "covered", "evidence", "support at best", "names evidence", "names apart", "about", "numbers", "numbers evidence",
    "numbers apart", "rank", "length", "bare", "untitled", "days", "undated",
)  # fmt: skip
#: In a call of few documents these tell more, or less: there are no neighbours to set a pair against.
_OF_FEW = ("text", "contrast", "support", "title in text", "names", "evidence", "length", "covered")
#: So many documents are few: the share of `few` in a call falls by e with each.
_FEW = 20
NAMES = (
    *_CURVED,
    *(f"{name} squared" for name in _CURVED),
    *(f"{name} by text" for name in _CURVED[1:]),
    *_STRAIGHT,
    "few",
    *(f"{name} of few" for name in _OF_FEW),
)
_PLACES_OF_FEW = [NAMES.index(name) for name in _OF_FEW]
#: Twins' titles are at least so alike (the root of their cosine), and their names and numbers less.
_SAME_TITLE, _SAME_NAMES = 0.55, 0.25
#: Bodies of so many words each tell of two events, if their cosine is smaller than this.
_LONG, _STRANGE = 100, 0.12
#: No pair less alike than this is of one event, nor one less alike than that if no name is in both. Among documents
#: that nobody else tells of, the model joins the least strange ones: 28 % of such a day, and 13 % with these bounds.
_UNLIKE, _UNNAMED = 0.08, 0.12
#: So many pairs are compared at once: it bounds the memory.
_AT_ONCE = 4_000


def likeness(fields: Fields, left: Places, right: Places) -> Numbers:
    """How alike the texts of each pair are, 0 to 1: the cosine of their weighed terms."""
    text = fields.text
    batches = (_cosine(text, text.meet(left[at], right[at]), left[at], right[at]) for at in _batches(left))
    return np.concatenate([np.zeros(0), *batches])


def features(fields: Fields, hours: Numbers, left: Places, right: Places, alike: Numbers) -> Numbers:
    """What tells whether the documents of each pair tell of the same event: pairs by NAMES, most of them 0 to 1."""
    contrast = Contrast(fields.text, alike, left, right)
    batches = (_features(fields, contrast, hours, left[at], right[at], contrast.ranks[at]) for at in _batches(left))
    return np.concatenate([np.zeros((0, len(NAMES))), *batches])


def certainty(fields: Fields, hours: Numbers, left: Places, right: Places, alike: Numbers) -> Numbers:
    """The log-odds that the documents of each pair tell of the same event; LEAST_SURE where that is ruled out."""
    contrast, certain = Contrast(fields.text, alike, left, right), np.zeros(len(left))
    for at in _batches(left):
        one, other = left[at], right[at]
        found = _features(fields, contrast, hours, one, other, contrast.ranks[at])
        ruled_out = twins(fields, found, one, other) | strangers(fields, alike[at], one, other)
        certain[at] = np.where(ruled_out, LEAST_SURE, scores(found))
    return certain


def twins(fields: Fields, found: Numbers, left: Places, right: Places) -> Flags:
    """Which pairs tell the same tale of others: titles alike but for whom they name, texts that share few names."""
    of = NAMES.index
    same_tale = found[:, of("title")] >= _SAME_TITLE
    of_others = (found[:, of("names")] < _SAME_NAMES) & (found[:, of("numbers")] < _SAME_NAMES)
    return np.asarray(same_tale & of_others & (_overlap(fields.about, left, right)[2] > 0))


def strangers(fields: Fields, alike: Numbers, left: Places, right: Places) -> Flags:
    """Which pairs have hardly a word in common, for texts of their length and with or without a name in both."""
    long = np.minimum(fields.words[left], fields.words[right]) >= _LONG
    named = _overlap(fields.names, left, right)[0] > 0
    return np.asarray((long & (alike < _STRANGE)) | (alike < np.where(named, _UNLIKE, _UNNAMED)))


def scores(found: Numbers) -> Numbers:
    """The log-odds that the documents of each pair tell of the same event, to 9 digits, from the features."""
    weights = _weights()
    certain: Numbers = np.round(np.clip((found * weights[:-1]).sum(axis=1) + weights[-1], LEAST_SURE, SUREST), 9)
    return certain


@lru_cache(maxsize=1)
def _weights() -> Numbers:
    read = json.loads((files(__package__) / "weights.json").read_text("utf-8"))
    return np.array([read[name] for name in (*NAMES, "bias")], dtype=np.float64)


def _batches(left: Places) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, len(left), _AT_ONCE))


def _features(
    fields: Fields, contrast: Contrast, hours: Numbers, left: Places, right: Places, ranks: Numbers
) -> Numbers:
    met = fields.text.meet(left, right)
    support, best = contrast.support(met, left, right)
    names, named, unnamed = _overlap(fields.names, left, right)
    numbers, numbered, unnumbered = _overlap(fields.numbers, left, right)
    text = np.sqrt(_cosine(fields.text, met, left, right))
    curved = [text, np.sqrt(contrast.cosine(met, left, right)), named, *_titles(fields, left, right), support]
    days = np.abs(hours[left] - hours[right]) / 24
    straight = [
        _covered(fields.text, met, left, right),
        np.log1p(met.total(fields.text.weights[met.left] * fields.text.weights[met.right])) / 10,
        best,
        np.log1p(names) / 5,
        unnamed,
        _overlap(fields.about, left, right)[1],
        numbered,
        np.log1p(numbers) / 5,
        unnumbered,
        np.log1p(ranks) / 3,
        np.log1p(np.minimum(fields.text.sums[left], fields.text.sums[right])) / 10,
        (fields.words[left] == 0).astype(np.float64) + (fields.words[right] == 0),
        (fields.title.sums[left] == 0) | (fields.title.sums[right] == 0),
        np.where(np.isnan(days), 0.0, days),
        np.isnan(days),
    ]
    squares, products = [part**2 for part in curved], [part * text for part in curved[1:]]
    told = np.column_stack([*curved, *squares, *products, *straight]).astype(np.float64)
    few = np.full((len(left), 1), np.exp(-len(hours) / _FEW))
    return np.hstack([told, few, told[:, _PLACES_OF_FEW] * few])


def _cosine(field: Field, met: Meeting, left: Places, right: Places) -> Numbers:
    shared = met.total(field.weights[met.left] * field.weights[met.right])
    return shared / positive(field.norms[left] * field.norms[right])


def _covered(field: Field, met: Meeting, left: Places, right: Places) -> Numbers:
    """How much of what the one says the other says too: the greater of both shares."""
    mine = met.total(field.weights[met.left]) / positive(field.sums[left])
    return np.maximum(mine, met.total(field.weights[met.right]) / positive(field.sums[right]))


def _titles(fields: Fields, left: Places, right: Places) -> tuple[Numbers, Numbers]:
    """How alike two titles are, and how much of both stands in the other's text."""
    title, text = fields.title, fields.text
    alike = np.sqrt(_cosine(title, title.meet(left, right), left, right))
    mine, its = title.meet(left, right, text), title.meet(right, left, text)
    found = mine.total(title.weights[mine.left]) + its.total(title.weights[its.left])
    return alike, found / positive(title.sums[left] + title.sums[right])


def _overlap(field: Field, left: Places, right: Places) -> tuple[Numbers, Numbers, Numbers]:
    """What two share, as a weight and as a share of the one with less; and whether both have some, but share none."""
    met = field.meet(left, right)
    shared = met.total(field.weights[met.left])
    fewest = np.minimum(field.sums[left], field.sums[right])
    return shared, shared / positive(fewest), ((fewest > 0) & (shared == 0)).astype(np.float64)
