"""What is wrapped around a sentence when it is passed on: labels, datelines, agencies, dots where it was cut."""

from __future__ import annotations

import re
from functools import lru_cache

_AGENCY = (
    r"(?:Thomson )?Reuters|A\.?F\.?P\.?|Agence France[- ]Presse|A\.?P\.?|(?:The )?Associated Press|U\.?P\.?I\.?|"
    r"Bloomberg(?: News)?|Xinhua|TASS|Interfax|ANSA|EFE|Europa Press|dpa|DPA|KNA|epd|APA|SDA|PTI|ANI|PA Media|Relaxnews"
)
_LABEL = re.compile(
    r"\W*(?:updated?(?: \d+)?|breaking(?: news)?|exclusive|live|watch|video|just in|urgent|alerte|en direct|exclusif|"
    r"vidéo|eilmeldung|última hora)\s*[:|]\s+|\W*update \d+-",
    re.IGNORECASE,
)
_PLACE = r"(?P<place>[^\W\d_][\w.'’ /-]{1,30}?)(?:,[^()–—]{1,30}?)?"
#: "LONDON, Nov 23 (Reuters) - ": the agency makes sure that it is one; else it is in capitals, "PARIS — ".
_DATELINES = (
    re.compile(rf"\W*(?:{_PLACE}\s*)?[(\[](?:{_AGENCY})[^()\[\]]{{0,12}}[)\]]\s*(?:[-–—:]+\s*|$)"),
    re.compile(r"\W*(?P<place>[^\W\d_a-zß-ÿ]+(?:[ .'’/-]+[^\W\d_a-zß-ÿ]+)*)\.?(?:,[^()–—:]{1,30}?)?\s+(?:--?|–|—)\s+"),
)
_CREDIT = re.compile(
    rf"(?:\s?[(\[](?:with )?(?:{_AGENCY})[)\]]|\s[-–—|/]+\s?(?:{_AGENCY})|"
    rf",? (?:according to|reports?|reported|selon|laut|según) (?:the )?(?:{_AGENCY})|"
    rf",? (?:the )?(?:{_AGENCY}) (?:reports|reported|says|said))[\s.]*$"
)
_CUT = re.compile(r"[\[(]?(?:\.\.\.+|…)[\])]?$")
#: No credit is longer; and a million dots are looked at once.
_TAIL = 60


@lru_cache(maxsize=20_000)
def bare(text: str) -> tuple[str, str]:
    """The place that a dateline names ("" if there is none), and the sentence without what is wrapped around it."""
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    place = ""
    for dateline in _DATELINES:
        if (found := dateline.match(text)) and found.end() < len(text):
            place, text = (found["place"] or "").casefold().strip(" ."), text[found.end() :]
            break
    text = text.rstrip()
    tail = _CREDIT.sub("", _CUT.sub("", text[-_TAIL:]))
    return place, text[:-_TAIL] + tail


def is_cut(text: str) -> bool:
    """Whether a sentence ends with the dots of one that was cut."""
    return _CUT.search(text.rstrip()[-_TAIL:]) is not None
