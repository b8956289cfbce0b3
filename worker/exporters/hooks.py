"""The edition as a message in a chat or on a phone, as Slack, Discord and ntfy take it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from worker.edition import Edition, Item
from worker.exporters import wording
from worker.exporters.messages import Message, MessageForm, about, heading


class Slack(MessageForm):
    """Writes an edition as a message in Slack's blocks."""

    name = "slack"
    lengths = (2400, 1200, 600, 300, 150, 60)
    story_limit = 3000
    most_stories = 47  # of 50 blocks

    #: Slack's own limit for all blocks together is not written down: messages of 13,200 characters were refused
    #: (slackapi/bolt-js#2509), and one whose texts had 11,341 (#2867).
    _ALL_BLOCKS = 10_000

    def message(self, edition: Edition, stories: Sequence[str], more: str) -> Message:
        """A heading, the counts, a block for each story; `text` is what a notification shows."""
        texts = stories or ([] if edition.corrections else [wording.say(edition, "nothing_today")])
        blocks: list[Message] = [
            {"type": "header", "text": {"type": "plain_text", "text": heading(edition), "emoji": False}},
            _context(self.escape(about(edition))),
            *({"type": "section", "text": _mrkdwn(text)} for text in texts),
            *([_context(more)] if more else []),
        ]
        subject = self.escape(wording.subject(edition))
        return {"text": subject, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}

    def fits(self, message: Message) -> bool:
        """Whether the blocks are short enough all together."""
        return self.size(json.dumps(message["blocks"], ensure_ascii=False)) <= self._ALL_BLOCKS

    @staticmethod
    def escape(text: str) -> str:
        """Slack knows no escapes but these three; its marks (* _ ~ `) have none."""
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    @staticmethod
    def escape_address(address: str) -> str:
        """`wording.address` has dealt with the rest."""
        return address.replace("&", "&amp;")


class Discord(MessageForm):
    """Writes an edition as a message for Discord, an embed for each story."""

    name = "discord"
    lengths = (1000, 500, 250, 120, 60)
    story_limit = 1500  # it takes 4096 in one, but 6000 in all
    most_stories = 10

    def message(self, edition: Edition, stories: Sequence[str], more: str) -> Message:
        """What the day brings, and an embed for each story; nobody is pinged, whatever a headline says."""
        embeds = [self._embed(edition, item, text) for item, text in zip(edition.items, stories, strict=False)]
        if more and embeds:
            embeds[-1]["footer"] = {"text": more}
        nothing = "" if embeds or edition.corrections else f"\n{wording.say(edition, 'nothing_today')}"
        content = f"**{self.escape(heading(edition))}**\n{self.escape(about(edition))}{nothing}"
        return {"content": content, "embeds": embeds, "allowed_mentions": {"parse": []}}

    def fits(self, message: Message) -> bool:
        """Whether all embeds together are short enough."""
        embeds = message["embeds"]
        return isinstance(embeds, list) and sum(map(self._embed_size, embeds)) <= 6000

    @staticmethod
    def escape(text: str) -> str:
        """A backslash before each mark, and before what begins a list."""
        marked = re.sub(r"[\\*_~`|<>\[\]()#:@]|^[-+]", r"\\\g<0>", text)
        return re.sub(r"^(\d+)\.", r"\1\\.", marked)

    @staticmethod
    def escape_address(address: str) -> str:
        """A bracket would end the link."""
        return address.replace("(", "%28").replace(")", "%29")

    def _embed(self, edition: Edition, item: Item, text: str) -> dict[str, object]:
        url = self.lead_link(item)
        where = {"url": url} if url else {}
        return {"title": self.headline(edition, item), **where, "description": text}

    def _embed_size(self, embed: Mapping[str, object]) -> int:
        footer = embed.get("footer")
        texts = [embed["title"], embed["description"], footer["text"] if isinstance(footer, dict) else ""]
        return sum(self.size(str(text)) for text in texts)


class Ntfy(MessageForm):
    """Writes an edition as a message for ntfy, in plain text; the topic is added where it is sent."""

    name = "ntfy"
    lengths = (300, 150, 60)
    story_limit = 2000
    most_stories = 40
    most_sentences = 1

    def message(self, edition: Edition, stories: Sequence[str], more: str) -> Message:
        """A title, a sentence of each story, and where a tap leads: to the lead's source.

        The counts stand last, for a phone shows only how it begins.
        """
        nothing = [] if edition.corrections else [wording.say(edition, "nothing_today")]
        parts = [*(stories or nothing), *([more] if more else []), about(edition)]
        url = self.lead_link(edition.items[0]) if edition.items else ""
        message = {"title": heading(edition), "message": "\n\n".join(parts)}
        return {**message, "click": url} if url else message

    def fits(self, message: Message) -> bool:
        """Whether it stays a message, and is not made a file; in JSON it may be twice as long, with its topic."""
        whole = json.dumps(message, ensure_ascii=False)
        return self.size(str(message["message"])) <= 4096 and self.size(whole) <= 8000

    @staticmethod
    def escape(text: str) -> str:
        """Plain text needs none."""
        return text

    @staticmethod
    def escape_address(address: str) -> str:
        """Plain text needs none."""
        return address

    @staticmethod
    def size(text: str) -> int:
        """The length in bytes."""
        return len(text.encode())


def _mrkdwn(text: str) -> Message:
    # verbatim: a word that looks like a channel's or a person's name stays a word.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _context(text: str) -> Message:
    return {"type": "context", "elements": [_mrkdwn(text)]}
