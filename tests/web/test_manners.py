"""The worker is the politest client that servers know: each scene is one of its manners."""

from __future__ import annotations

import itertools
import threading
import time
from datetime import timedelta

import pytest

from tests.web.manners import SCENES, Scene
from tests.web.readers import Ours, web
from tests.web.stage import Reply, Stage, page, rss
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
        begun = time.monotonic()
        waiting.start()
        client.get(quick.url())
        passed = time.monotonic() - begun
        waiting.join()

    assert passed < 0.9


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
