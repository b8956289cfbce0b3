"""What a digest says in its own words, in each of its languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from tests.builders import ROOT
from tests.exporters.editions import dispositions, edition, item, link
from worker.configuration.loading import load
from worker.edition import (
    Correction,
    Counts,
    Differing,
    Edition,
    Failure,
    Figure,
    Proof,
    Standing,
    Verdict,
)
from worker.errors import ConfigError
from worker.exporters.phrases import Phrases, phrases
from worker.exporters.text import Text
from worker.plugins import EXPORTERS, Exporter, forms
from worker.values import Language

LANGUAGES = get_args(Language)
OTHERS = [language for language in LANGUAGES if language != "en"]
#: All that people read as it is; a book is packed, and its chapters are tested beside it.
FORMS: list[Exporter] = [EXPORTERS.find(form)() for form in forms() if form not in ("epub", "json")]
#: What another language says as English does.
ON_PURPOSE = {"fr": {"articles", "sources"}}


def parts(phrase: str) -> set[str]:
    """The names of what is filled in."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name is not None}


def texts(phrase: str) -> list[str]:
    """What stands between its parts."""
    return [text for text, *_ in Formatter().parse(phrase)]


def said(language: Phrases) -> list[str]:
    """All that is said in a language."""
    forms = [form for plural in language.plurals.values() for form in plural]
    return [*language.phrases.values(), *forms, *language.weekdays, *language.months]


def pieces(phrase: str) -> list[str]:
    """What a phrase says itself between its parts, as far as it can be told from other words."""
    return [piece for text in texts(phrase) if len(piece := text.strip(" .:,+(")) > 3]


def visible(content: str) -> str:
    """What is read of a page, a note or a text, a space between words."""
    page = re.sub("<style>.*</style>|<[^>]*>", " ", content, flags=re.DOTALL)
    return " ".join(re.sub("^---\n.*?\n---\n", "", page, flags=re.DOTALL).split())


def test_each_language_has_a_catalogue() -> None:
    """Those that the settings allow, and no other."""
    catalogues = {path.stem for path in (ROOT / "worker" / "exporters" / "languages").glob("*.toml")}
    assert catalogues == set(LANGUAGES)
    assert [phrases(language).language for language in LANGUAGES] == list(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_no_phrase_is_missing(language: str) -> None:
    """A language says all that English says, and nothing else."""
    ours, english = phrases(language), phrases("en")
    assert ours.phrases.keys() == english.phrases.keys()
    assert ours.plurals.keys() == english.plurals.keys()


@pytest.mark.parametrize("language", OTHERS)
def test_no_phrase_is_left_untranslated(language: str) -> None:
    """What is said as in English is said so on purpose; a copy of en.toml fails here phrase by phrase."""
    ours, english = phrases(language), phrases("en")
    worded = {name: phrase for name, phrase in english.phrases.items() if any(map(str.isalpha, "".join(texts(phrase))))}
    same = {name for name, phrase in worded.items() if ours.phrases[name] == phrase}
    same |= {name for name, phrase in english.plurals.items() if ours.plurals[name] == phrase}
    assert same == ON_PURPOSE.get(language, set())


@pytest.mark.parametrize("language", OTHERS)
def test_a_phrase_has_the_parts_that_it_has_in_english(language: str) -> None:
    """Neither does one get lost, nor is one asked for that nobody fills in."""
    ours, english = phrases(language), phrases("en")
    for name, phrase in english.phrases.items():
        assert parts(ours.phrases[name]) == parts(phrase), name
    for name, (one, _) in english.plurals.items():
        assert [parts(form) for form in ours.plurals[name]] == [parts(one)] * 2, name


def test_there_is_every_phrase_that_is_asked_for() -> None:
    """In modules and in templates, also where no other test comes by."""
    folder, english = ROOT / "worker" / "exporters", phrases("en")
    written = "".join(
        path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.suffix in {".py", ".j2"}
    )
    asked = re.findall(r"\b(say|several)\([\w.]+, [\"'](\w+)[\"']", written)
    assert len(asked) > 30
    kinds = {"say": english.phrases, "several": english.plurals}
    assert [name for kind, name in asked if name not in kinds[kind]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_has_a_date_of_its_own(language: str) -> None:
    """All weekdays and months have names, none twice."""
    ours = phrases(language)
    assert [len(names) for names in (ours.weekdays, ours.short_weekdays, ours.months, ours.short_months)] == [
        7,
        7,
        12,
        12,
    ]
    days = [date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(365)]
    assert len({ours.long_date(day) for day in days}) == len({ours.day(day) for day in days}) == 365
    assert len({ours.short_date(day) for day in days}) == 365


@pytest.mark.parametrize(
    ("language", "long", "short", "plain"),
    [
        ("en", "Monday 23 November 2026", "Mon 23 Nov", "23 November"),
        ("de", "Montag, 23. November 2026", "Mo., 23. Nov.", "23. November"),
        ("fr", "lundi 23 novembre 2026", "lun. 23 nov.", "23 novembre"),
        ("es", "lunes, 23 de noviembre de 2026", "lun, 23 nov", "23 de noviembre"),
    ],
)
def test_a_day_is_written_as_its_language_writes_it(language: str, long: str, short: str, plain: str) -> None:
    """In full, in short for the subject, and without the weekday."""
    ours, day = phrases(language), date(2026, 11, 23)
    assert (ours.long_date(day), ours.short_date(day), ours.day(day)) == (long, short, plain)


@pytest.mark.parametrize(
    ("language", "first"),
    [("en", "1 March 2026"), ("de", "1. März 2026"), ("fr", "1er mars 2026"), ("es", "1 de marzo de 2026")],
)
def test_the_first_of_a_month_may_be_an_ordinal(language: str, first: str) -> None:
    """In French it is, and no other day: "1er mars", "2 mars"."""
    assert phrases(language).day(date(2026, 3, 1), year=True) == first
    assert phrases(language).day(date(2026, 3, 21)).startswith("21")


def test_english_dates_are_those_of_the_standard_library() -> None:
    """Every day of a year, whatever the machine's locale (the tests' is C)."""
    english = phrases("en")
    for day in (date.fromordinal(date(2026, 1, 1).toordinal() + number) for number in range(365)):
        assert english.long_date(day) == f"{day:%A} {day.day} {day:%B} {day.year}"
        assert english.short_date(day) == f"{day:%a} {day.day} {day:%b}"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["999", "1,204", "12,040", "1,204,000"]),
        ("de", ["999", "1.204", "12.040", "1.204.000"]),
        ("fr", ["999", "1\u202f204", "12\u202f040", "1\u202f204\u202f000"]),
        ("es", ["999", "1204", "12\u202f040", "1\u202f204\u202f000"]),
    ],
)
def test_thousands_are_set_apart_as_the_language_does(language: str, written: list[str]) -> None:
    """With a comma, a point, or a space at which no line breaks."""
    assert [phrases(language).number(number) for number in (999, 1204, 12_040, 1_204_000)] == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", ["0 stories", "1 story", "2 stories", "21 stories"]),
        ("de", ["0 Meldungen", "1 Meldung", "2 Meldungen", "21 Meldungen"]),
        ("fr", ["0 sujet", "1 sujet", "2 sujets", "21 sujets"]),
        ("es", ["0 noticias", "1 noticia", "2 noticias", "21 noticias"]),
    ],
)
def test_a_plural_is_where_the_language_has_one(language: str, written: list[str]) -> None:
    """None is many in most languages, and not in French."""
    assert [phrases(language).several("stories", number) for number in (0, 1, 2, 21)] == written


def test_a_language_that_no_digest_speaks_is_answered_in_english() -> None:
    """An edition of another version can be shown again, and no code leads to another file."""
    assert phrases("xx") == phrases("") == phrases("../languages/de") == phrases("en")


def test_settings_name_the_languages_that_there_are(tmp_path: Path) -> None:
    """One that there is not is refused with those that there are."""
    file = tmp_path / "unbury.toml"
    file.write_text('[digests.d]\nlanguage = "de"', encoding="utf-8")
    assert load(file, {}).settings.digests["d"].language == "de"
    file.write_text('[digests.d]\nlanguage = "xx"', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'digests\.d\.language' is 'xx', but should be ") as raised:
        load(file, {})
    assert re.findall(r"'(\w\w)'", raised.value.message.partition("should be")[2]) == list(LANGUAGES)


@pytest.mark.parametrize("place", ["docs/digest.md", "worker/settings.py"])
def test_what_lists_the_languages_lists_them_all(place: str) -> None:
    """The page and the setting's own sentence, in the order of the type."""
    assert f"own words: {', '.join(LANGUAGES)}." in (ROOT / place).read_text(encoding="utf-8")


@pytest.fixture
def everything() -> Edition:
    """An edition that has something of all that can be said. What sources say has no English in it."""
    ways = [replace(link(n), title="~", published=datetime(2025, 1, n, tzinfo=UTC)) for n in range(1, 9)]
    said = item("", [("12 ~.", 1), ("15 ~.", 2)], ways)
    one, two = said.summary.sentences
    told = replace(said, differing=(Differing("~", (Figure("12", one), Figure("15", two))),))
    since = [date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 18), date(2026, 11, 1)]
    older = [replace(told, standing=Standing.developing, since=day) for day in (None, *since)]
    corrections = [Correction(ways[0], "~", day, now, Proof("r", "c")) for day in since for now in (one, None)]
    made = edition(told, *older, counts=Counts(2000, 9000, 1), account=dispositions(*Verdict, Verdict.copy))
    failures = tuple(Failure(f"s{number}", "~") for number in range(5))
    return replace(made, title="~", failures=failures, corrections=tuple(corrections))


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_in_another_language(everything: Edition, language: str) -> None:
    """Whatever is said of an edition, in any form, is said in its language."""
    ours, english = phrases(language), phrases("en")
    own = f"{' '.join(said(ours))} {' '.join(ours.months)}"
    wrong = {piece for phrase in said(english) for piece in pieces(phrase) if piece not in own}
    assert len(wrong) > 40
    for made in (everything, replace(everything, number=2, items=()), replace(everything, items=(), corrections=())):
        for form in FORMS:
            rendition = form.export(replace(made, language=language))
            shown = f"{rendition.subject}\n{visible(rendition.parts[0].content)}"
            assert [piece for piece in wrong if re.search(rf"\b{re.escape(piece)}\b", shown, re.IGNORECASE)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_stranger_can_fill_in_a_phrase(everything: Edition, language: str) -> None:
    """What looks like a part to be filled in stays as it was said."""
    evil = "{0.__class__} {number} {} %s"
    made = replace(everything, language=language, failures=(Failure(evil, evil),))
    assert f"{evil} – {evil}" in " ".join(Text().export(made).parts[0].content.split())
