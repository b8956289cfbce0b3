"""The manners of Unbury and of a loop around feedparser, in the same scenes: make manners."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.web.manners import SCENES, Scene
from tests.web.readers import Ours, Plain, Reader
from tests.web.stage import Stage

READERS: dict[str, Callable[[str], Reader]] = {"Unbury": lambda url: Ours(url, name=url), "feedparser": Plain}


def kept(scene: Scene, read: Callable[[str], Reader]) -> bool:
    with Stage() as stage:
        try:
            scene(stage, read)
        except Exception:  # noqa: BLE001  # whatever a library raises, the manner was not kept
            return False
    return True


def main() -> int:
    print(f"{'':48}{'Unbury':>8}{'feedparser':>12}")
    counts = dict.fromkeys(READERS, 0)
    for scene in SCENES:
        found = {name: kept(scene, read) for name, read in READERS.items()}
        for name in READERS:
            counts[name] += found[name]
        words = scene.__name__.replace("_", " ")
        print(f"{words:48}{_word(found['Unbury']):>8}{_word(found['feedparser']):>12}", flush=True)
    print(f"{f'of {len(SCENES)}':48}{counts['Unbury']:>8}{counts['feedparser']:>12}")
    return int(counts["Unbury"] != len(SCENES))


def _word(kept: bool) -> str:
    return "yes" if kept else "no"


if __name__ == "__main__":
    sys.exit(main())
