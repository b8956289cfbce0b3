"""Lines that stand in an article but do not tell it: bylines, credits, captions, invitations."""

from __future__ import annotations

import re

_CREDITS = re.compile(
    r"""^\W*(?:
        by\s+\w+(?:\W+\w+){0,6}\W*$
      | (?:additional\s+)?(?:reporting|writing|editing|research|translation)\s+by\b
      | (?:photos?|pictures?|image|video|graphic|file\s+photo|photograph)(?:\s+(?:by|credit|courtesy))?\s*(?::|\bby\b)
      | sign\s+up\b | subscribe\b | read\s+(?:more|also)\b | click\s+here\b | follow\s+\S+\s+on\b
      | (?:copyright\b | ©|all\s+rights\s+reserved)
      | correction\b\s*: | this\s+(?:story|article)\s+(?:has\s+been|was)\s+(?:updated|corrected)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTRIBUTED = re.compile(
    r"\b(?:contributed(?:\s+to\s+this\s+(?:report|story|article))?\W*$|reported\s+from\s+[A-Z]\S+(?:\s\S+){0,4}\W*$)"
)

_NEAR = 300  # characters from either end: what is further off is no credit, and looking there takes squares of time


def credit(text: str) -> bool:
    """Whether a sentence names who made the article, or invites to something, instead of telling."""
    return bool(_CREDITS.search(text[:_NEAR]) or _CONTRIBUTED.search(text[-_NEAR:]))
