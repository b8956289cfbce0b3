"""The edition as plain text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.exporters.editions import dispositions, edition, item, link
from worker.edition import Correction, Counts, Edition, Proof, Verdict
from worker.exporters.text import Text

LONG = "The car ferry Anna Brisk was taken out of service on Wednesday after a gearbox failed on the first crossing."


def text(edition: Edition) -> str:
    """What the form writes."""
    return Text().export(edition).parts[0].content


def test_an_edition_reads_as_designed() -> None:
    """The whole page: heading, stories with their tags and sources, account."""
    ferry = item(quoted=[(LONG, 1), ("It will take four days.", 1), ("Nobody was hurt.", 2)])
    assert text(edition(ferry, account=dispositions(Verdict.told, Verdict.copy))) == (
        "UNBURY — Monday 23 November 2026\n"
        "1 min read · 26 documents read · 31 repeated sentences removed · 1 story\n"
        "\n"
        "1. Ferry halted after gearbox fails   [NEW] 2 articles, 2 sources\n"
        "   The car ferry Anna Brisk was taken out of service on Wednesday after\n"
        "   a gearbox failed on the first crossing.\n"
        "   It will take four days.\n"
        "     -- paper1.example <https://paper1.example/a/1?b=1&c=2> [a1b2c3.1-2]\n"
        "   Nobody was hurt.\n"
        "     -- paper2.example <https://paper2.example/a/2?b=1&c=2> [a1b2c3.3]\n"
        "\n"
        "Every sentence is quoted word for word from the linked source.\n"
        "Left out: 1 the same text as another.\n"
    )


def test_an_edition_speaks_german() -> None:
    """The digest's own words; those of the sources stay as they are."""
    made = edition(item(), counts=Counts(1204, 9000, 1), account=dispositions(Verdict.told, Verdict.copy))
    assert text(replace(made, language="de")) == (
        "UNBURY — Montag, 23. November 2026\n"
        "1 Min. Lesezeit · 1.204 Dokumente gelesen ·\n"
        "1 wiederholter Satz entfernt · 1 Meldung\n"
        "\n"
        "1. Ferry halted after gearbox fails   [NEU]\n"
        "   The ferry was taken out of service on Wednesday.\n"
        "     -- paper1.example <https://paper1.example/a/1?b=1&c=2> [a1b2c3.1]\n"
        "\n"
        "Jeder Satz ist wörtlich aus der verlinkten Quelle zitiert.\n"
        "Nicht aufgenommen: 1 textgleich mit einem anderen.\n"
    )


def test_a_correction_reads_as_french_sets_it() -> None:
    """A space that does not break stands before the colon."""
    (now,) = item().summary.sentences
    correction = Correction(link(1), "It was Tuesday.", date(2026, 11, 22), now, Proof("r", "c"))
    written = text(replace(edition(), corrections=(correction,), language="fr"))
    assert "RECTIFICATIF  Nous citions hier\xa0:\n   It was Tuesday.\nLa source dit maintenant\xa0:\n" in written


def test_lines_fit_in_72_columns() -> None:
    """Only an address may be longer."""
    made = edition(*[item("A long headline " * 8, [(LONG * 3, 1)])] * 11)
    lines = text(made).splitlines()
    assert max(len(line) for line in lines if "<https://" not in line) <= 72


@pytest.mark.parametrize("word", ["x" * 100, "a-day-by-day-" * 8])
def test_a_word_is_never_broken(word: str) -> None:
    """However long, it stays as it was said, in headlines and in sentences."""
    said = f"{LONG} {word} it said."
    written = text(edition(item(said, [(said, 1)])))
    assert " ".join(written.split()).count(said) == 2


def test_an_address_is_never_broken() -> None:
    """However long, and with hyphens to break at, it stays in one piece."""
    url = "https://paper.example/" + "a-long-way-to-go-" * 20
    made = edition(item(links=[link(1, url), link(2, url + "also")]))
    assert f"<{url}> [a1b2c3.1]\n" in text(made) and f"also in paper2.example <{url}also>\n" in text(made)


def test_a_file_is_a_source_too() -> None:
    """What is no web address is shown as it is, spaces escaped."""
    made = edition(item(links=[link(1, "file:///in/a b.txt", "a b.txt")]))
    assert "-- a b.txt <file:///in/a%20b.txt> [a1b2c3.1]\n" in text(made)
