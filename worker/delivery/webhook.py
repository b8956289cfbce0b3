"""Hands an edition over to a server of the user's choice: signed, and so that after any crash it is known what went."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from worker.errors import ConfigError, DeliveryDoubtful, DeliveryFailed, DeliveryRefused, FetchFailed, HostBusy, Refused
from worker.model import Rendition, Subscriber
from worker.plugins import Passage
from worker.settings import Settings, WebhookSettings
from worker.text.clean import in_a_line
from worker.web.access import Answer, Web
from worker.web.urls import checked

#: What passes: too early, too many, and whatever a server has to do with itself.
_PASSING = {408, 425, 429, *range(500, 600)}
_WORDS = 200
_SHORTEST_SECRET = 4
_MAKE_ONE = 'make one: echo "whsec_$(openssl rand -base64 32)"'


class Webhook:
    """Posts a rendition to the address that the settings have under the subscriber's name."""

    def __init__(self, settings: Settings, web: Callable[[], Web]) -> None:
        """To those that [webhooks] names."""
        self._hooks, self._web = settings.webhooks, web

    def deliver(self, renditions: Sequence[Rendition], to: Subscriber, passage: Passage) -> list[str]:
        """The server's status, and the delivery's id. Raises DeliveryFailed, DeliveryRefused, DeliveryDoubtful.

        The body is kept and posted again as it was; its signature is made anew, for its time has to be now.
        """
        hook = self._hook(to.address)
        address, topic = _target(to, hook.url.get_secret_value())
        packed = passage.kept or _packed(renditions, to, topic)
        delivery = delivery_id(renditions[0].edition, to.address)
        web = self._web()
        headers = {
            "Content-Type": renditions[0].parts[0].media_type,
            "Unbury-Delivery": delivery,
            "Idempotency-Key": delivery,
            **_signed(to.address, hook.secret.get_secret_value(), delivery, web.now(), packed),
        }
        passage.keep(packed)
        answer = _Call(to.address, hook, passage.crossing).post(web, address, packed, headers)
        return [f"{answer.status} {delivery}"]

    def _hook(self, name: str) -> WebhookSettings:
        if name not in self._hooks:
            raise DeliveryFailed(f"the settings have no webhook {name!r} any more", f"set webhooks.{name}.url")
        return self._hooks[name]


@dataclass
class _Call:
    """One request to a webhook, and whether it may have gone out."""

    name: str
    hook: WebhookSettings
    crossing: Callable[[], None]
    crossed: bool = False

    def post(self, web: Web, address: str, packed: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer of a server that took it."""
        try:
            answer = web.client.post(address, packed, headers, self._sending)
        except HostBusy:
            raise DeliveryFailed(f"the host of the webhook {self.name} is busy with another of our requests") from None
        except Refused as error:
            said = f"the webhook {self.name} is not called: {self._discreet(error.message)}"
            raise DeliveryRefused(said, "if it is your own, name its host in web.allow") from None
        except FetchFailed as error:
            raise self._explained(self._discreet(error.message)) from None
        self._judged(answer)
        return answer

    def _sending(self) -> None:
        self.crossing()
        self.crossed = True

    def _explained(self, reason: str) -> DeliveryFailed:
        if self.crossed:
            return DeliveryDoubtful(f"the webhook {self.name} was sent the edition and gave no answer: {reason}")
        hint = f"check webhooks.{self.name}.url and the network"
        return DeliveryFailed(f"the webhook {self.name} got nothing: {reason}", hint)

    def _judged(self, answer: Answer) -> None:
        status, name = answer.status, self.name
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            hint = f"set webhooks.{name}.url to the address that it leads to"
            raise DeliveryRefused(f"the webhook {name} redirects ({status}), and an edition is not sent on", hint)
        said = f"{status} {self._discreet(answer.content.decode(errors='replace'))}".rstrip()
        if status in _PASSING:
            raise DeliveryFailed(f"the webhook {name} does not take it now: {said}")
        raise DeliveryRefused(f"the webhook {name} refused it: {said}")

    def _discreet(self, text: str) -> str:
        """What a server or the network says, on one line, without what makes the address a secret."""
        line = in_a_line(text)
        for secret in _secrets(self.hook):
            line = line.replace(secret, "***")
        return line[:_WORDS]


def check(name: str, hook: WebhookSettings) -> None:
    """Make sure that an edition can be posted to a webhook as it is set. Raises ConfigError."""
    try:
        _target(Subscriber("webhook", name, (hook.shape,)), hook.url.get_secret_value())
        if secret := hook.secret.get_secret_value():
            _key(name, secret)
    except DeliveryFailed as error:
        raise ConfigError(error.message, error.hint) from None


def delivery_id(edition: str, webhook: str) -> str:
    """The id of the request that brings an edition to a webhook: the same whenever it is sent."""
    return hashlib.sha256(f"{edition} {webhook}".encode()).hexdigest()[:32]


def _target(to: Subscriber, url: str) -> tuple[str, str]:
    """Where to post; for ntfy that is the root of its server, and the address's last part is the topic."""
    try:
        address = checked(url)
    except Refused:  # whose words show the address
        raise DeliveryFailed(
            f"webhooks.{to.address}.url is no http or https address", "set it to the one you got"
        ) from None
    if to.forms != ("ntfy",):
        return address, ""
    parts = urlsplit(address)
    root, _, topic = parts.path.rstrip("/").rpartition("/")
    if not topic:
        hint = "set it to an address like https://ntfy.sh/your-topic"
        raise DeliveryFailed(f"webhooks.{to.address}.url names no topic", hint)
    return urlunsplit(parts._replace(path=f"{root}/")), unquote(topic)


def _packed(renditions: Sequence[Rendition], to: Subscriber, topic: str) -> bytes:
    parts = [part for rendition in renditions for part in rendition.parts]
    if len(parts) != 1:
        raise DeliveryRefused(f"the webhook {to.address} takes one form, and {len(parts)} parts were made")
    content = parts[0].content
    if topic:
        message = {"topic": topic, **json.loads(content)}
        content = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return content.encode()


def _signed(name: str, secret: str, delivery: str, now: datetime, packed: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0, whose libraries check them; none without a secret."""
    if not secret:
        return {}
    sent = str(int(now.timestamp()))
    signed = b".".join((delivery.encode(), sent.encode(), packed))
    proof = base64.b64encode(hmac.digest(_key(name, secret), signed, "sha256")).decode()
    return {"webhook-id": delivery, "webhook-timestamp": sent, "webhook-signature": f"v1,{proof}"}


def _key(name: str, secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise DeliveryFailed(f"webhooks.{name}.secret is not whsec_ and base64", _MAKE_ONE)
    return key


def _secrets(hook: WebhookSettings) -> list[str]:
    """All that gives a webhook away, the longest first: its address whole and in parts, and its secret."""
    url, secret = hook.url.get_secret_value(), hook.secret.get_secret_value()
    parts = urlsplit(url)
    pieces = [url, secret, parts.path, parts.query, parts.username or "", parts.password or ""]
    pieces += [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    both = {form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= _SHORTEST_SECRET}
    return sorted(both, key=lambda piece: (-len(piece), piece))
