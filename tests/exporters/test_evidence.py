"""The evidence of a story: what is quoted is marked where it stands, and nothing else of the texts is touched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html

from tests.builders import FEW, MORNING, NEWS, anything, document, languages, paragraphs
from tests.exporters.editions import edition, item, link
from tests.exporters.week import week
from worker.edition import Differing, Edition, Figure, Item, Link, Proof
from worker.exporters.passages import passages
from worker.exporters.phrases import phrases
from worker.exporters.site import Site
from worker.exporters.timeline import timeline
from worker.model import Arrival, Document, Join, Sentence, Span, Summary
from worker.pipeline import Recipe, read
from worker.text.clean import cleaned

RECIPE = Recipe(ranker="luhn")


def arrived(came: Document) -> Arrival:
    """The document as it came in and was read."""
    return Arrival(came, read(came, RECIPE), MORNING)


def telling(quoted: Sequence[Sentence], *came: Document) -> Item:
    """A story that quotes the sentences out of the documents."""
    ways = [Link(one.id, f"{one.id[:4]}.example", one.url, one.title, one.published, one.language) for one in came]
    made = item("Headline", [("x", 1)], ways)
    revisions = {one.id: one.revision for one in came}
    proofs = tuple(Proof(revisions[one.span.document], "hash", place=1) for one in quoted)
    return replace(made, summary=Summary(tuple(quoted), "luhn"), proofs=proofs)


def shown(told: Edition, documents: Mapping[str, Arrival]) -> Any:
    """The page of the edition's first story, as a browser has it."""
    return html.document_fromstring(Site().evidence(told, documents)[0].parts[0].content)


def words(page: Any) -> str:
    """All that can be read of a page, its words one space apart."""
    return " ".join(page.text_content().split())


def of_ten(*extra: str) -> tuple[Document, Arrival, Item]:
    """A document of ten paragraphs, and the story that quotes the third."""
    came = document(*NEWS[:10], *extra, shuffled=False)
    arrival = arrived(came)
    return came, arrival, telling([arrival.reading.sentences[2]], came)


@pytest.mark.parametrize("of", [paragraphs, st.lists(anything, min_size=1, max_size=6)], ids=["news", "anything"])
@FEW
@given(data=st.data(), language=languages, shuffled=st.booleans())
def test_what_is_marked_is_what_is_quoted(
    of: st.SearchStrategy[list[str]], data: st.DataObject, language: str, shuffled: bool
) -> None:
    """Whatever the text: each mark says the sentence of its number, and stands at its very offsets; all paragraphs
    together are the document's, to the letter.
    """
    came = document(*map(cleaned, data.draw(of)), language=language, shuffled=shuffled)
    arrival = arrived(came)
    quoted = [one for one in arrival.reading.sentences if data.draw(st.booleans())][:5]
    assume(quoted)
    page = shown(edition(telling(quoted, came)), {came.id: arrival})
    rows = page.xpath("//details[@class='raw']//div[@class='row']/p[2]")
    assert [row.text_content() for row in rows] == list(came.paragraphs)
    for number, sentence in enumerate(quoted, 1):
        marks = page.xpath(f"//mark[@data-sentence='{number}']")
        assert [mark.text_content() for mark in marks] == [sentence.text] * 2
        row = rows[sentence.span.paragraph]
        before = "".join(row.xpath(f"text()[following-sibling::mark[@data-sentence='{number}']]"))
        others = [m for m in row.xpath("mark") if int(m.get("data-sentence")) != number]
        before += "".join(m.text_content() for m in others if row.index(m) < row.index(marks[1]))
        assert len(before) == sentence.span.start


@FEW
@given(paragraphs)
def test_every_sentence_has_one_place_to_go_to(said: list[str]) -> None:
    """#s1, #s2 and so on are there once, whether the text is kept, was forgotten, or is another version."""
    came = document(*said)
    arrival = arrived(came)
    told = edition(telling(arrival.reading.sentences[:4], came))
    other = arrived(replace(came, paragraphs=(*came.paragraphs[1:], "Something else.")))
    unread = replace(arrival, reading=replace(arrival.reading, sentences=(), repeats=()))
    for documents in ({came.id: arrival}, {}, {came.id: other}, {came.id: unread}):
        ids = shown(told, documents).xpath("//@id")
        assert len(ids) == len(set(ids))
        numbers = range(1, len(told.items[0].summary.sentences) + 1)
        assert {f"s{number}" for number in numbers} <= set(ids)


def test_a_text_is_shown_in_both_orders() -> None:
    """In the order found each sentence has the number of its paragraph; what was dropped is folded under what was kept."""
    came = document(NEWS[3], NEWS[0], NEWS[1], NEWS[0].replace("Monday after", "Monday because"), NEWS[0])
    arrival = arrived(came)
    page = shown(edition(telling(arrival.reading.sentences[:1], came)), {came.id: arrival})
    found = [one.span.paragraph + 1 for one in arrival.reading.sentences]
    assert page.xpath("//section[@class='text']/div/div/p[1]/span[1]/text()") == [f"Paragraph {n}" for n in found]
    assert page.xpath("//details[@class='again']/summary/text()") == ["told 3 times in this text"]
    likeness = page.xpath("//details[@class='again']/p/text()")
    assert len(likeness) == 2 and all(re.fullmatch(r"Again in paragraph [245], \d+% alike:", one) for one in likeness)
    assert any("100%" in one for one in likeness) and any("100%" not in one for one in likeness)
    assert "came in disorder" in words(page)


def test_only_a_text_that_came_in_disorder_is_said_to() -> None:
    """Two lines that stand as they came are not, though nobody vouched for their order."""
    came = document(NEWS[0])
    arrival = arrived(came)
    assert came.shuffled
    page = shown(edition(telling(arrival.reading.sentences[:1], came)), {came.id: arrival})
    assert "in its own order" in words(page)
    assert "came in disorder" not in words(page)


def test_a_repeated_paragraph_is_shown_once() -> None:
    """Each of its sentences says how often it is told; the paragraph that was dropped stands under the first."""
    came = document(f"{NEWS[0]} {NEWS[1]} {NEWS[2]}", NEWS[4], f"{NEWS[0]} {NEWS[1]} {NEWS[2]}", shuffled=False)
    arrival = arrived(came)
    page = shown(edition(telling(arrival.reading.sentences[:1], came)), {came.id: arrival})
    assert words(page).count("told 2 times in this text") == 3
    assert page.xpath("//details[@class='again']/blockquote/text()") == [came.paragraphs[2]]


def test_a_proof_says_what_can_be_checked() -> None:
    """The commands to ask with, both hashes, the place, the score, and who says it as well."""
    came, arrival, made = of_ten()
    proof = Proof("rev1", "cafe", place=3, repeats=2, said_by=("d2",), score=0.51239)
    made = replace(made, proofs=(proof,), links=(*made.links, link(2)))
    told = words(shown(edition(made), {came.id: arrival}))
    for said in ("unbury explain a1b2c3.1", "unbury verify 2026-11-23", "rev1", "cafe", "3 / 10", "0.512 (luhn)"):
        assert said in told
    assert "Also said by paper2.example" in told and "told 3 times in this text" in told


def test_figures_that_differ_stand_on_top() -> None:
    """As in the digest."""
    came, arrival, made = of_ten()
    (one,) = made.summary.sentences
    made = replace(made, differing=(Differing("people", (Figure("12", one), Figure("15", one))),))
    assert "Figures differ: 12" in words(shown(edition(made), {came.id: arrival}).xpath("//header")[0])


@pytest.mark.parametrize("kept", [False, True], ids=["not there", "without text"])
def test_a_forgotten_text_is_said_to_be(kept: bool) -> None:
    """Its sentences are still told, with their hashes; no text is made up, and no date."""
    came, arrival, made = of_ten()
    pruned = replace(arrival, document=replace(came, paragraphs=()), reading=replace(arrival.reading, sentences=()))
    page = shown(edition(made), {came.id: pruned} if kept else {})
    assert "This text was forgotten, as [retention] says." in words(page)
    assert page.xpath("//mark") == [] and page.xpath("//li[@id='s1']//blockquote/p/text()") == [NEWS[2]]
    assert "in its text" not in words(page)


def test_another_version_is_said_to_be_one() -> None:
    """What still stands is marked, what does not is not, and a sentence at another place is not either."""
    came, _, made = of_ten()
    changed = replace(came, revision="later", paragraphs=("Something new.", *came.paragraphs))
    page = shown(edition(made), {came.id: arrived(changed)})
    assert "another version of this text" in words(page) and page.xpath("//mark") == []
    kept = replace(came, revision="later", paragraphs=(*came.paragraphs, "Something new."))
    page = shown(edition(made), {came.id: arrived(kept)})
    assert "another version of this text" in words(page) and len(page.xpath("//mark")) == 2


def test_a_story_says_how_it_came_together() -> None:
    """Its first document, whom the next one is like and why, whose text is given again; each with its outlet and time."""
    ways = [link(n) for n in (1, 2, 3)]
    made = item("A fire", [("It burnt.", 1)], ways)
    joins = (Join("d1"), Join("d2", "d1", "shared names Odda"), Join("d3", "d2", "the same text", reprint_of="d2"))
    made = replace(made, story=replace(made.story, joins=joins))
    page = shown(edition(made), {})
    listed = [words(one) for one in page.xpath("//ol[@class='sources']/li")]
    assert listed == [
        "Title 1 paper1.example, 23 November, 05:47 quoted The first of the story",
        "Title 2 paper2.example, 23 November, 05:47 Nearest to “Title 1” (paper1.example): shared names Odda",
        "Title 3 paper3.example, 23 November, 05:47 Gives the text of “Title 2” (paper2.example) again",
    ]
    assert page.xpath("//span[@lang='en']/text()") == ["shared names Odda"]


def test_a_document_of_an_earlier_edition_is_named_if_it_is_known() -> None:
    """By its title where it is among the documents, or else by its id."""
    came, arrival, made = of_ten()
    before = replace(
        arrived(document("Older.", url="https://x.example/old", title="The older one")), reading=arrival.reading
    )
    story = replace(made.story, documents=("f00d" * 6, before.document.id, came.id))
    page = shown(edition(replace(made, story=story)), {came.id: arrival, before.document.id: before})
    listed = [words(one) for one in page.xpath("//ol[@class='sources']/li")]
    assert "Document f00df0 of an earlier edition unbury why f00df0" in listed[0]
    assert "The older one x.example, 20 November, 07:00" in listed[1]


def test_a_time_is_the_readers_and_midnight_is_none() -> None:
    """An hour is that of the digest's zone; a source that gave a day only is told with a day only, and the right one."""
    ways = [
        replace(link(1), published=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        replace(link(2), published=datetime(2025, 11, 22, tzinfo=UTC)),
        replace(link(3), published=None),
    ]
    made = replace(edition(item("A fire", [("It burnt.", 1)], ways)), zone="Pacific/Auckland")
    listed = words(shown(made, {}).xpath("//ol[@class='sources']")[0])
    for said in ("paper1.example, 23 November, 12:30", "paper2.example, 22 November 2025 ", "paper3.example, no date"):
        assert said in listed


def test_a_long_text_is_cut_around_what_is_quoted() -> None:
    """Three million characters make a page of a few; what is left out is counted, and nothing quoted is lost."""
    many = [f"Sentence {number} of many says that {number} boats came in." for number in range(55_000)]
    came = document(*(" ".join(many[at : at + 11]) for at in range(0, len(many), 11)), shuffled=False)
    assert sum(map(len, came.paragraphs)) > 2_500_000
    own = [Sentence(text, Span(came.id, at, 0, len(text))) for at, text in enumerate(came.paragraphs)]
    reading = replace(arrived(document("x.")).reading, sentences=tuple(own))
    page = shown(edition(telling([own[100], own[4000]], came)), {came.id: Arrival(came, reading, MORNING)})
    assert len(html.tostring(page)) < 100_000
    for rows, kind in (
        (page.xpath("//section[@class='text']/div[@class='rows']")[0], "sentences"),
        (page.xpath("//details[@class='raw']")[0], "paragraphs"),
    ):
        hidden = sum(int(n.replace(",", "")) for n in re.findall(rf"\[([0-9,]+) {kind} not shown\]", words(rows)))
        assert hidden + len(rows.xpath(".//div[@class='row']")) == len(own)
        assert [mark.text for mark in rows.xpath(".//mark")] == [own[100].text, own[4000].text]


def test_a_long_paragraph_is_cut_around_what_is_quoted() -> None:
    """One of a million characters, too; what is shown and what is counted are together as long as it is."""
    text = "x" * 400_000 + NEWS[0] + "y" * 400_000 + NEWS[1] + "z" * 200
    came = document(text, shuffled=False)
    quoted = {
        n: Sentence(one, Span(came.id, 0, text.index(one), text.index(one) + len(one)))
        for n, one in enumerate(NEWS[:2], 1)
    }
    reading = replace(arrived(document("x.")).reading, sentences=(Sentence(text, Span(came.id, 0, 0, len(text))),))
    found = passages(phrases("en"), Arrival(came, reading, MORNING), quoted, 60_000)
    (row,) = found.came
    hidden = sum(int(re.sub("[^0-9]", "", piece.gap)) for piece in row.pieces if piece.gap)
    assert hidden + sum(len(piece.text) for piece in row.pieces) == len(text) and hidden > 790_000
    assert {piece.number: piece.text for piece in row.pieces if piece.number} == {1: NEWS[0], 2: NEWS[1]}
    assert found.only_as_it_came == {1, 2} and sum(len(p.text) for p in found.ordered[0].pieces) <= 1000


def test_a_story_of_many_documents_lists_some() -> None:
    """A hundred and those that are quoted; the others are counted, and all of them are in the picture."""
    ways = [replace(link(n), published=MORNING + timedelta(minutes=n)) for n in range(1, 301)]
    made = item("A fire", [("It burnt.", 250)], [ways[249], *ways[:249], *ways[250:]])
    made = replace(made, story=replace(made.story, documents=tuple(way.document for way in ways)))
    page = shown(edition(made), {})
    assert len(page.xpath("//ol[@class='sources']/li")) == 101
    assert "and 199 more documents, not listed" in words(page)
    assert page.xpath("//svg/@aria-label") == ["300 articles from 20 November, 07:01 to 20 November, 12:00"]


def test_the_picture_shows_every_document() -> None:
    """As high as there are many at a time, quoted ones below the others, from the first to the last."""
    hours = [(0, False), (0, True), (0, False), (5, False), (10, True)]
    found = timeline([(MORNING + timedelta(hours=hour), quoted) for hour, quoted in hours])
    assert found is not None and found.documents == 5
    bars = [(bar.x, bar.height, bar.quoted) for bar in found.bars]
    assert bars == [(1, "24.0", False), (1, "12.0", True), (321, "12.0", False), (631, "12.0", True)]
    assert [float(bar.y) + float(bar.height) for bar in found.bars] == [25, 37, 37, 37]
    assert timeline([(MORNING, True), (MORNING, False)]) is None and timeline([]) is None
    crowd = timeline([(MORNING + timedelta(minutes=n // 50), False) for n in range(5000)])
    assert crowd is not None and crowd.height < 80 and len(crowd.bars) <= 64


def test_the_sample_week_marks_all_it_quotes() -> None:
    """Three days of a real digest: every sentence of every story is found in its text, in both orders."""
    for told, documents in week():
        for made, page in zip(told.items, Site().evidence(told, documents), strict=True):
            seen: Any = html.document_fromstring(page.parts[0].content)
            marks = {(mark.get("data-sentence"), mark.text) for mark in seen.xpath("//mark")}
            quoted = {(str(n), one.text) for n, one in enumerate(made.summary.sentences, 1)}
            assert marks == quoted and len(seen.xpath("//mark")) == 2 * len(quoted)
