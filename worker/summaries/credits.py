"""Lines that stand in an article but do not tell it: bylines, captions, what was embedded, invitations, corrections."""

from __future__ import annotations

import re
from functools import lru_cache

_CREDITS = re.compile(
    r"""^\W*(?:
        by\s+\w+(?:\W+\w+){0,6}\W*$
      | (?:additional\s+)?(?:reporting|writing|editing|research|translation)\s+by\b
      | (?:photos?|pictures?|image|video|graphic|file\s+photo|photograph|foto|fotos|crédit|credit|bild)
        (?:\s+(?:by|credit|courtesy|photo))?\s*(?::|\b(?:by|credit)\b)
      | (?:image|media|video)\s+caption\b | caption\s*: | photo\s+d\W?illustration\b | illustration\s*:
      | sign\s+up\b | subscribe\b | read\s+(?:more|also)\b | click\s+here\b | follow\s+\S+\s+on\b | follow\s+us\b
      | (?:watch|listen|related|see\s+also|more\s+on\s+this\s+story|share\s+this)\s*(?::|$)
      | (?:lire|voir)\s+aussi\b | [àa]\s+lire\b | abonnez\W?vous\b | inscrivez\W?vous\b | lesen\s+sie\b
      | lea\s+también\b
      | (?:copyright\b | ©|all\s+rights\s+reserved|tous\s+droits\s+réservés)
      | (?:corrections?|clarification|editor\W?s\W+note|correctif|korrektur)\b\s*(?::|\()
      | this\s+(?:story|article|version)\s+(?:has\s+been|was)\s+(?:updated|corrected)
      | an?\s+(?:earlier|previous)\s+version\s+of\s+this\b
      | (?:contact|e?mail)\s+(?:the\s+)?(?:writer|reporter|author|us)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNED = re.compile(r"^\W*(?:[Pp]ar|[Vv]on|[Pp]or|[Dd]i)(?:\s+[^\W\d_a-z][\w.'’-]*){1,4}\W*$")
_CONTRIBUTED = re.compile(
    r"\b(?:contributed(?:\s+to\s+this\s+(?:report|story|article))?\W*$|reported\s+from\s+[A-Z]\S+(?:\s\S+){0,4}\W*$)"
)
_ENDING = re.compile(r"contributed|reported\s+from")
_CAPTION = re.compile(
    r"(?:\b(?:AP|AFP|EPA|Reuters|Getty)\s*(?:Photo\b|Images\b|/\s?[A-Z])|\bfile\s+photo\b|\bhide\s+caption\b)\W*"
    r"(?:\S+\s*){0,6}$"
)

_EMBEDDED = re.compile(
    r"""\b(?:a\s+(?:post|photo|video)\s+shared\s+by|une\s+publication\s+partagée\s+par)\b[^()]{1,80}\(@
      | \bpic\.twitter\.com/\w | \(@\w+\)\s+\w+\.?\s+\d{1,2},?\s+\d{4}\W*$
      | \bcan\s+be\s+(?:found|seen|read|viewed|watched)\s+here\s+on\s+(?:you\s?tube|facebook|twitter|instagram|vimeo)\b
      | ^\W*(?:[@\#]\w+\s+){2}""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_POSTS = ("@", "#", "pic.twitter.com", "here on")

_NEAR = 300  # characters from either end: what is further off is no credit, and looking there takes squares of time
_ENDS = 120  # the same for what ends a caption


@lru_cache(maxsize=5_000)
def credit(text: str) -> bool:
    """Whether a sentence names who made the article, or invites to something, instead of telling."""
    begins = _CREDITS.match(text[:_NEAR]) or (len(text) < _NEAR and _SIGNED.match(text))
    contributed = _ENDING.search(text) and _CONTRIBUTED.search(text[-_NEAR:])
    return bool(begins or contributed or _CAPTION.search(text[-_ENDS:]) or _embedded(text))


def _embedded(text: str) -> bool:
    """Whether it is another site's post, or a way to one."""
    if not any(mark in text for mark in _OF_POSTS):
        return False
    return any(_EMBEDDED.search(part) for part in (text[:_NEAR], text[-_NEAR:]))
