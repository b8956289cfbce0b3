"""The conversation with a mail server: what is certain, what is to be tried again, and the one doubt."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.builders import offline
from tests.delivery.test_letter import READER, TO, renditions
from tests.sink import DROP, Sink, smtp_sink
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


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA", "DOT"])
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


def test_starttls_is_not_left_out() -> None:
    """A server without it gets nothing, if it is asked for."""
    with smtp_sink() as sink, pytest.raises(DeliveryFailed, match="cannot do what is set"):
        Conversation(smtp(sink, security="starttls")).send(b"", READER, lambda: None)
    assert sink.messages == []
