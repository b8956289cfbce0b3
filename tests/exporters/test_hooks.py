"""Messages for chats and phones: JSON within each service's limits, whatever strangers wrote, and their words as they stand."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SOME, anything
from tests.exporters.editions import DAY, edition, item, link
from tests.exporters.test_hostile import PAYLOADS
from worker.edition import Correction, Edition, Proof
from worker.errors import ConfigError
from worker.exporters import wording
from worker.exporters.hooks import Discord, Ntfy, Slack
from worker.exporters.messages import MessageForm
from worker.exporters.wording import shortened
from worker.settings import Settings

FORMS = (Slack, Discord, Ntfy)
EVERY = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
TRICKY = {
    "long": "word " * 2_000,
    "long without a space": "x" * 10_000,
    "ampersands": "&" * 10_000,
    "marks": "*_~`|>" * 2_000,
    "quotes": '"\\' * 5_000,
    "emoji": "👩‍🚒🇩🇪" * 1_500,
    "right-to-left": "قال الرئيس إن السفينة غادرت الميناء. " * 300,
    "control characters": "a\x00\x07\x1b[31m\n\r\t\u2028\ud83d" * 1_000,
}


def message(form: type[MessageForm], made: Edition, folder: str = "") -> dict[str, Any]:
    """What the service gets."""
    [part] = form(Settings(templates=folder)).export(made).parts
    assert part.media_type == "application/json"
    found: dict[str, Any] = json.loads(part.content)
    return found


def units(text: str) -> int:
    """Characters as JavaScript counts them."""
    return len(text.encode("utf-16-le")) // 2


def check_slack(made: dict[str, Any]) -> None:
    """The limits of docs.slack.dev: blocks 50, a header 150, a text 3000."""
    blocks = made["blocks"]
    assert 1 <= len(blocks) <= 50
    assert units(json.dumps(blocks, ensure_ascii=False)) <= 10_000  # ours: see Slack
    assert 1 <= units(made["text"]) <= 3000
    for block in blocks:
        [text] = block["elements"] if block["type"] == "context" else [block["text"]]
        assert 1 <= units(text["text"]) <= (150 if block["type"] == "header" else 3000)
        if text["type"] == "mrkdwn":
            assert text["verbatim"]
            assert not re.search(r"<(?!https?://[^<>|\s]+\|[^<>]*>)", text["text"])  # nothing but links of ours
            assert not re.search(r"&(?!amp;|lt;|gt;)", text["text"])


def check_discord(made: dict[str, Any]) -> None:
    """The limits of discord.com/developers: content 2000, embeds 10, a title 256, a description 4096, all 6000."""
    embeds = made["embeds"]
    assert 1 <= units(made["content"]) <= 2000
    assert len(embeds) <= 10
    whole = 0
    for embed in embeds:
        texts = [embed["title"], embed["description"], embed.get("footer", {}).get("text", "")]
        assert units(embed["title"]) <= 256 and units(embed["description"]) <= 4096 and units(texts[2]) <= 2048
        assert len(embed.get("url", "")) <= 2048
        whole += sum(map(units, texts))
    assert whole <= 6000
    assert made["allowed_mentions"] == {"parse": []}


def check_ntfy(made: dict[str, Any]) -> None:
    """The limits of docs.ntfy.sh: a message 4096 bytes; its server reads twice that of JSON, with the topic."""
    assert 1 <= len(made["message"].encode()) <= 4096
    assert len(json.dumps({"topic": "x" * 64, **made}, ensure_ascii=False).encode()) <= 2 * 4096
    assert made.get("click", "https://").startswith(("http://", "https://"))


CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "slack": check_slack,
    "discord": check_discord,
    "ntfy": check_ntfy,
}


def shown(form: type[MessageForm], made: dict[str, Any]) -> str:
    """What a reader sees of it, without the service's escapes."""
    if form is Slack:
        texts = [text for block in made["blocks"] for text in (block.get("elements") or [block["text"]])]
        return html.unescape("\n".join(text["text"] for text in texts))
    if form is Discord:
        embeds = [f"{embed['title']}\n{embed['description']}" for embed in made["embeds"]]
        footers = [embed["footer"]["text"] for embed in made["embeds"] if "footer" in embed]
        return re.sub(r"\\(?=[^0-9A-Za-z\s])", "", "\n".join([made["content"], *embeds, *footers]))
    return f"{made['title']}\n{made['message']}"


@EVERY
def test_a_story_has_its_sentence_its_outlet_and_its_link(form: type[MessageForm]) -> None:
    """And the day, the counts and the headline."""
    said = shown(form, message(form, edition(item(), item("Bridge closed"))))
    for part in (
        "Unbury — Monday 23 November 2026",
        "26 documents read",
        "Ferry halted after gearbox fails",
        "The ferry was taken out of service on Wednesday.",
        "paper1.example",
        "https://paper1.example/a/1?b=1&c=2",
        "Bridge closed",
    ):
        assert part in said


@EVERY
def test_the_lead_comes_first_and_the_rest_is_counted(form: type[MessageForm]) -> None:
    """As many as fit, in order; how many do not is said."""
    stories = [
        item(f"Story {number:02}", [(f"Sentence {number:02}. " + "More words. " * 40, 1)]) for number in range(60)
    ]
    made = message(form, edition(*stories))
    found = [int(number) for number in re.findall(r"Story (\d\d)", shown(form, made))]

    CHECKS[form.name](made)
    assert found == list(range(len(found)))
    assert 3 <= len(found) < 60
    assert f"+{60 - len(found)} more in the full edition" in shown(form, made)


@EVERY
def test_what_fits_is_all_there(form: type[MessageForm]) -> None:
    """Of a short edition nothing is left out, and nothing says so."""
    stories = [item(f"Story {number}", [(f"Sentence {number}.", 1)]) for number in range(8)]
    said = shown(form, message(form, edition(*stories)))
    assert all(f"Sentence {number}." in said for number in range(8))
    assert "more in the full edition" not in said


@EVERY
@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY)
def test_nothing_strange_is_too_long(form: type[MessageForm], text: str) -> None:
    """Headline, sentences, outlet, title and address may all be so."""
    ways = [link(1, f"https://x.example/{text}", text), link(2, f"https://x.example/{text[:600]}", text)]
    strange = item(text, [(text, 1), (text, 2), (text, 1)], ways)
    made = message(form, edition(strange, *[item(text, [(text, 1)] * 3)] * 14, title=text))
    CHECKS[form.name](made)
    assert "…" in shown(form, made)


@EVERY
@pytest.mark.parametrize("text", ['"' * 500, "ä" * 500, "short"])
def test_many_stories_are_not_too_long_together(form: type[MessageForm], text: str) -> None:
    """In JSON a quotation mark is twice as long as it is read, and a letter may be several bytes."""
    told = item(text, [(text, 1)], [link(1, "no address", text)])
    made = message(form, edition(*[told] * 60, title=text))
    CHECKS[form.name](made)
    assert "more in the full edition" in shown(form, made)


@EVERY
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_is_shown_and_does_nothing(form: type[MessageForm], payload: str) -> None:
    """What would be markup elsewhere, or here, stands there as it is."""
    told = item(payload, [(payload, 1)], [link(1, payload or "x", payload)])
    made = message(form, edition(told, title=payload))
    CHECKS[form.name](made)
    assert wording.line(payload)[:50] in shown(form, made)


@EVERY
@SOME
@given(texts=st.lists(st.tuples(anything, anything, anything), min_size=0, max_size=60), repeat=st.integers(1, 40))
def test_every_edition_is_within_the_limits(
    form: type[MessageForm], texts: list[tuple[str, str, str]], repeat: int
) -> None:
    """Whatever it holds, and however much of it."""
    stories = [
        item(
            head * repeat, [(said * repeat, 1), (said, 2)], [link(1, f"https://a.example/{url * repeat}"), link(2, url)]
        )
        for head, said, url in texts
    ]
    made = message(form, edition(*stories))
    CHECKS[form.name](made)


@EVERY
@SOME
@given(said=anything.map(wording.line).filter(lambda text: 0 < len(text) <= 100))
def test_a_sentence_stands_as_it_was_quoted(form: type[MessageForm], said: str) -> None:
    """Word for word, once the service's escapes are undone."""
    assert said in shown(form, message(form, edition(item("Headline", [(said, 1)]))))


def test_ntfy_reads_all_of_the_json(tmp_path: Path) -> None:
    """Full of quotation marks it would be longer than the server reads, though the message is not."""
    (tmp_path / "ntfy.j2").write_text("{{ quotes[0].sentences[0] }}")
    for length in range(200, 300, 20):
        made = edition(*[item('"', [('"' * length, 1)])] * 30, title='"' * 40)
        check_ntfy(message(Ntfy, made, str(tmp_path)))


def test_slack_takes_no_mention_for_one() -> None:
    """`<!channel>` is how Slack's own would be written."""
    made = message(Slack, edition(item("<!channel> & <@U123>", [("<!here|here> <https://evil.example|x>", 1)])))
    text = made["blocks"][2]["text"]["text"]
    assert "&lt;!channel&gt; &amp; &lt;@U123&gt;" in text
    assert "<!" not in text
    assert text.count("<") == 2  # the headline's link and the outlet's


def test_discord_shows_marks_and_lists_as_they_are() -> None:
    """A backslash stands before what would format, begin a list or name somebody."""
    made = message(
        Discord, edition(item("*b* <@1> @everyone", [("- a_b_ [x](y) `c` ||d|| 1. # e", 1), ("12. May", 1)]))
    )
    embed = made["embeds"][0]
    assert embed["title"] == r"\*b\* \<\@1\> \@everyone"
    assert r"> \- a\_b\_ \[x\]\(y\) \`c\` \|\|d\|\| 1. \# e" in embed["description"]
    assert r"> 12\. May" in embed["description"]


def test_a_bracket_does_not_end_a_link_in_discord() -> None:
    made = message(Discord, edition(item(links=[link(1, "https://x.example/a_(b)")])))
    assert "(https://x.example/a_%28b%29)" in made["embeds"][0]["description"]


@EVERY
@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "seed.txt", "https://x.example/" + "a" * 3000]
)
def test_what_cannot_be_a_link_is_none(form: type[MessageForm], url: str) -> None:
    """The outlet is named all the same."""
    made = message(form, edition(item(links=[link(1, url, "Paper")])))
    assert url not in json.dumps(made)
    assert "Paper" in shown(form, made)
    CHECKS[form.name](made)


@EVERY
def test_an_edition_with_nothing_new_says_so(form: type[MessageForm]) -> None:
    said = message(form, edition())
    CHECKS[form.name](said)
    assert "Nothing new today." in shown(form, said)


@EVERY
def test_corrections_are_counted(form: type[MessageForm]) -> None:
    corrected = replace(edition(item()), corrections=(Correction(link(1), "Told.", DAY, None, Proof("r", "c")),))
    assert "Corrections: 1" in shown(form, message(form, corrected))


@EVERY
def test_it_speaks_the_digests_language(form: type[MessageForm]) -> None:
    said = shown(form, message(form, replace(edition(*[item()] * 60), language="de")))
    assert "Montag, 23. November 2026" in said
    assert "weitere in der vollständigen Ausgabe" in said


@EVERY
def test_the_same_edition_gives_the_same_bytes(form: type[MessageForm]) -> None:
    made = edition(item(), item("Bridge closed"))
    first, second = form().export(made), form().export(made)
    assert first == second
    assert first.filename == f"digest.{form.name}.json"


@EVERY
def test_a_template_of_the_users_is_taken(form: type[MessageForm], tmp_path: Path) -> None:
    """And stays within the limits, for what stands around it is ours."""
    (tmp_path / f"{form.name}.j2").write_text("MINE {{ number }} {{ headline }}: {{ quotes[0].sentences[0] }}")
    made = message(form, edition(*[item("x & y", [("A. " * 500, 1)])] * 60), str(tmp_path))
    CHECKS[form.name](made)
    assert "MINE 1 x & y: A. A." in shown(form, made)


@EVERY
def test_a_template_that_is_too_long_is_told(form: type[MessageForm], tmp_path: Path) -> None:
    (tmp_path / f"{form.name}.j2").write_text("x" * 5000)
    with pytest.raises(ConfigError, match=f"{form.name}.j2 makes a story longer than {form.name} takes: 5000"):
        message(form, edition(item()), str(tmp_path))


def test_a_cut_is_after_a_word_and_marked() -> None:
    assert shortened("The ferry was taken out of service.", 20) == "The ferry was taken…"
    assert shortened("The ferry, was", 12) == "The ferry…"
    assert shortened("x" * 30, 20) == "x" * 19 + "…"
    assert shortened("Short.", 6) == "Short."
