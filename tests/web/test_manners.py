"""The worker is the politest client that servers know: each scene is one of its manners."""

from __future__ import annotations

import calendar
import itertools
import re
import ssl
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.web.manners import SCENES, Scene
from tests.web.readers import Ours, web
from tests.web.stage import Reply, Stage, certified, page, rss
from worker.sources.rhythm import silence


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_manners(scene: Scene) -> None:
    """Our source keeps each of them; `make manners` shows who else does."""
    with Stage() as stage:
        scene(stage, lambda url: Ours(url, name=url))


def test_there_are_at_least_forty() -> None:
    assert len(SCENES) >= 40


def test_one_host_is_asked_by_one_at_a_time_and_rests() -> None:
    """Four threads, one host: no two requests overlap, and between two it rests."""
    with Stage() as stage:
        client = web(delay=0.15).client
        urls = [stage.says(f"/{number}", Reply(200, rss("a"), pause=0.05)) for number in range(4)]
        threads = [threading.Thread(target=client.get, args=(url,)) for url in urls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asked = sorted(stage.asked, key=lambda one: one.since)

    assert all(later.since - earlier.until >= 0.1 for earlier, later in itertools.pairwise(asked))


def test_two_hosts_are_asked_at_once() -> None:
    """A slow host keeps nobody from another."""
    with Stage() as slow, Stage("127.0.0.2") as quick:
        client = web().client
        slow.says("/feed", Reply(200, rss("a"), pause=1.0))
        quick.says("/feed", Reply(200, rss("b")))
        waiting = threading.Thread(target=client.get, args=(slow.url(),))
        waiting.start()
        client.get(quick.url())
        waiting.join()

    assert quick.asked[0].until < slow.asked[0].until


def test_a_hub_is_noted() -> None:
    """WebSub: where a feed would push from is remembered."""
    with Stage() as stage:
        head = '<atom:link rel="hub" href="https://hub.example/"/>'
        reader = Ours(stage.says("/feed", Reply(200, rss("a", head=head))))
        reader.look()

    assert reader.state.hub == "https://hub.example/"


def _teasing(stage: Stage) -> bytes:
    return rss("a", teaser=True).replace(b"http://harbour.example/a", stage.url("/page").encode())


def test_a_teasers_page_is_fetched_once() -> None:
    """The whole text replaces the teaser; when the feed changes, the page is not fetched again."""
    with Stage() as stage:
        stage.says("/page", Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
        grown = _teasing(stage).replace(b"</channel>", rss("b").split(b"</link>", 1)[1].replace(b"</rss>", b""))
        reader = Ours(stage.says("/feed", Reply(200, _teasing(stage)), Reply(200, grown)), full_text="auto")
        reader.look()
        reader.look()

    assert len(reader.texts["a"]) >= 10
    assert stage.count("/page") == 1
    assert reader.titles == ["a", "b"]


def test_a_page_that_robots_are_kept_from_is_not_fetched() -> None:
    """robots.txt counts for pages, which the user did not name; the teaser stays."""
    with Stage() as stage:
        stage.says("/robots.txt", Reply(200, b"User-agent: *\nDisallow: /page"))
        stage.says("/page", Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
        reader = Ours(stage.says("/feed", Reply(200, _teasing(stage))), full_text="auto")
        reader.look()

    assert stage.count("/page") == 0
    assert stage.count("/robots.txt") == 1
    assert reader.titles == ["a"]


def test_robots_that_cannot_be_read_keep_us_out() -> None:
    """RFC 9309, 2.3.1.4: a server that fails allows nothing."""
    with Stage() as stage:
        stage.says("/robots.txt", Reply(503))
        stage.says("/page", Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
        reader = Ours(stage.says("/feed", Reply(200, _teasing(stage))), full_text="auto")
        reader.look()

    assert stage.count("/page") == 0


@pytest.mark.parametrize("wanted", ["never", "always"])
def test_full_text_is_the_users_choice(wanted: str) -> None:
    """Never means never, always also fetches what looks whole."""
    with Stage() as stage:
        stage.says("/page", Reply(200, page("Ferry", 40), {"Content-Type": "text/html"}))
        body = rss("a").replace(b"http://harbour.example/a", stage.url("/page").encode())
        reader = Ours(stage.says("/feed", Reply(200, body)), full_text=wanted)
        reader.look()

    assert stage.count("/page") == (wanted == "always")


def test_a_page_with_less_text_changes_nothing() -> None:
    """The teaser stays if the page gives less."""
    with Stage() as stage:
        stage.says("/page", Reply(200, b"<html><body><p>Subscribe!</p></body></html>", {"Content-Type": "text/html"}))
        reader = Ours(stage.says("/feed", Reply(200, _teasing(stage))), full_text="auto")
        reader.look()

    assert "harbour office" in reader.texts["a"][0]


def test_a_page_that_fails_is_tried_again_when_the_feed_changes() -> None:
    """A server's hiccup costs the whole text only for a while."""
    with Stage() as stage:
        stage.says("/page", Reply(503), Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
        grown = _teasing(stage).replace(b"<title>Harbour</title>", b"<title>Harbour!</title>")
        reader = Ours(stage.says("/feed", Reply(200, _teasing(stage)), Reply(200, grown)), full_text="auto")
        reader.look()
        reader.look()

    assert len(reader.texts["a"]) >= 10


def test_a_feed_that_fell_silent_is_noticed() -> None:
    """Usually every hour, then nothing for days: said in words."""
    with Stage() as stage:
        reader = Ours(stage.says("/feed", Reply(200, rss(*"abcdef"))))
        reader.look()
        reader.spend(timedelta(days=9))

    assert silence(reader.state, reader.now) == "silent for 12 days, usually every hour"


def test_an_error_is_kept_in_words_and_forgotten_after_a_success() -> None:
    with Stage() as stage:
        reader = Ours(stage.says("/feed", Reply(500), Reply(200, rss("a"))))
        reader.look()
        failed = reader.state
        reader.look()

    assert (failed.error, failed.failures) == ("it answers with 500", 1)
    assert (reader.state.error, reader.state.failures) == ("", 0)


def test_an_edited_entry_is_taken_again() -> None:
    """The same guid with another text is a revision, under the same id."""
    with Stage() as stage:
        edited = rss("a").replace(b"cracked", b"broken").replace(b"a crack", b"a break")
        reader = Ours(stage.says("/feed", Reply(200, rss("a")), Reply(200, edited)))
        reader.look()
        reader.look()

    assert reader.titles == ["a", "a"]


def test_another_address_begins_anew() -> None:
    """Where the user writes another one, a move, a retirement and validators of the old one count no more."""
    with Stage() as stage:
        stage.says("/old", Reply(410))
        reader = Ours(stage.url("/old"))
        reader.look()
        reader.url = stage.says("/new", Reply(200, rss("a")))
        reader.look()

    assert reader.titles == ["a"]
    assert not reader.state.retired


def test_an_entry_that_stands_twice_is_taken_once() -> None:
    """Also where its page does not come, and it has to be seen again: a feed is not lost by it."""
    with Stage() as stage:
        stage.says("/page", Reply(503), Reply(200, page("Ferry"), {"Content-Type": "text/html"}))
        (item,) = re.findall(rb"<item>.*?</item>", _teasing(stage))
        twice = Reply(200, _teasing(stage).replace(item, item * 2))
        reader = Ours(stage.says("/feed", twice), full_text="auto")
        reader.look()
        reader.state = replace(reader.state, body="")
        reader.look()

    assert reader.titles == ["a", "a"]
    assert len(reader.texts["a"]) >= 10
    assert stage.count("/page") == 2


@pytest.mark.parametrize("wish", ["skipHours", "skipDays"])
def test_who_wants_to_be_skipped_at_all_times_is_asked(wish: str) -> None:
    """All hours or all days: that cannot be meant."""
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(24))
    days = "".join(f"<day>{day}</day>" for day in calendar.day_name)
    head = f"<{wish}>{hours if wish == 'skipHours' else days}</{wish}>"
    with Stage() as stage:
        reader = Ours(stage.says("/feed", Reply(200, rss("a", head=head)), Reply(200, rss("b", "a", head=head))))
        reader.look()
        assert reader.state.wishes
        reader.spend(timedelta(days=2))

    assert reader.titles == ["a", "b"]


def _moved(stage: Stage, there: Stage, *replies: Reply) -> Ours:
    """A reader of a feed that has moved for good, to where such replies come from then on; at home it goes on."""
    there.says("/feed", *(Reply(200, rss("a")),) * 3, *replies)
    moves = (Reply(301, headers={"Location": there.url()}),) * 2
    reader = Ours(stage.says("/feed", *moves, Reply(200, rss("b", "a"))))
    for _ in range(3):
        reader.look()
    assert reader.state.url == there.url()
    return reader


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403),
        Reply(410),
        Reply(500),
        Reply(200, b"<html><body>Buy this domain</body></html>"),
        Reply(raw=lambda _: None),
    ],
)
def test_where_a_feed_moved_to_may_break_for_good(reply: Reply) -> None:
    """Then the address in the user's list is asked again; what it says counts."""
    with Stage() as stage, Stage("127.0.0.2") as there:
        reader = _moved(stage, there, reply)
        reader.spend(timedelta(days=10))

    assert reader.titles == ["a", "b"]
    assert (reader.state.url, reader.state.error, reader.state.retired) == ("", "", False)


def test_a_move_is_kept_where_the_old_address_is_gone() -> None:
    """The new one fails for a while, and the old one is no more: the new one is not forgotten."""
    with Stage() as stage, Stage("127.0.0.2") as there:
        reader = _moved(stage, there, *(Reply(500),) * 6, Reply(200, rss("c", "a")))
        stage.says("/feed", Reply(410))
        reader.spend(timedelta(days=10))

    assert reader.titles == ["a", "c"]
    assert reader.state.url == there.url()


def test_a_move_from_https_to_http_is_not_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stands between could say it: it is followed, and asked with https the next time."""
    with Stage() as plain, Stage(tls=certified(tmp_path)) as stage:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        monkeypatch.setattr(httpx2, "create_ssl_context", lambda **_: trusting)
        plain.says("/feed", Reply(200, rss("a")))
        reader = Ours(stage.says("/feed", Reply(301, headers={"Location": plain.url()})))
        for _ in range(4):
            reader.look()

    assert reader.titles == ["a"]
    assert (reader.state.url, stage.count(), plain.count()) == ("", 4, 4)


def test_a_name_and_a_password_go_along_within_a_host_and_port() -> None:
    """A redirect that names the whole address, as most do, to the same one; and none to another port."""
    with Stage() as stage, Stage() as other:
        there = stage.says("/feed/", Reply(302, headers={"Location": other.url()}))
        stage.says("/feed", Reply(301, headers={"Location": there}))
        other.says("/feed", Reply(200, rss("a")))
        reader = Ours(stage.url().replace("http://", "http://me:secret@"))
        reader.look()

    assert [one.headers.get("authorization") for one in stage.asked] == ["Basic bWU6c2VjcmV0"] * 2
    assert [one.headers.get("authorization") for one in other.asked] == [None]


def test_a_link_to_an_interface_that_is_not_there_costs_its_page_only() -> None:
    """Of a feed that gathers many, one entry has an impossible link."""
    with Stage() as stage:
        body = rss("a", teaser=True).replace(b"http://harbour.example/a", b"http://[fe80::1%25nosuch]/a")
        reader = Ours(stage.says("/feed", Reply(200, body)), full_text="auto")
        assert reader.look() == ["a"]


def test_a_night_without_network_does_not_cost_the_morning() -> None:
    """Who could not be reached for twelve hours is asked again within hours, and at once by hand."""
    with Stage() as stage:
        port = stage.port
    reader = Ours(f"http://127.0.0.1:{port}/feed")
    reader.look()
    reader.spend(timedelta(hours=12))
    assert reader.state.failures >= 5
    assert reader.state.next_check is not None
    assert reader.state.next_check - reader.now < timedelta(hours=3.5)
    with Stage(port=port) as stage:
        stage.says("/feed", Reply(200, rss("a")))
        assert reader.look() == ["a"]
