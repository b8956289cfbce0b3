"""Tolls: how many people an event hurt or killed, in whatever words; the figures that readers look at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_KINDS = {
    "hurt": "hurt injured injuring injures injure injuries wounded wounding blessé blessés blessée blessées "
    "verletzt verletzte verletzten herido heridos herida heridas",
    "dead": "dead killed killing kills kill died dies deaths fatalities mort morts morte mortes tué tués tuée tuées "
    "tot tote toten getötet muerto muertos muerta muertas",
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_PEOPLE = frozenset("people persons victims personnes menschen personen personas".split())
_NEAR = 4
_STOPS = frozenset(",;:.()!?")


def toll(tokens: Sequence[str], start: int, end: int) -> str:
    """The kind of toll, "hurt" or "dead", that the number from `start` up to the thing at `end` gives; else nothing.

    "15 dead", "15 people were killed", "killing 15 people"; nothing where both kinds stand near.
    """
    thing = tokens[end].casefold()
    if thing not in _PEOPLE and thing not in _KIND:
        return ""
    around = (*_before_stop(reversed(tokens[max(0, start - _NEAR) : start])), thing)
    kinds = {_KIND[word] for word in (*around, *_before_stop(tokens[end + 1 : end + 1 + _NEAR])) if word in _KIND}
    return kinds.pop() if len(kinds) == 1 else ""


def is_toll(thing: str) -> bool:
    """Whether what is counted is a toll."""
    return thing in _KINDS


def _before_stop(tokens: Iterable[str]) -> Iterator[str]:
    for token in tokens:
        if token in _STOPS:
            return
        yield token.casefold()
