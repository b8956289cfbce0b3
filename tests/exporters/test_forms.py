"""What holds for every form of an edition."""

from __future__ import annotations

import html
import io
import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MANY, ROOT
from tests.exporters.editions import edition, item
from worker.edition import Edition, Standing
from worker.plugins import EXPORTERS, Exporter, forms
from worker.text.clean import cleaned

#: All that people read, so that a new one is tried at once; those that are for programs are tested beside them.
FORMS: dict[str, Exporter] = {form: EXPORTERS.find(form)() for form in forms()}
READ = [form for form in FORMS if form != "json"]
_MEDIA_TYPES = {
    "atom": "application/atom+xml",
    "epub": "application/epub+zip",
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "txt": "text/plain",
}
SAID = (
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=300)
    .map(cleaned)
    .filter(lambda text: any(map(str.isalnum, text)))
)


def content(form: str, edition: Edition) -> str:
    """The one part's content; that of a book's files, one after the other."""
    (part,) = FORMS[form].export(edition).parts
    if not part.packed:
        return part.content
    with zipfile.ZipFile(io.BytesIO(part.packed)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def told(form: str, edition: Edition) -> str:
    """What a reader of the form reads, its words one space apart."""
    written = content(form, edition)
    if form == "atom":
        written = html.unescape(re.sub("<[^>]*>", " ", written))
    if form in ("atom", "epub", "html"):
        written = html.unescape(re.sub("<[^>]*>", " ", written))
    elif form == "markdown":
        written = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", written)
    elif form == "json":
        stories = json.loads(written)["sections"][0]["stories"]
        written = " ".join(said["text"] for story in stories for said in story["sentences"])
    return " ".join(written.split())


@pytest.mark.parametrize("form", FORMS)
@MANY
@given(sentences=st.lists(SAID, min_size=1, max_size=3), headline=SAID)
def test_every_sentence_is_in_every_form(form: str, sentences: list[str], headline: str) -> None:
    """Whatever was quoted is found again word for word, and so is the headline."""
    quoted = [(text, number) for number, text in enumerate(sentences)]
    reading = told(form, edition(item(headline, quoted)))
    for said in sentences if form == "json" else [*sentences, headline]:
        assert " ".join(said.split()) in reading


@pytest.mark.parametrize("form", FORMS)
def test_the_docs_show_each_form(form: str) -> None:
    """A file for each in the table of docs/digest.md."""
    made = FORMS[form].export(edition())
    table = (ROOT / "docs" / "digest.md").read_text(encoding="utf-8").partition("## Forms")[2].partition("\n## ")[0]
    assert f"| `2026-11-23/{made.filename}` |" in table


@pytest.mark.parametrize("form", FORMS)
def test_a_rendition_is_one_file(form: str) -> None:
    """One part with its media type, a name of its own for each edition, one newline at the end."""
    once, again = (FORMS[form].export(edition(item(), number=number)) for number in (1, 2))
    stem, _, suffix = once.filename.partition(".")
    assert (stem, again.filename) == ("digest", f"digest-2.{suffix}")
    assert once.edition == "edition-id" and once.subject.startswith("Ferry halted")
    assert [part.media_type for part in once.parts] == [_MEDIA_TYPES[suffix]]
    assert content(form, edition(item())).endswith("\n")
    assert not content(form, edition(item())).endswith("\n\n")


@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_a_reader_sees_no_clock(form: str) -> None:
    """An edition made an hour later reads the same: only JSON shows when it was made."""
    made = edition(item())
    later = replace(made, at=made.at + timedelta(hours=1))
    assert content(form, made) == content(form, later)
    assert content("json", made) != content("json", later)


@pytest.mark.parametrize("form", READ)
def test_a_reader_learns_what_kind_of_news_it_is(form: str) -> None:
    """New stories, further ones, the counts and a second edition are told in every form that is read."""
    made = edition(item(), item("More", standing=Standing.developing), number=2)
    reading = told(form, made).lower()
    assert "more to a story told before" in reading and "new" in reading
    assert "1 min read · 26 documents read · 31 repeated sentences removed · 2 stories" in reading
    assert "monday 23 november 2026, second edition" in reading
    assert "every sentence is quoted word for word from the linked source." in reading


@pytest.mark.parametrize("form", FORMS)
def test_an_edition_without_stories_has_every_form(form: str) -> None:
    """A day with nothing new is told as such, not with a crash."""
    written = content(form, edition())
    assert '"stories": []' in written if form == "json" else "Nothing new today." in written


@pytest.mark.parametrize("form", FORMS)
def test_a_lone_surrogate_stops_no_form(form: str) -> None:
    """Half a character cannot be stored, but if it ever is, the edition can still be written."""
    broken = edition(item("Half \ud83d a face", [("A sentence with \udc00 in it.", 1)]))
    assert b"sentence" in content(form, broken).encode()


@pytest.mark.parametrize("form", READ)
def test_no_form_that_is_read_has_control_characters(form: str) -> None:
    """Not even one that slipped through the border reaches a terminal."""
    evil = "\x1b]0;owned\x07 \x9b2J \x00 \x85 \r over"
    made = edition(item(f"Head {evil}", [(f"Said {evil}", 1)]), title=f"Title {evil}")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", content(form, made))


def test_another_process_writes_the_same_bytes() -> None:
    """Neither the seed of hashes nor the locale or time zone changes a byte."""
    program = (
        "import sys, pickle\n"
        "from worker.plugins import EXPORTERS\n"
        "edition = pickle.load(sys.stdin.buffer)\n"
        "for form in sys.argv[1:]:\n"
        "    (part,) = EXPORTERS.find(form)().export(edition).parts\n"
        "    sys.stdout.buffer.write(part.packed or part.content.encode())\n"
    )
    made = edition(item(quoted=[("One.", 1), ("Two.", 2)]))
    written = [
        subprocess.run(
            [sys.executable, "-c", program, *FORMS],
            input=pickle.dumps(made),
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "LC_ALL": "C",
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
        ).stdout
        for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York"))
    ]
    parts = [FORMS[form].export(made).parts[0] for form in FORMS]
    assert written[0] == written[1] == b"".join(part.packed or part.content.encode() for part in parts)
