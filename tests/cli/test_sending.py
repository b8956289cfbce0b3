"""`unbury digest` by hand: look at the mail, send it to somebody, send it once more; and a dry run of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import ClassVar

import pytest

from tests.cli.desk import BELL, CONFIG, DAY, FERRY, Desk
from tests.sink import Sink, smtp_sink
from worker.model import Rendition, Subscriber
from worker.plugins import Passage
from worker.settings import Settings
from worker.web.access import Web

READERS = ("one@example.org", "two@example.org")


class Told:
    """A channel of one's own, which counts whom it told."""

    receipts: ClassVar[list[str]] = []

    def __init__(self, settings: Settings, web: Callable[[], Web]) -> None:
        """Nothing is set for it."""

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The address."""
        self.receipts.append(to.address)
        return [to.address]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server."""
    with smtp_sink() as made:
        yield made


@pytest.fixture
def mailing(desk: Desk, sink: Sink) -> Desk:
    """A desk with two readers, and something to tell them."""
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {sink.port}\nsecurity = "none"\nsender = "News <news@example.net>"\n'
    desk.configure(f"{CONFIG}subscribers = {list(READERS)}\n{smtp}")
    desk.seed("bell", *BELL)
    return desk


def reached(sink: Sink) -> list[str]:
    """Who got mail, in order of addresses."""
    return sorted(to for taken in sink.messages for to in taken.recipients)


def test_a_preview_makes_and_sends_nothing(mailing: Desk, sink: Sink) -> None:
    """The page shows what would be told; then the edition is still to be made."""
    mailing.call("ingest", "seeds")
    answer = mailing.call("digest", "--date", DAY, "--preview")
    page = Path(answer.out.strip()).read_text(encoding="utf-8")
    assert answer.code == 0
    assert BELL[0] in page
    assert "unsubscribe.invalid" not in page
    assert (mailing.written(), sink.messages) == ({}, [])
    assert mailing.call("run", "--date", DAY).code == 0
    assert reached(sink) == sorted(READERS)


def test_a_dry_run_says_who_would_get_what(mailing: Desk, sink: Sink) -> None:
    """Before it is made, and after."""
    mailing.call("ingest", "seeds")
    before = mailing.call("digest", "--date", DAY, "--dry-run").out
    assert (mailing.written(), sink.messages) == ({}, [])
    mailing.call("run", "--date", DAY)
    after = mailing.call("digest", "--date", DAY, "--dry-run").out
    assert before.startswith(f"not made yet: daily/{DAY}/1 (")
    assert after.replace("made:", "not made yet:", 1) == before
    for part in ("subject: Bell · Tue 8 Feb", "1 told", "mail: one@example.org, two@example.org", "archive: out"):
        assert part in before


def test_to_somebody_who_does_not_subscribe(mailing: Desk, sink: Sink) -> None:
    """The edition goes to this address only, once, and the second time it is said."""
    mailing.call("run", "--date", DAY)
    sink.messages.clear()
    answer = mailing.call("digest", "--date", DAY, "--to", "guest@example.com")
    assert answer.code == 0
    assert answer.out.startswith("mail guest@example.com: sent 250")
    assert reached(sink) == ["guest@example.com"]
    again = mailing.call("digest", "--date", DAY, "--to", "guest@example.com")
    assert again.code == 2
    assert "guest@example.com has it already: 250" in again.err
    assert "--resend" in again.err
    assert reached(sink) == ["guest@example.com"]


def test_to_somebody_once_more(mailing: Desk, sink: Sink) -> None:
    """Whoever lost it gets the same mail, with the same Message-ID."""
    mailing.call("run", "--date", DAY)
    answer = mailing.call("digest", "--resend", f"daily/{DAY}", "--to", READERS[0])
    assert answer.code == 0
    mine = [taken.content for taken in sink.messages if taken.recipients == (READERS[0],)]
    assert len(mine) == 2
    assert len({message_from_bytes(content, policy=policy.default)["Message-ID"] for content in mine}) == 1


def test_resend_goes_to_those_it_did_not_reach(mailing: Desk, sink: Sink) -> None:
    """One reader was refused: when that is mended, only this one gets it. Nothing is sent in a dry run."""
    sink.answers["RCPT"] = "550 5.1.1 no such user"
    assert mailing.call("run", "--date", DAY).code == 1
    assert reached(sink) == []
    sink.answers.clear()
    mailing.call("digest", "--resend", f"daily/{DAY}", "--to", READERS[1])
    dry = mailing.call("digest", "--resend", f"daily/{DAY}", "--dry-run")
    assert dry.out == f"mail {READERS[0]}: would be sent; failed so far\n"
    assert reached(sink) == [READERS[1]]
    assert mailing.call("digest", "--resend", f"daily/{DAY}", "--json").json["deliveries"][0]["status"] == "sent"
    assert reached(sink) == sorted(READERS)
    nobody = mailing.call("digest", "--resend", f"daily/{DAY}")
    assert nobody.out == f"daily/{DAY}/1 reached all whom it was for\n"


def test_resend_says_who_waits_why_and_until_when(mailing: Desk, sink: Sink) -> None:
    """A mail that is tried again by itself did not reach its reader."""
    sink.answers["RCPT"] = "451 later"
    mailing.call("run", "--date", DAY)
    said = mailing.call("digest", "--resend", f"daily/{DAY}").out.splitlines()
    assert said[0] == f"daily/{DAY}/1 waits to be sent; there is nothing to resend"
    for line, reader in zip(said[1:], READERS, strict=True):
        assert re.fullmatch(rf"mail {reader} waits: .*451 later.*; next try at \d\d:\d\d:\d\d", line)


def test_resend_says_that_it_was_for_nobody(desk: Desk) -> None:
    """An edition from before there were readers reached none."""
    desk.seed("bell", *BELL)
    desk.call("run", "--date", DAY)
    said = desk.call("digest", "--resend", f"daily/{DAY}").out
    assert said == f"daily/{DAY}/1 was for nobody by mail: --to ADDRESS sends it\n"


def test_a_dry_run_names_readers_who_came_later(mailing: Desk) -> None:
    """An edition that was made before there were readers shows those of now."""
    config = mailing.folder / "config" / "unbury.toml"
    readers = config.read_text(encoding="utf-8")
    mailing.configure(CONFIG)
    mailing.call("run", "--date", DAY)
    config.write_text(readers, encoding="utf-8")
    assert "mail: one@example.org, two@example.org" in mailing.call("digest", "--date", DAY, "--dry-run").out


def test_a_preview_answers_in_json(mailing: Desk) -> None:
    """With the file's place."""
    mailing.call("ingest", "seeds")
    found = mailing.call("digest", "--date", DAY, "--preview", "--json").json
    assert found["schema"] == 1
    assert BELL[0] in Path(found["preview"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--to", "nobody"), 2, "'nobody' cannot be written to"),
        (("--to", "a@b.example, c@d.example"), 2, "should be one e-mail address"),
        (("--to", "guest@example.com", "--date", "2022-02-07"), 1, "there is no edition 'daily/2022-02-07'"),
        (("--resend", "weekly/2022-02-08"), 1, "there is no edition 'weekly/2022-02-08'"),
        (("--resend", "daily/yesterday"), 1, "'yesterday' is no day"),
    ],
)
def test_what_cannot_be_sent_is_said(
    mailing: Desk, sink: Sink, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """In a sentence, and nothing is sent."""
    mailing.call("run", "--date", DAY)
    sink.messages.clear()
    day = () if {"--date", "--resend"} & set(arguments) else ("--date", DAY)
    answer = mailing.call("digest", *day, *arguments)
    assert answer.code == code
    assert said in answer.err
    assert sink.messages == []


def test_without_a_server_it_says_what_to_set(desk: Desk) -> None:
    """Exit code 3: the configuration lacks something."""
    desk.seed("ferry", *FERRY)
    desk.call("run", "--date", DAY)
    answer = desk.call("digest", "--date", DAY, "--to", "guest@example.com")
    assert answer.code == 3
    assert "smtp.host is not set" in answer.err


def test_a_dry_run_of_everything(mailing: Desk, sink: Sink) -> None:
    """It shows the edition that a run then makes, and keeps, writes and sends nothing."""
    dry = mailing.call("run", "--date", DAY, "--dry-run")
    assert dry.code == 0
    assert "nothing of this was kept" in dry.err
    assert (mailing.written(), sink.messages) == ({}, [])
    assert mailing.call("status", "--json").json["documents"] == 0
    assert mailing.call("run", "--date", DAY).out == dry.out
    assert reached(sink) == sorted(READERS)
    assert "Nothing new" in mailing.call("run", "--date", DAY, "--dry-run").out


def test_a_channel_of_its_own_gets_the_digest_and_no_dry_run(desk: Desk) -> None:
    """A second folder, say, with the forms that are asked for."""
    desk.configure('[digests.daily]\n[[digests.daily.channels]]\nkind = "files"\naddress = "copy"\n')
    desk.seed("ferry", *FERRY)
    assert desk.call("run", "--date", DAY, "--dry-run").code == 0
    assert not (desk.folder / "copy").exists()
    assert "written: copy/digest.txt" in desk.call("run", "--date", DAY).err
    assert [path.name for path in (desk.folder / "copy").iterdir()] == ["digest.txt"]


def test_two_channels_of_one_address_are_refused(desk: Desk) -> None:
    """They would be one delivery."""
    twice = '[[digests.daily.channels]]\nkind = "files"\naddress = "copy"\n' * 2
    desk.configure(f"[digests.daily]\n{twice}")
    answer = desk.call("run", "--date", DAY)
    assert answer.code == 3
    assert "two channels are 'files' with the address 'copy'" in answer.err


def test_options_are_masked(desk: Desk) -> None:
    """Nobody knows what a plug-in's settings hold."""
    desk.configure('[sources.own]\nkind = "feed"\nurl = "https://a.example/"\noptions = { token = "hunter2" }\n')
    shown = desk.call("config", "show").out
    assert "token" in shown
    assert "hunter2" not in shown


def test_without_mail_nothing_is_sent_by_any_other_way(desk: Desk) -> None:
    """Neither to a webhook nor by a channel of its own, now or later; what is only written is written."""
    channels = (
        '[[digests.daily.channels]]\nkind = "files"\naddress = "copy"\n'
        f'[[digests.daily.channels]]\nkind = "{__name__}:Told"\naddress = "somebody"\n'
    )
    desk.configure(f'{CONFIG}webhooks = ["team"]\n{channels}[webhooks.team]\nurl = "http://127.0.0.1:9/"\n')
    desk.seed("ferry", *FERRY)
    answer = desk.call("run", "--date", DAY, "--no-mail")
    assert (answer.code, "sent:" in answer.err) == (0, False)
    assert (desk.folder / "copy/digest.txt").exists()
    desk.configure(CONFIG + channels)
    assert desk.call("run", "--date", DAY).code == 0
    assert Told.receipts == []
    desk.seed("bell", *BELL)
    assert f"sent: 1 by {__name__}:Told" in desk.call("run", "--date", DAY).err
    assert Told.receipts == ["somebody"]


def test_a_dry_run_moves_no_files_aside(desk: Desk) -> None:
    """A folder from which files are taken away stays as it is."""
    desk.configure(
        '[sources.drop]\nkind = "files"\npath = "drop/*.txt"\ndone = "done"\n[digests.daily]\nzone = "UTC"\n'
    )
    desk.seed("bell", *BELL)
    (desk.folder / "seeds").rename(desk.folder / "drop")
    assert desk.call("run", "--dry-run").code == 0
    assert [path.name for path in (desk.folder / "drop").iterdir()] == ["bell.txt"]
    assert desk.call("run").code == 0
    assert [path.name for path in (desk.folder / "drop").iterdir()] == []


def test_a_broken_template_is_found_before_anything_is_made(mailing: Desk, sink: Sink) -> None:
    """By `unbury config check`, and by a run, which then does nothing: mended, it does all."""
    own = mailing.folder / "own"
    own.mkdir()
    (own / "mail.html.j2").write_text("<p>\n{% if %}\n", encoding="utf-8")
    config = mailing.folder / "config" / "unbury.toml"
    config.write_text(f'templates = "own"\n{config.read_text(encoding="utf-8")}', encoding="utf-8")
    for command in (("config", "check"), ("run", "--date", DAY)):
        answer = mailing.call(*command)
        assert answer.code == 3
        assert "own/mail.html.j2, line 2" in answer.err
    assert mailing.written() == {}
    (own / "mail.html.j2").write_text("<p>{{ edition.title }}</p>", encoding="utf-8")
    assert mailing.call("run", "--date", DAY).code == 0
    assert b"<p>Unbury</p>" in sink.messages[0].content


def test_a_dry_run_hands_out_nothing_that_was_put_off(mailing: Desk, sink: Sink) -> None:
    """A mail that waits for its next try waits on."""
    sink.answers["RCPT"] = "451 later"
    mailing.call("run", "--date", DAY)
    sink.answers.clear()
    mailing.call("run", "--date", DAY, "--dry-run")
    assert sink.messages == []
    mailing.call("run", "--date", DAY)
    assert reached(sink) == sorted(READERS)
