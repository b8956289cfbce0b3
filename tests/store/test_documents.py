"""Documents: the same adds nothing, a copy is marked, a change is a revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from worker.model import Document
from worker.pipeline import Recipe, read
from worker.queue import byhand
from worker.store import documents, readings
from worker.store.database import Database
from worker.text.identity import canonical, document, formerly, identity

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def made(url: str = "https://a.example/1", *paragraphs: str, title: str = "A title") -> Document:
    """A shuffled document."""
    return document(
        source="seeds",
        url=url,
        title=title,
        published=NOW,
        paragraphs=paragraphs or ("First things are told first.", "Then come the others."),
        language="en",
        shuffled=True,
    )


def added(database: Database, *given: Document) -> documents.Added:
    """What adding these documents came to."""
    with database.writing() as session:
        return documents.add(session, given, NOW)


def test_the_same_twice_adds_nothing(database: Database) -> None:
    """A document that came in before is unchanged, in the same call or a later one."""
    one = made()

    assert added(database, one, one) == documents.Added((one,), (), 1)
    assert added(database, one) == documents.Added((), (), 1)
    with database.reading() as session:
        assert documents.count(session) == (1, 1)


def test_a_changed_text_is_a_revision(database: Database) -> None:
    """Another text under a known address is a revision, and the newest; both at once say nothing new."""
    old, new = made(), made("https://a.example/1", "First things are told last.")
    added(database, old)

    assert added(database, new) == documents.Added((), (new,), 0)
    assert added(database, old, new) == documents.Added((), (), 2)
    with database.reading() as session:
        assert documents.count(session) == (1, 2)
        assert documents.newest(session, old.id) == new


def test_who_was_stored_under_an_older_form_of_his_address_is_found(database: Database) -> None:
    """What is canonical has changed: a guid finds him, and without one he is a copy of himself, which is not told."""
    url = "https://a.example/news?cid=101"
    old = replace(made(formerly(url)), names=(identity(formerly(url)), "a" * 24))
    assert old.url == "https://a.example/news"
    added(database, old)

    again = replace(made(canonical(url)), names=(identity(canonical(url)), "a" * 24))
    assert added(database, again) == documents.Added((), (), 1)
    without = replace(made(canonical(f"{url}2")), names=())
    assert added(database, without).new == (without,)
    with database.reading() as session:
        assert documents.copy_of(session, without) == old.id
        assert byhand.document(session, f"{url}2").id == without.id
        assert byhand.document(session, old.url).id == old.id


def test_a_text_that_comes_back_is_a_revision(database: Database) -> None:
    """Each time; told as it is, it is another answer of each digest's."""
    old, new = made(), made("https://a.example/1", "First things are told last.")
    added(database, old)
    added(database, new)
    seen = {old.revision, new.revision}
    for one in (old, new, old):
        [back] = added(database, one).revised
        assert replace(back, revision=one.revision) == one
        assert back.revision not in seen
        seen.add(back.revision)
        assert added(database, one, one) == documents.Added((), (), 2)
        with database.reading() as session:
            assert documents.newest(session, old.id) == back
            assert documents.copy_of(session, back) is None
            assert back in documents.get(session, [(back.id, back.revision)])
    with database.reading() as session:
        assert documents.count(session) == (1, 5)
        assert len(readings.unread(session, Recipe().id, ["daily"])) == 5


def test_what_another_source_still_says_is_no_return(database: Database) -> None:
    """Two sources that offer one address in two versions, at each look, do not take turns for ever."""
    mine, theirs = made(), replace(made("https://a.example/1", "First things are told last."), source="other")
    for _ in range(3):
        added(database, mine)
        added(database, theirs)
    with database.reading() as session:
        assert documents.count(session) == (1, 3)
        assert documents.newest(session, mine.id).paragraphs == mine.paragraphs
    third = replace(made("https://a.example/1", "Nothing is told."), source="other")
    assert added(database, mine, third).revised == (third,)
    with database.reading() as session:
        assert documents.newest(session, mine.id).revision == third.revision


def test_a_copy_is_a_document_of_its_own(database: Database) -> None:
    """The same text elsewhere is kept and marked, in whatever order its paragraphs stand."""
    one = made()
    two = made("https://b.example/2", *reversed(one.paragraphs), title="Another title")
    added(database, one, two)

    with database.reading() as session:
        assert documents.copy_of(session, two) == one.id
        assert documents.copy_of(session, one) is None
        assert documents.count(session) == (2, 2)


def test_a_document_comes_back_as_it_went_in(database: Database) -> None:
    """Store and load give an equal document, awkward characters included."""
    one = made("https://a.example/1", "Zoë said “no” — 𝒳 🚢.", "שלום.", title="Ünïcode")
    added(database, one)

    with database.reading() as session:
        assert documents.get(session, [(one.id, one.revision)]) == [one]


def test_a_reading_comes_back_as_it_went_in(database: Database) -> None:
    """Only places are stored, and the words are quoted from the document again."""
    one = made("https://a.example/1", "A ship came in at noon. It carried apples.", "A ship came in at noon. It left.")
    reading = read(one, Recipe())
    added(database, one)
    with database.writing() as session:
        readings.keep(session, [reading, reading])
    with database.reading() as session:
        [arrival] = readings.unaccounted(session, "daily", Recipe().id, None)

    assert arrival.reading == reading
    assert arrival.document == one


def test_what_is_not_read_is_known(database: Database) -> None:
    """A document counts as unread until there is a reading by that very recipe."""
    one = made()
    added(database, one)
    with database.writing() as session:
        assert readings.unread(session, Recipe().id, ["daily"]) == [(one.id, one.revision)]
        readings.keep(session, [read(one, Recipe())])
        assert readings.unread(session, Recipe().id, ["daily"]) == []
        assert readings.unread(session, Recipe(sentences=5).id, ["daily"]) == [(one.id, one.revision)]


def test_the_future_has_not_come_in_yet(database: Database) -> None:
    """With a horizon, what is dated later does not wait to be told; the undated is as old as its arrival."""
    dated, undated = made(), replace(made("https://a.example/2", "Nobody knows when."), published=None)
    added(database, dated, undated)
    with database.writing() as session:
        readings.keep(session, [read(dated, Recipe()), read(undated, Recipe())])
        assert not readings.waiting(session, "daily", Recipe().id, NOW)
        assert len(readings.unaccounted(session, "daily", Recipe().id, NOW.replace(hour=8))) == 2
