"""Who gets a digest's editions, where, and how a reader among them unsubscribes."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr

from worker.delivery.unsubscribe import Unsubscription
from worker.edition import Digest
from worker.errors import DeliveryRefused
from worker.model import Subscriber
from worker.runtime import Runtime
from worker.store import subscriptions
from worker.store.database import Transaction


def recipients(session: Transaction, runtime: Runtime, digest: Digest) -> list[Subscriber]:
    """The archive, the webhooks, further channels, and who subscribed by e-mail: each address on a channel once."""
    asked, hooks = runtime.settings.digests[digest.name], runtime.settings.webhooks
    mailed = readers(session, runtime, digest.name) if runtime.settings.smtp.host else []
    found = [
        archive(runtime, digest),
        *(Subscriber("webhook", name, (hooks[name].shape,)) for name in asked.webhooks if name in hooks),
        *(Subscriber(one.kind, one.address, one.forms) for one in asked.channels),
        *(Subscriber("mail", address, ("mail",)) for address in mailed),
    ]
    return list({(one.channel, one.address): one for one in found}.values())


def as_configured(runtime: Runtime, digest: str, to: Subscriber) -> Subscriber:
    """A recipient with the forms and options of the configuration now: what failed may have been mended since."""
    asked = runtime.settings.digests.get(digest)
    if asked is None:
        return to
    if to.channel == "archive":
        return replace(to, forms=asked.forms)
    channel = next((one for one in asked.channels if (one.kind, one.address) == (to.channel, to.address)), None)
    return replace(to, forms=channel.forms, options=channel.options) if channel else to


def archive(runtime: Runtime, digest: Digest) -> Subscriber:
    """The archive as one who gets a digest."""
    return Subscriber("archive", str(runtime.settings.out / folder(runtime, digest.name)), digest.forms)


def folder(runtime: Runtime, digest: str) -> str:
    """Where a digest's editions lie below `out`: there, or with several digests or times in a folder of its own."""
    known = runtime.digests
    alone = digest in known and len(known) == 1 and len(known[digest].times) == 1
    return "" if alone else f"{digest}/"


def readers(session: Transaction, runtime: Runtime, digest: str) -> list[str]:
    """The addresses of those who read a digest by e-mail now."""
    configured = runtime.settings.digests[digest].subscribers
    return [address for address, _ in subscriptions.readers(session, digest, configured)]


def unsubscribing(runtime: Runtime, digest: str, address: str) -> str:
    """Where a reader unsubscribes: with one click if the world reaches us, else by a mail to the operator.

    Raises DeliveryRefused for one who has: that may be between the making of an edition and its sending.
    """
    base = runtime.settings.serve.base_url
    if digest in runtime.settings.digests:
        with runtime.database.reading() as session:
            reader = subscriptions.one(session, digest, address)
        if reader and reader.state != "active":
            raise DeliveryRefused(f"{address} gets no {digest} any more: {reader.state}")
        if base:
            link = Unsubscription(digest, address, reader.round if reader else 0)
            return f"{base}/unsubscribe/{link.signed(runtime.unsubscribe_secret)}"
    return unsubscribing_by_mail(runtime, digest)


def unsubscribing_by_mail(runtime: Runtime, digest: str) -> str:
    """The mail to the operator by which a reader unsubscribes, as an address."""
    operator = runtime.settings.smtp.unsubscribe or parseaddr(runtime.settings.smtp.sender)[1]
    return f"mailto:{operator}?subject=unsubscribe%20{digest}"
