"""The conversation with a mail server: what is certain, what is to be tried again, and the one doubt."""

from __future__ import annotations

import gc
import os
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from tests.builders import offline
from tests.delivery.test_letter import READER, TO, renditions
from tests.sink import DROP, Sink, smtp_sink
from worker.delivery import connections
from worker.delivery.connection import explained
from worker.delivery.letter import letter
from worker.delivery.mail import Mail
from worker.delivery.smtp import Conversation
from worker.errors import DeliveryDoubtful, DeliveryFailed, DeliveryRefused, JobLost
from worker.model import Subscriber
from worker.settings import Settings, SmtpSettings


class Passage:
    """Remembers its marks."""

    def __init__(self, kept: bytes = b"") -> None:
        self.kept = kept
        self.marks: list[str] = []

    def keep(self, packed: bytes) -> None:
        """Remember."""
        self.kept = packed
        self.marks.append("keep")

    def crossing(self) -> None:
        """Remember."""
        self.marks.append("crossing")


def smtp(sink: Sink, **more: object) -> SmtpSettings:
    """The settings that lead to a sink."""
    return SmtpSettings.model_validate({"host": "127.0.0.1", "port": sink.port, "security": "none", **more})


def deliver(sink: Sink, passage: Passage, to: str = READER) -> list[str]:
    """Send a mail."""
    mail = Mail(Settings(smtp=smtp(sink)), offline)
    return list(mail.deliver(renditions(), Subscriber("mail", to, ("text", "html")), passage))


def test_a_mail_arrives_as_it_was_packed() -> None:
    """One recipient, the kept bytes, dots and all; the marks come in order."""
    with smtp_sink() as sink:
        passage = Passage()
        [receipt] = deliver(sink, passage)

    [taken] = sink.messages
    assert taken.recipients == (READER,)
    assert taken.content.replace(b"\r\n", b"\n") == passage.kept.replace(b"\r\n", b"\n")
    assert passage.marks == ["keep", "crossing"]
    assert receipt.startswith("250 ")


def test_what_was_kept_is_sent_again_unchanged() -> None:
    """Even if the edition would be packed otherwise today."""
    kept = letter(renditions("Yesterday's title"), "Unbury <old@example.com>", TO)
    with smtp_sink() as sink:
        deliver(sink, Passage(kept))
    assert b"Yesterday's title" in sink.messages[0].content


@pytest.mark.parametrize("at", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(("answer", "error"), [("451 later", DeliveryFailed), ("550 never", DeliveryRefused)])
def test_an_answer_is_certain(at: str, answer: str, error: type[DeliveryFailed]) -> None:
    """4xx is tried again, 5xx never; both at the final dot as well, for the server has answered."""
    with smtp_sink() as sink:
        sink.answers[at] = answer
        with pytest.raises(DeliveryFailed, match=answer) as failed:
            deliver(sink, Passage())
    assert type(failed.value) is error
    assert sink.messages == []


@pytest.mark.parametrize("at", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_line_lost_before_the_dot_is_certain(at: str) -> None:
    """Without the dot no server keeps a mail."""
    with smtp_sink() as sink:
        sink.answers[at] = DROP
        with pytest.raises(DeliveryFailed) as failed:
            deliver(sink, Passage())
    assert type(failed.value) is DeliveryFailed
    assert sink.messages == []


@pytest.mark.parametrize("at", ["DOT", "DOT-LATE"])
def test_a_line_lost_after_the_dot_is_the_doubt(at: str) -> None:
    """Taken or not, nobody heard: the only window there is."""
    with smtp_sink() as sink:
        sink.answers[at] = DROP
        with pytest.raises(DeliveryDoubtful):
            deliver(sink, Passage())
    assert len(sink.messages) == (at == "DOT-LATE")


@pytest.mark.parametrize("answer", ["200 message accepted", "254 queued", "235 done"])
def test_the_first_digit_decides_whether_a_mail_was_taken(answer: str) -> None:
    """RFC 5321, 4.3.2: a server may say yes in words of its own, and is not sent the mail again."""
    with smtp_sink() as sink:
        sink.answers["DOT"] = answer
        assert deliver(sink, Passage())[0].startswith(answer)


@pytest.mark.parametrize("answer", ["garbage without a code", "354 go on", "199 hm", "600 what"])
def test_an_answer_to_the_dot_that_is_none_is_a_doubt(answer: str) -> None:
    """It may have been taken, so it is counted; and nothing more is said on that line."""
    with smtp_sink() as sink:
        mail = pooled(sink)
        sink.once.append(("DOT", answer))
        with pytest.raises(DeliveryDoubtful, match=answer[-5:]):
            send(mail)
        send(mail)
        assert (sink.lines, len(sink.messages)) == (2, 1)


def test_lines_that_begin_with_a_dot_arrive_as_they_are() -> None:
    """A lone one would end the mail, and what follows would be taken for commands."""
    kept = b"Subject: Dots\r\n\r\n.\r\n.hidden\r\n..two\r\nQUIT\r\n.\r\nend\r\n"
    with smtp_sink() as sink:
        deliver(sink, Passage(kept))
    assert [taken.content for taken in sink.messages] == [kept]


def test_who_lost_the_job_sends_nothing() -> None:
    """The last look before the dot: if another has the job, the line is closed without it."""

    class Lost(Passage):
        def crossing(self) -> None:
            raise JobLost("taken over")

    with smtp_sink() as sink, pytest.raises(JobLost):
        deliver(sink, Lost())
    assert sink.messages == []


def test_nobody_there_is_said() -> None:
    """No server, no host."""
    with smtp_sink() as sink:
        pass
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        deliver(sink, Passage())
    with pytest.raises(DeliveryFailed, match="no server takes the mail"):
        Mail(Settings(), offline).deliver(renditions(), Subscriber("mail", READER, ()), Passage())


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_is_never_in_the_transcript() -> None:
    """Neither as it is nor encoded, whether the login works or not."""
    import base64

    with smtp_sink(login=("digest", "canary-7")) as sink:
        for password in ("canary-7", "canary-8"):
            settings = smtp(sink, user="digest", password=SecretStr(password))
            conversation = Conversation(settings)
            if password == "canary-7":
                conversation.send(letter(renditions(), settings.sender, TO), READER, lambda: None)
            else:
                with pytest.raises(DeliveryFailed, match="refuses the login"):
                    conversation.send(b"", READER, lambda: None)
            said = "\n".join(conversation.transcript)
            assert "canary" not in said
            assert base64.b64encode(b"\0digest\0" + password.encode()).decode() not in said
            assert "S: 250" in said
    assert len(sink.messages) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_may_have_any_letters() -> None:
    """RFC 4616: it goes out as UTF-8."""
    with smtp_sink(login=("jürgen", "geheim-ä-密")) as sink:
        Conversation(smtp(sink, user="jürgen", password=SecretStr("geheim-ä-密"))).reach()
        with pytest.raises(DeliveryFailed, match="refuses the login"):
            Conversation(smtp(sink, user="jürgen", password=SecretStr("geheim-a"))).reach()


def pooled(sink: Sink, **more: object) -> Mail:
    """The way of many mails."""
    return Mail(Settings(smtp=smtp(sink, **more)), offline)


def send(mail: Mail, number: int = 0) -> list[str]:
    """One of them."""
    to = Subscriber("mail", f"reader{number}@example.net", ("mail",), TO.unsubscribe)
    return mail.deliver(renditions(), to, Passage())


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_many_mails_go_over_one_line() -> None:
    """Greeted and logged in once, RSET between, QUIT at the end."""
    with smtp_sink(login=("digest", "canary-7")) as sink:
        mail = pooled(sink, user="digest", password=SecretStr("canary-7"))
        for number in range(5):
            send(mail, number)
        assert (sink.lines, sink.seen.count("EHLO"), sink.seen.count("RSET")) == (1, 1, 4)
        assert "QUIT" not in sink.seen
        del mail
        gc.collect()
        assert sink.seen[-1] == "QUIT"
    assert len({taken.recipients for taken in sink.messages}) == 5


def test_a_line_is_renewed_after_a_hundred_mails() -> None:
    with smtp_sink() as sink:
        mail = pooled(sink)
        for number in range(101):
            send(mail, number)
        assert (sink.lines, len(sink.messages), sink.seen.count("QUIT")) == (2, 101, 1)


def test_a_line_that_was_idle_for_long_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_sink() as sink:
        mail = pooled(sink)
        send(mail)
        monkeypatch.setattr(connections, "_IDLE", 0.0)
        send(mail)
        assert (sink.lines, sink.seen.count("QUIT"), sink.seen.count("RSET")) == (2, 1, 0)


@pytest.mark.parametrize("at", ["RSET", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", [DROP, "421 4.4.2 idle for too long"])
def test_a_line_hung_up_meanwhile_costs_a_new_one_and_no_failure(at: str, how: str) -> None:
    """Before the mail is begun nothing is lost: it goes over a new line, with one mark of each kind."""
    with smtp_sink() as sink:
        mail, passage = pooled(sink), Passage()
        send(mail)
        sink.once.append((at, how))
        mail.deliver(renditions(), TO, passage)
        assert (sink.lines, len(sink.messages)) == (2, 2)
        assert passage.marks == ["keep", "crossing"]


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "450 4.7.1 greylisted"])
def test_a_refusal_of_one_reader_keeps_the_line_for_the_others(answer: str) -> None:
    with smtp_sink() as sink:
        mail = pooled(sink)
        sink.answers["RCPT reader1@example.net"] = answer
        send(mail, 0)
        with pytest.raises(DeliveryFailed, match=answer):
            send(mail, 1)
        send(mail, 2)
        assert (sink.lines, len(sink.messages)) == (1, 2)


def test_a_mail_begun_and_given_up_is_not_ended_by_the_next() -> None:
    """Who lost the job leaves half a mail on the line: the line is closed, or the next one's dot would send it."""

    class Lost(Passage):
        def crossing(self) -> None:
            raise JobLost("taken over")

    with smtp_sink() as sink:
        mail = pooled(sink)
        with pytest.raises(JobLost):
            mail.deliver(renditions(), TO, Lost())
        assert mail._connections._held.open.idle == []
        send(mail)
        assert (sink.lines, len(sink.messages)) == (2, 1)


def test_whatever_a_line_raises_gives_its_place_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody could send after as many as there may be lines."""

    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    with smtp_sink() as sink:
        mail = pooled(sink, connections=1)
        send(mail, 0)
        with monkeypatch.context() as patched:
            patched.setattr(connections, "_answers", interrupted)
            with pytest.raises(KeyboardInterrupt):
                send(mail, 1)
        assert mail._connections._held.open.count == 0
        send(mail, 2)
        assert len(sink.messages) == 2


def test_threads_share_no_more_lines_than_allowed() -> None:
    with smtp_sink() as sink:
        mail = pooled(sink, connections=3)
        with ThreadPoolExecutor(8) as hands:
            list(hands.map(lambda number: send(mail, number), range(40)))
        assert sink.lines <= 3
        assert sorted(taken.recipients[0] for taken in sink.messages) == sorted(
            f"reader{number}@example.net" for number in range(40)
        )


def test_a_server_that_gives_fewer_lines_is_content_with_those() -> None:
    """Three of four are turned away at the greeting; nobody's mail is put off for it."""
    with smtp_sink() as sink:
        mail = pooled(sink)
        send(mail)
        sink.answers["EHLO"] = DROP
        with ThreadPoolExecutor(4) as hands:
            list(hands.map(lambda number: send(mail, number), range(20)))
        assert len(sink.messages) == 21


def test_where_nobody_answers_the_others_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is away is asked once, not by each; when the pause is over, it is asked again."""
    with smtp_sink() as sink:
        mail = pooled(sink)
        sink.answers["EHLO"] = DROP
        for number in range(50):
            passage = Passage()
            with pytest.raises(DeliveryFailed, match="cannot be reached"):
                mail.deliver(renditions(), Subscriber("mail", f"r{number}@example.net", ("mail",)), passage)
            assert passage.marks == (["keep"] if number == 0 else [])
        assert sink.lines == 1
        sink.answers.clear()
        later = time.monotonic() + connections.PAUSE
        monkeypatch.setattr(time, "monotonic", lambda: later)
        send(mail)
        assert len(sink.messages) == 1


def test_a_forked_process_leaves_its_parents_line_alone() -> None:
    """Two that write on the same line mix their mails; each has its own, and the parent's stays open."""
    with smtp_sink() as sink:
        mail = pooled(sink)
        send(mail, 0)
        child = os.fork()
        if child == 0:
            try:
                send(mail, 1)
                mail._connections.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        send(mail, 2)
        assert sink.lines == 2
        assert sorted(taken.recipients[0][:7] for taken in sink.messages) == ["reader0", "reader1", "reader2"]


def test_starttls_is_not_left_out() -> None:
    """A server without it gets nothing, if it is asked for."""
    with smtp_sink() as sink, pytest.raises(DeliveryFailed, match="cannot do what is set"):
        Conversation(smtp(sink, security="starttls")).send(b"", READER, lambda: None)
    assert sink.messages == []


def test_a_server_that_was_reached_and_fell_silent_is_not_called_unreachable() -> None:
    """It answered until then: what is set is wrong, not the network."""
    silent = smtplib.SMTPServerDisconnected("Connection unexpectedly closed: The read operation timed out")
    error = explained(silent, SmtpSettings(host="mail.example", port=587))
    assert str(error) == "mail.example:587 gave no answer for 60 s"
    assert "it was reached" in error.hint
