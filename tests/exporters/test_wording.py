"""What all forms of an edition say alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.exporters.editions import dispositions, edition, item, link
from worker.edition import (
    Correction,
    Counts,
    Differing,
    Figure,
    Link,
    Proof,
    Standing,
    Verdict,
)
from worker.exporters import wording
from worker.model import Sentence, Span


@pytest.mark.parametrize(
    ("number", "dateline"),
    [
        (1, "Monday 23 November 2026"),
        (2, "Monday 23 November 2026, second edition"),
        (3, "Monday 23 November 2026, edition 3"),
    ],
)
def test_a_further_edition_says_so(number: int, dateline: str) -> None:
    """The day's first edition has no number, the others have."""
    assert wording.dateline(edition(number=number)) == dateline


@pytest.mark.parametrize(
    ("language", "dateline"),
    [
        ("en", "Monday 23 November 2026, 18:00"),
        ("de", "Montag, 23. November 2026, 18:00 Uhr"),
        ("fr", "lundi 23 novembre 2026, 18:00"),
        ("es", "lunes, 23 de noviembre de 2026, 18:00"),
    ],
)
def test_an_edition_of_a_time_says_which(language: str, dateline: str) -> None:
    """Where a digest has several times a day, its time says more than its number."""
    made = replace(edition(number=2), time="18:00", language=language)
    assert wording.dateline(made) == dateline


def test_an_edition_of_a_time_is_a_file_without_a_number() -> None:
    """Each time has a folder of its own."""
    made = edition(number=2)
    names = [wording.rendition(one, "text/html", "html", "").filename for one in (made, replace(made, time="18:00"))]
    assert names == ["digest-2.html", "digest.html"]


def test_the_counts_are_told_in_one_line() -> None:
    """Minutes, documents, repeats and stories, with thousands set apart."""
    long = item(quoted=[("word " * 460, 1)])
    counted = edition(long, item(), counts=Counts(182, 9000, 1204))
    assert wording.counts(counted) == ("2 min read · 182 documents read · 1,204 repeated sentences removed · 2 stories")


def test_one_of_a_kind_has_no_plural() -> None:
    """One document, one sentence, one story, and never less than a minute."""
    counted = edition(item(), counts=Counts(1, 2, 1))
    assert wording.counts(counted) == "1 min read · 1 document read · 1 repeated sentence removed · 1 story"


def test_the_account_names_what_was_left_out() -> None:
    """Each reason with its number, reasons that do not occur left away."""
    verdicts = [Verdict.told, Verdict.below_budget, Verdict.copy, Verdict.below_budget, Verdict.nothing_new]
    told = edition(account=dispositions(*verdicts))
    assert wording.account(told) == "Left out: 1 the same text as another, 1 nothing new, 2 for lack of room."
    assert wording.told(told) == (1, "told")


def test_every_verdict_is_accounted_for() -> None:
    """A verdict without wording would make documents vanish from the account."""
    every = edition(account=dispositions(*Verdict))
    assert sum(number for number, _ in [wording.told(every), *wording.left_out(every)]) == len(Verdict)


def test_nothing_left_out_is_said() -> None:
    """An account of told documents alone says so."""
    assert wording.account(edition(account=dispositions(Verdict.told))) == "Nothing was left out."


def test_the_subject_leads_with_the_lead() -> None:
    """The first headline, how many follow, the day; nothing follows a single one."""
    assert wording.subject(edition(item("A fire"), item(), item())) == "A fire +2 · Mon 23 Nov"
    assert wording.subject(edition(item("A\n fire"))) == "A fire · Mon 23 Nov"
    assert wording.subject(edition()) == "Nothing new · Mon 23 Nov"


@pytest.mark.parametrize("headline", ["word " * 30, "w" * 200, "a" * 54 + " b", "x" * 56, f"{'y' * 20}, {'z' * 40}"])
def test_a_long_headline_is_cut_at_a_word(headline: str) -> None:
    """At most 55 characters stay, and only whole words if there is more than one."""
    shown, _, _ = wording.subject(edition(item(headline))).partition(" · ")
    assert len(shown) <= 55 and shown.endswith("…")
    kept = shown.removesuffix("…")
    assert headline.startswith(kept)
    assert " " not in headline[:54] or headline[len(kept)] in " ,"


def test_a_headline_that_fits_is_whole() -> None:
    """Fifty-five characters are not cut."""
    assert wording.subject(edition(item("x" * 55))) == f"{'x' * 55} · Mon 23 Nov"


def test_sentences_are_cut_where_the_source_changes() -> None:
    """Neighbours from one document share a source; coming back to it makes a new quote."""
    mixed = item(quoted=[("One.", 1), ("Two.", 1), ("Three.", 2), ("Four.", 1)])
    told = [(quote.link.document, [s.text for s in quote.sentences]) for quote in wording.quotes(mixed)]
    assert told == [("d1", ["One.", "Two."]), ("d2", ["Three."]), ("d1", ["Four."])]


def test_also_names_three_that_are_not_quoted() -> None:
    """What is quoted is not "also", and beyond three only the number is told."""
    made = edition()
    many = item(links=[link(n) for n in range(1, 7)])
    shown, more = wording.also_shown(made, many)
    assert [way.document for way in shown] == ["d2", "d3", "d4"]
    assert more == "and 2 more"
    assert wording.also_shown(made, item(links=[link(n) for n in range(1, 5)]))[1] == ""


def test_also_names_an_outlet_once() -> None:
    """Its first document, in the order of the story; the others are counted."""
    ways = [link(1), *(link(n, outlet=outlet) for n, outlet in ((2, "a"), (3, "b"), (4, "a"), (5, "a")))]
    shown, more = wording.also_shown(edition(), item(links=ways))
    assert ([way.document for way in shown], more) == (["d2", "d3"], "and 2 more")


def test_words_are_counted_by_letters_where_no_space_ends_them() -> None:
    """2,400 Chinese letters are five minutes; a word of 100,000 letters is none."""
    assert wording.minutes(edition(item(quoted=[("雨下得很大。" * 480, 1)]))) == 5
    assert wording.words(edition(item(quoted=[("x" * 100_000, 1)]))) == 2500


def test_coverage_counts_outlets_once() -> None:
    """Two articles of one outlet are one source, and a single article needs no counting."""
    twice = item(links=[link(1), link(2, outlet="paper1.example")])
    assert wording.coverage(edition(), twice) == "2 articles, 1 source"
    assert wording.coverage(edition(), item()) == ""


def test_badges_tell_new_from_more() -> None:
    """A story told before says how much of it is new, and since when."""

    def badge(standing: Standing, since: date | None = None) -> str:
        story = replace(item(standing=standing), since=since)
        return wording.badge(edition(story), story)

    assert badge(Standing.new) == "New"
    assert badge(Standing.developing) == "More to a story told before"
    assert badge(Standing.developing, date(2026, 11, 22)) == "1 new sentence since yesterday"
    assert badge(Standing.developing, date(2026, 11, 18)) == "1 new sentence since Wednesday"
    assert badge(Standing.developing, date(2026, 11, 16)) == "1 new sentence since 16 November"
    assert badge(Standing.developing, date(2026, 11, 23)) == "1 new sentence since the last edition"


def test_stories_stand_under_their_sections() -> None:
    """The lead's first, then each as it first appears; without one, they are the top stories if they lead."""

    def sections(*names: str) -> list[tuple[str, list[str]]]:
        items = [replace(item(headline=name), section=name.strip("12")) for name in names]
        return [(name, [i.headline for i in those]) for name, those in wording.sections(edition(*items))]

    assert sections("Sea1", "", "Farm1", "Sea2") == [
        ("Sea", ["Sea1", "Sea2"]),
        ("Farm", ["Farm1"]),
        ("Other stories", [""]),
    ]
    assert sections("", "Sea1", "1") == [("Top stories", ["", "1"]), ("Sea", ["Sea1"])]
    assert sections() == []


def test_differing_figures_name_who_says_them() -> None:
    """Side by side, each with its outlet."""
    story = item(quoted=(("12 people are hurt.", 1), ("15 people are hurt.", 2)))
    one, two = story.summary.sentences
    marked = replace(story, differing=(Differing("people", (Figure("12", one), Figure("15", two))),))
    assert wording.differing(edition(), marked) == ["Figures differ: 12 (paper1.example), 15 (paper2.example) people"]
    assert wording.differing(edition(), story) == []


@pytest.mark.parametrize(
    ("day", "now", "said"),
    [
        (date(2026, 11, 22), "It is 15.", ("Yesterday we quoted:", "The source now says:")),
        (date(2026, 11, 18), "It is 15.", ("On Wednesday we quoted:", "The source now says:")),
        (date(2026, 11, 1), "", ("On 1 November we quoted:", "The source does not say so any more.")),
        (date(2026, 11, 23), "It is 15.", ("In the last edition we quoted:", "The source now says:")),
    ],
)
def test_a_correction_says_when_it_was_told(day: date, now: str, said: tuple[str, str]) -> None:
    """In the reader's own words for the day."""
    sentence = Sentence(now, Span("d1", 0, 0, len(now))) if now else None
    correction = Correction(link(1), "It is 12.", day, sentence, Proof("r", "c"))
    assert wording.corrected(edition(), correction) == said


def test_a_source_is_dated_unless_of_the_day() -> None:
    """Yesterday's source shows its day, last year's its year, an undated one nothing."""

    def dated(published: datetime | None) -> str:
        return wording.dated(edition(), Link("d", "o", "u", "t", published))

    assert dated(datetime(2026, 11, 23, 23, tzinfo=UTC)) == ""
    assert dated(datetime(2026, 11, 22, tzinfo=UTC)) == "22 November"
    assert dated(datetime(2022, 2, 7, tzinfo=UTC)) == "7 February 2022"
    assert dated(None) == ""


@pytest.mark.parametrize(
    ("of_the_document", "of_the_edition", "marked"),
    [("de", "en", "de"), ("en", "de", "en"), ("en", "en", ""), ("de", "de", ""), ("", "de", ""), ('de" x', "en", "")],
)
def test_a_language_is_marked_where_it_changes(of_the_document: str, of_the_edition: str, marked: str) -> None:
    """A document's is, unless it is unknown, or the edition's own."""
    way = replace(link(1), language=of_the_document)
    assert wording.foreign(replace(edition(), language=of_the_edition), way) == marked


@pytest.mark.parametrize(
    ("language", "badges"),
    [
        ("de", ["Neu", "1 neuer Satz seit gestern", "1 neuer Satz seit Mittwoch", "1 neuer Satz seit dem 1. November"]),
        (
            "fr",
            [
                "Nouveau",
                "1 nouvelle phrase depuis hier",
                "1 nouvelle phrase depuis mercredi",
                "1 nouvelle phrase depuis le 1er novembre",
            ],
        ),
        (
            "es",
            [
                "Nueva",
                "1 frase nueva desde ayer",
                "1 frase nueva desde el miércoles",
                "1 frase nueva desde el 1 de noviembre",
            ],
        ),
    ],
)
def test_a_badge_speaks_the_digests_language(language: str, badges: list[str]) -> None:
    """With the prepositions that it has."""
    made = replace(edition(), language=language)
    days = (date(2026, 11, 22), date(2026, 11, 18), date(2026, 11, 1))
    items = [item(), *(replace(item(standing=Standing.developing), since=day) for day in days)]
    assert [wording.badge(made, story) for story in items] == badges


@pytest.mark.parametrize(
    ("language", "subjects"),
    [
        ("de", ["A fire +1 · Mo., 23. Nov.", "Nichts Neues · Mo., 23. Nov."]),
        ("fr", ["A fire +1 · lun. 23 nov.", "Rien de nouveau · lun. 23 nov."]),
        ("es", ["A fire +1 · lun, 23 nov", "Nada nuevo · lun, 23 nov"]),
    ],
)
def test_a_subject_speaks_the_digests_language(language: str, subjects: list[str]) -> None:
    """But for the headline, which is its source's."""
    editions = edition(item("A fire"), item()), edition()
    assert [wording.subject(replace(made, language=language)) for made in editions] == subjects


@pytest.mark.parametrize(
    ("url", "web"),
    [
        ("https://a.example/", True),
        ("HTTP://A.EXAMPLE/", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        (" https://a.example/", False),
        ("//a.example/", False),
        ("", False),
    ],
)
def test_only_web_addresses_may_become_links(url: str, web: bool) -> None:
    """Whatever is not http or https stays text."""
    assert wording.is_web(url) is web


def test_an_address_holds_no_space_or_bracket() -> None:
    """What would end an address early is escaped; what is escaped already stays so."""
    assert wording.address("file:///a/b c>%20%zz\n.txt") == "file:///a/b%20c%3E%20%25zz%20.txt"
    assert wording.address("https://a.example/ü?x=[1]&y=(2)#z") == "https://a.example/ü?x=[1]&y=(2)#z"


def test_a_line_has_no_control_characters() -> None:
    """Escape sequences lose what makes them one, breaks become spaces, a no-break space stays."""
    assert wording.line("\x1b[31mred\x07\u2028 and\tblue\x9b\n«\xa0x\xa0» ") == "[31mred and blue «\xa0x\xa0»"
