"""The licences of what Unbury needs, as their packages say them. `python -m tests.packaging.licences` writes docs/licences.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).parents[2] / "docs" / "licences.md"
#: All extras but Flower, which is a program of its own and brings Tornado (Apache-2.0) and humanize (MIT).
_EXTRAS: tuple[str, ...] = ("postgres", "serve")
#: What a package says of its licence in many words, or only in its files, in one.
_SHORT = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache Software License 2.0": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "LGPL-3.0": "LGPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "GPL 2.0/LGPL 2.1": "LGPL-2.1",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MPL 1.1": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
#: What only a Python before 3.11.3 needs.
_OLDER = {"async-timeout": "Apache-2.0"}
_HEAD = """# Licences of what Unbury needs

Written by `python -m tests.packaging.licences` from what the packages say of themselves: all that
`pip install 'unbury[postgres,serve]'` brings on Linux. Unbury itself is [Apache 2.0](../LICENSE). None of them is changed or copied into
Unbury; LGPL libraries are used as they are, and can be exchanged. The image and `requirements*.txt` have their versions and hashes.

| Package | Licence |
|---|---|
"""


def needed() -> dict[str, str]:
    """Each package that is needed here, and its licence."""
    found: dict[str, str] = {}
    waiting = [("unbury", _EXTRAS)]
    while waiting:
        name, extras = waiting.pop()
        try:
            about = distribution(name)
        except PackageNotFoundError:
            continue
        if name not in found or extras:
            found[name] = licence(about)
            waiting += [one for one in _needs(about, extras) if one[0] not in found]
    return {name: found[name] for name in sorted(found) if name != "unbury"}


def _needs(about: Distribution, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in about.requires or ():
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(one.name), tuple(one.extras)


def licence(about: Distribution) -> str:
    """What the package says of its licence, in one word if there is one."""
    if "License-Expression" in about.metadata:
        return about.metadata["License-Expression"]
    named = [line.rpartition(" :: ")[2] for line in about.metadata.get_all("Classifier") or () if "License ::" in line]
    free = about.metadata["License"].splitlines()[:1] if "License" in about.metadata else []
    found = [_SHORT.get(text, text) for text in named if text != "OSI Approved"] or [
        _SHORT.get(text, text) for text in free
    ]
    return " or ".join(sorted(set(found))) or "?"


def rows(page: str) -> dict[str, str]:
    """The packages and licences that a page has."""
    return dict(re.findall(r"^\| ([a-z0-9][a-z0-9-]*) \| (.+) \|$", page, re.MULTILINE))


def written() -> str:
    """The page."""
    return _HEAD + "".join(f"| {name} | {said} |\n" for name, said in (needed() | _OLDER).items())


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
