"""A webhook's request: signed, the same body at each try, and no more said of its address than its name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.builders import ROOT
from tests.delivery.test_mail import Passage
from tests.newsroom import composed, delivery, drain, later, newsroom, told
from tests.servers import free_port
from tests.web.readers import START, web
from tests.web.stage import Asked, Reply, Stage
from worker.delivery.webhook import Webhook, delivery_id
from worker.errors import DeliveryDoubtful, DeliveryFailed, DeliveryRefused
from worker.model import Part, Rendition, Subscriber
from worker.runtime import Runtime
from worker.settings import DigestSettings, Settings, SmtpSettings, WebhookSettings, WebSettings
from worker.store import backlog

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOKEN = "T0000-B0000-s3cr3tTok3n"
BODY = '{"title": "Überschrift 👩‍🚒 שלום"}\n'


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A server of a webhook."""
    with Stage() as made:
        yield made


def deliver(
    url: str,
    passage: Passage | None = None,
    *,
    form: str = "json",
    secret: str = "",
    seconds: float = 2.0,
    now: datetime = START,
    body: str = BODY,
) -> list[str]:
    """Hand an edition over to the webhook "desk"."""
    hook = WebhookSettings(url=SecretStr(url), secret=SecretStr(secret))
    way = web(now, seconds=seconds)
    rendition = Rendition("edition-id", "Subject", "digest.json", (Part("application/json", body),), START)
    to = Subscriber("webhook", "desk", (form,))
    return Webhook(Settings(webhooks={"desk": hook}), lambda: way).deliver([rendition], to, passage or Passage())


def proven(asked: Asked, key: bytes) -> bool:
    """Whether a request is signed as Standard Webhooks 1.0.0 has it, written from its text."""
    content = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return asked.headers["webhook-signature"] == f"v1,{expected}"


def test_an_edition_arrives_signed(stage: Stage) -> None:
    """The body as the form made it, its id, the time of sending, and a signature over all three."""
    passage = Passage()
    [receipt] = deliver(stage.says("/hook", Reply(200)), passage, secret=SECRET)
    [asked] = stage.asked

    assert (asked.method, asked.body.decode(), asked.headers["content-type"]) == ("POST", BODY, "application/json")
    assert proven(asked, KEY)
    assert not proven(asked, KEY[1:])
    assert asked.headers["webhook-timestamp"] == str(int(START.timestamp()))
    names = ("webhook-id", "unbury-delivery", "idempotency-key")
    assert {asked.headers[name] for name in names} == {delivery_id("edition-id", "desk")}
    assert receipt == f"200 {delivery_id('edition-id', 'desk')}"
    assert passage.marks == ["keep", "crossing"]


def test_without_a_secret_nothing_is_signed(stage: Stage) -> None:
    deliver(stage.says("/hook", Reply(200)))
    assert not [name for name in stage.asked[0].headers if name.startswith("webhook-")]


def test_an_id_is_one_for_each_edition_and_webhook() -> None:
    """And has no dot in it, which would part what is signed elsewhere."""
    ids = {delivery_id(edition, hook) for edition in ("a", "b") for hook in ("c", "d")}
    assert len(ids) == 4
    assert all(name.isalnum() and len(name) == 32 for name in ids)


def test_a_second_try_sends_the_same_body_and_a_new_time(stage: Stage) -> None:
    """Even if the form would make another one now; the signature is good at both times."""
    url = stage.says("/hook", Reply(503), Reply(200))
    passage = Passage()
    with pytest.raises(DeliveryFailed):
        deliver(url, passage, secret=SECRET)
    deliver(url, passage, secret=SECRET, now=START + timedelta(hours=3), body="{}")
    first, second = stage.asked

    assert first.body == second.body == BODY.encode()
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3 * 3600
    assert proven(first, KEY)
    assert proven(second, KEY)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_it_is_taken(stage: Stage, status: int) -> None:
    [receipt] = deliver(stage.says("/hook", Reply(status)))
    assert receipt.startswith(f"{status} ")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_it_is_tried_again(stage: Stage, status: int) -> None:
    with pytest.raises(DeliveryFailed, match=f"the webhook desk does not take it now: {status} busy") as raised:
        deliver(stage.says("/hook", Reply(status, b"busy\r\n")))
    assert type(raised.value) is DeliveryFailed


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 415, 418, 422, 451])
def test_it_is_refused_for_good(stage: Stage, status: int) -> None:
    """What the server says of it is told, on one line and not all of it."""
    with pytest.raises(DeliveryRefused, match=f"the webhook desk refused it: {status} invalid_blocks !") as raised:
        deliver(stage.says("/hook", Reply(status, b"invalid_blocks\n\x1b!" + b"!" * 5000)))
    assert len(str(raised.value)) < 300
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_refusal(stage: Stage, status: int) -> None:
    """A body is not handed on to an address that nobody set."""
    with pytest.raises(DeliveryRefused, match=f"redirects \\({status}\\)") as raised:
        deliver(stage.says("/hook", Reply(status, headers={"Location": "/other"})))
    assert stage.paths() == ["/hook"]
    assert "webhooks.desk.url" in raised.value.hint


def test_where_nobody_listens_it_is_tried_again() -> None:
    """Nothing went out: there is no doubt."""
    passage = Passage()
    with pytest.raises(DeliveryFailed, match="the webhook desk got nothing") as raised:
        deliver(f"http://127.0.0.1:{free_port()}/hook", passage)
    assert type(raised.value) is DeliveryFailed
    assert passage.marks == ["keep"]


def test_a_private_address_is_refused() -> None:
    """With the hint to allow it."""
    passage = Passage()
    with pytest.raises(DeliveryRefused, match=r"10\.1\.2\.3 is not an address on the public internet") as raised:
        deliver("http://10.1.2.3/hook", passage)
    assert "web.allow" in raised.value.hint
    assert passage.marks == ["keep"]


@pytest.mark.parametrize("name", ["slow", "broken"])
def test_no_answer_is_a_doubt(stage: Stage, name: str) -> None:
    """The edition went out; whether it was taken, nobody knows."""
    replies = {"slow": Reply(200, pause=2.0), "broken": Reply(raw=_broken)}
    passage = Passage()
    with pytest.raises(DeliveryDoubtful, match="the webhook desk was sent the edition and gave no answer"):
        deliver(stage.says("/hook", replies[name]), passage, seconds=0.5)
    assert passage.marks == ["keep", "crossing"]


@pytest.mark.parametrize(
    ("url", "form", "said"),
    [
        ("ftp://hooks.example/" + TOKEN, "json", "webhooks.desk.url is no http or https address"),
        (TOKEN, "json", "webhooks.desk.url is no http or https address"),
        ("https://ntfy.example/", "ntfy", "webhooks.desk.url names no topic"),
    ],
)
def test_a_wrong_address_is_told_by_its_key(url: str, form: str, said: str) -> None:
    """The address itself is not shown."""
    with pytest.raises(DeliveryFailed) as raised:
        deliver(url, form=form)
    assert raised.value.message == said
    assert TOKEN not in f"{raised.value.args}"


@pytest.mark.parametrize("secret", ["whsec_", "not base64!", "whsec_ä"])
def test_a_wrong_secret_is_told_by_its_key(secret: str, stage: Stage) -> None:
    """Nothing is sent unsigned that should be signed."""
    with pytest.raises(DeliveryFailed, match=r"webhooks\.desk\.secret is not") as raised:
        deliver(stage.url(), secret=secret)
    assert "openssl" in raised.value.hint
    assert stage.asked == []


def test_a_webhook_that_is_set_no_more_is_named() -> None:
    with pytest.raises(DeliveryFailed, match="no webhook 'desk'"):
        Webhook(Settings(), web).deliver([], Subscriber("webhook", "desk", ("json",)), Passage())


@pytest.mark.parametrize("reply", [Reply(404), Reply(500), Reply(302), Reply(200, pause=1.0), Reply(200)])
def test_no_part_of_an_address_is_told(stage: Stage, caplog: pytest.LogCaptureFixture, reply: Reply) -> None:
    """Not in errors, receipts or logs, even if the server says it again."""
    caplog.set_level(logging.DEBUG)
    url = stage.url(f"/services/{TOKEN}?key=k3yk3y").replace("http://", "http://us3r:p4ssw0rd@")
    body = f"Cannot POST /services/{TOKEN}?key=k3yk3y; {url}; {TOKEN}; k3yk3y".encode()
    stage.says(f"/services/{TOKEN}?key=k3yk3y", Reply(reply.status, body, {"Location": url}, pause=reply.pause))
    said: str = ""
    try:
        said = "".join(deliver(url, secret=SECRET, seconds=0.5))
    except DeliveryFailed as error:
        said = f"{error} {error.args}"
        assert "desk" in said
    everything = said + caplog.text
    assert not [secret for secret in (TOKEN, "k3yk3y", "us3r", "p4ssw0rd", SECRET) if secret in everything]


@pytest.mark.parametrize(("path", "root"), [("/alerts%20x", "/"), ("/sub/alerts%20x?auth=abcd", "/sub/?auth=abcd")])
def test_ntfy_is_told_its_topic_at_its_root(stage: Stage, path: str, root: str) -> None:
    """The address's last part becomes the topic; the rest stays the server's."""
    stage.says(root, Reply(200))
    passage = Passage()
    deliver(stage.url(path), passage, form="ntfy", body='{"title":"Ä","message":"b"}')
    deliver(stage.url(path), passage, form="ntfy")
    first, again = stage.asked
    assert json.loads(first.body) == {"topic": "alerts x", "title": "Ä", "message": "b"}
    assert first.body == again.body


def _broken(to: Any) -> None:
    to.write(b"HTTP/1.1 200")


# The whole way: settings, an edition, the queue.


def parts(folder: Path, url: str, hook: str, **more: object) -> Runtime:
    """A runtime with a webhook and something to tell."""
    runtime = newsroom(
        folder,
        url,
        digests={"daily": DigestSettings(zone="UTC", webhooks=("desk",))},
        webhooks={"desk": WebhookSettings.model_validate({"url": hook, "secret": SECRET, **more})},
        web=WebSettings(allow=("127.0.0.1",), timeout=timedelta(seconds=1), delay=0),
        smtp=SmtpSettings(on_doubt="hold"),
    )
    return told(runtime)


@pytest.mark.parametrize("shape", ["json", "slack", "discord", "ntfy"])
def test_an_edition_goes_the_whole_way(tmp_path: Path, stage: Stage, database_url: str, shape: str) -> None:
    """A server that is down at first gets it later, the same bytes, once."""
    path = "/" if shape == "ntfy" else "/topic"
    stage.says(path, Reply(503, b"come back later"), Reply(204))
    runtime = parts(tmp_path, database_url, stage.url("/topic"), shape=shape)
    composed(runtime)
    drain(runtime)
    assert delivery(runtime, "webhook").status == "pending"
    later(runtime, timedelta(hours=1))
    drain(runtime)

    done = delivery(runtime, "webhook")
    assert (done.status, done.doubts, done.receipt.partition(" ")[0]) == ("sent", 0, "204")
    first, second = stage.asked
    assert first.body == second.body
    assert b"A ship came in at noon" in first.body
    assert all(proven(asked, KEY) for asked in stage.asked)
    runtime.database.close()


@pytest.mark.parametrize(
    ("reply", "status", "said"),
    [
        (Reply(404, b"no_service"), "failed", "the webhook desk refused it: 404 no_service"),
        (Reply(200, pause=3.0), "unknown", "it may have arrived"),
    ],
)
def test_what_comes_of_a_refusal_and_of_a_doubt(
    tmp_path: Path, stage: Stage, reply: Reply, status: str, said: str
) -> None:
    """Neither is tried again by itself; a doubt waits for a decision."""
    stage.says("/hook", reply)
    runtime = parts(tmp_path, f"sqlite:///{tmp_path / 'unbury.db'}", stage.url("/hook"))
    composed(runtime)
    drain(runtime)
    later(runtime, timedelta(hours=2))
    drain(runtime)

    assert (delivery(runtime, "webhook").status, stage.count("/hook")) == (status, 1)
    with runtime.database.reading() as session:
        [trouble] = backlog.troubled(session)
    assert said in trouble.error
    runtime.database.close()


def test_the_receiver_of_the_manual_knows_what_is_ours(stage: Stage) -> None:
    """The code block of docs/webhooks.md, as it stands there."""
    manual = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    [code] = [block.partition("```")[0] for block in manual.split("```python\n")[1:]]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  # it is ours
    verified: Callable[..., bool] = names["verified"]

    deliver(stage.says("/hook", Reply(200)), secret=SECRET, now=datetime.now().astimezone())
    deliver(stage.url("/hook"), secret=SECRET, now=datetime.now().astimezone() - timedelta(hours=1))
    fresh, old = stage.asked
    assert verified(SECRET, fresh.headers, fresh.body)
    assert not verified(SECRET, old.headers, old.body)
    assert not verified(SECRET, fresh.headers, fresh.body + b" ")
    assert not verified(SECRET[:-2] + "A=", fresh.headers, fresh.body)
    assert not verified(SECRET, {**fresh.headers, "webhook-id": "another"}, fresh.body)
