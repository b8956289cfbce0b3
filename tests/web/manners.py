"""The manners of a feed reader, each as a scene on a real server; whoever misbehaves in it raises AssertionError."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.web.readers import START, Reader
from tests.web.stage import Asked, Reply, Stage, conditional, rss

Read = Callable[[str], Reader]
Scene = Callable[[Stage, Read], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCENES: list[Scene] = []


def scene(play: Scene) -> Scene:
    SCENES.append(play)
    return play


def _named(play: Scene, name: str, doc: str) -> None:
    play.__name__, play.__doc__ = name, doc
    scene(play)


def _http(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _two_looks(stage: Stage, read: Read, *replies: Reply) -> Reader:
    """A reader that looked twice, an hour apart."""
    reader = read(stage.says("/feed", *replies))
    reader.look()
    reader.spend(timedelta(hours=2))
    return reader


# Conditional requests (RFC 9110, 13)


@scene
def asks_unconditionally_at_first(stage: Stage, read: Read) -> None:
    """The first request has no If-None-Match and no If-Modified-Since."""
    read(stage.says("/feed", Reply(200, rss("a")))).look()
    assert stage.header("if-none-match") is None
    assert stage.header("if-modified-since") is None


def _handed_back(name: str, doc: str, headers: Mapping[str, str]) -> None:
    def play(stage: Stage, read: Read) -> None:
        _two_looks(stage, read, Reply(200, rss("a"), headers))
        for said, back in (("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")):
            if said in headers:
                assert stage.header(back, 1) == headers[said]

    _named(play, f"hands_back_{name}", doc)


_DATE = "Sat, 21 Nov 2026 10:00:00 GMT"
for _name, _doc, _headers in (
    ("the_etag", "An ETag comes back in If-None-Match, byte by byte.", {"ETag": '"x-1;gzip"'}),
    ("a_weak_etag", "A weak ETag stays weak.", {"ETag": 'W/"1"'}),
    ("last_modified", "Last-Modified comes back as it was sent, not as our own date.", {"Last-Modified": _DATE}),
    (
        "an_odd_last_modified",
        "Also one in no valid form: servers compare it as text.",
        {"Last-Modified": "2026-11-21 10:00"},
    ),
    ("both", "With both given, both come back.", {"ETag": '"1"', "Last-Modified": _DATE}),
):
    _handed_back(_name, _doc, _headers)


@scene
def an_unchanged_feed_costs_one_request(stage: Stage, read: Read) -> None:
    """A 304 is the end of it: one request, nothing taken, nothing lost."""
    reader = read(stage.says("/feed", conditional(rss("a", "b"))))
    assert sorted(reader.look()) == ["a", "b"]
    reader.spend(timedelta(hours=2))
    assert 2 <= stage.count() <= 3
    assert set(stage.paths()) == {"/feed"}
    assert sorted(reader.titles) == ["a", "b"]


@scene
def takes_the_etag_of_a_304(stage: Stage, read: Read) -> None:
    """A 304 may name a new ETag (RFC 9110, 15.4.5)."""
    replies = (Reply(200, rss("a"), {"ETag": '"1"'}), Reply(304, headers={"ETag": '"2"'}))
    reader = read(stage.says("/feed", *replies))
    reader.look()
    reader.look()
    reader.look()
    assert stage.header("if-none-match", 2) == '"2"'


@scene
def the_same_bytes_without_validators_are_nothing_new(stage: Stage, read: Read) -> None:
    """A server that knows no ETag sends all of it each time; it is taken once."""
    reader = _two_looks(stage, read, Reply(200, rss("a", "b")))
    assert sorted(reader.titles) == ["a", "b"]


@scene
def an_entry_that_stays_is_taken_once(stage: Stage, read: Read) -> None:
    """Of a feed that grew, only what is new is taken."""
    reader = _two_looks(stage, read, Reply(200, rss("a")), Reply(200, rss("b", "a")))
    assert reader.titles == ["a", "b"]


@scene
def asks_for_changes_only(stage: Stage, read: Read) -> None:
    """A-IM: feed says that the changed entries are enough (RFC 3229, with feed as its manipulation)."""
    _two_looks(stage, read, Reply(200, rss("a"), {"ETag": '"1"'}))
    assert stage.header("a-im", 1) == "feed"


@scene
def takes_226_for_an_answer(stage: Stage, read: Read) -> None:
    """226 IM Used has the new entries only; the old ones are not forgotten."""
    replies = (
        Reply(200, rss("a"), {"ETag": '"1"'}),
        Reply(226, rss("b"), {"ETag": '"2"', "IM": "feed"}),
        Reply(200, rss("b", "a"), {"ETag": '"3"'}),
    )
    reader = read(stage.says("/feed", *replies))
    for _ in range(3):
        reader.look()
    assert reader.titles == ["a", "b"]


# Content codings


@scene
def asks_for_gzip(stage: Stage, read: Read) -> None:
    """Accept-Encoding names gzip."""
    read(stage.says("/feed", Reply(200, rss("a")))).look()
    assert "gzip" in (stage.header("accept-encoding") or "")


@scene
def reads_gzip(stage: Stage, read: Read) -> None:
    """A body packed with gzip is read."""
    url = stage.says("/feed", Reply(200, gzip.compress(rss("a")), {"Content-Encoding": "gzip"}))
    assert read(url).look() == ["a"]


@scene
def reads_gzip_of_several_members(stage: Stage, read: Read) -> None:
    """gzip may be several packed one after the other (RFC 1952, 2.2)."""
    body = rss("a")
    packed = gzip.compress(body[:100]) + gzip.compress(body[100:])
    assert read(stage.says("/feed", Reply(200, packed, {"Content-Encoding": "gzip"}))).look() == ["a"]


@scene
def reads_deflate(stage: Stage, read: Read) -> None:
    """deflate is read, although nobody asked for it."""
    url = stage.says("/feed", Reply(200, zlib.compress(rss("a")), {"Content-Encoding": "deflate"}))
    assert read(url).look() == ["a"]


@scene
def survives_a_damaged_gzip(stage: Stage, read: Read) -> None:
    """A body cut off in the middle is an error, and asked for again."""
    packed = gzip.compress(rss("a"))
    replies = (
        Reply(200, packed[: len(packed) // 2], {"Content-Encoding": "gzip", "ETag": '"1"'}),
        Reply(200, packed, {"Content-Encoding": "gzip"}),
    )
    reader = read(stage.says("/feed", *replies))
    reader.look()
    assert reader.look() == ["a"]
    assert stage.header("if-none-match", 1) is None


# Redirects (RFC 9110, 15.4)


def _redirected(status: int) -> None:
    def play(stage: Stage, read: Read) -> None:
        stage.says("/new", Reply(200, rss("a")))
        assert read(stage.says("/feed", Reply(status, headers={"Location": "/new"}))).look() == ["a"]

    _named(play, f"follows_{status}", f"A {status} is followed, by a Location without host as well.")


for _status in (301, 302, 303, 307, 308):
    _redirected(_status)


@scene
def believes_a_move_at_its_second_sighting(stage: Stage, read: Read) -> None:
    """After two 301 in a row the new address is asked, and the old one no more."""
    stage.says("/new", Reply(200, rss("a")))
    reader = read(stage.says("/feed", Reply(301, headers={"Location": "/new"})))
    for _ in range(4):
        reader.look()
    assert stage.count("/feed") == 2
    assert stage.count("/new") == 4


@scene
def believes_a_308_as_well(stage: Stage, read: Read) -> None:
    """308 moves for good like 301."""
    stage.says("/new", Reply(200, rss("a")))
    reader = read(stage.says("/feed", Reply(308, headers={"Location": "/new"})))
    for _ in range(3):
        reader.look()
    assert stage.count("/feed") == 2


@scene
def does_not_believe_a_single_move(stage: Stage, read: Read) -> None:
    """One 301 may be a mistake: the old address is asked once more."""
    stage.says("/new", Reply(200, rss("a")))
    reader = read(stage.says("/feed", Reply(301, headers={"Location": "/new"}), Reply(200, rss("a"))))
    for _ in range(3):
        reader.look()
    assert stage.count("/feed") == 3


@scene
def never_believes_a_temporary_move(stage: Stage, read: Read) -> None:
    """302 and 307 change nothing for the next time."""
    stage.says("/new", Reply(200, rss("a")))
    reader = read(
        stage.says("/feed", Reply(302, headers={"Location": "/new"}), Reply(307, headers={"Location": "/new"}))
    )
    for _ in range(4):
        reader.look()
    assert stage.count("/feed") == 4


@scene
def believes_a_chain_as_far_as_it_is_permanent(stage: Stage, read: Read) -> None:
    """301 to a 302: the address between them is remembered, not the last."""
    stage.says("/last", Reply(200, rss("a")))
    stage.says("/between", Reply(302, headers={"Location": "/last"}))
    reader = read(stage.says("/feed", Reply(301, headers={"Location": "/between"})))
    for _ in range(4):
        reader.look()
    assert stage.count("/feed") == 2
    assert stage.count("/between") == 4


@scene
def returns_when_the_new_address_is_gone(stage: Stage, read: Read) -> None:
    """A believed address that turns to 404 is forgotten: the user's own is asked again."""
    stage.says("/new", *(Reply(200, rss("a")),) * 3, Reply(404))
    moved = (Reply(301, headers={"Location": "/new"}),) * 2
    reader = read(stage.says("/feed", *moved, Reply(200, rss("b", "a"))))
    for _ in range(3):
        reader.look()
    reader.spend(2 * DAY)
    assert stage.count("/feed") >= 3
    assert reader.titles == ["a", "b"]


@scene
def leaves_a_circle(stage: Stage, read: Read) -> None:
    """Redirects in a circle end soon."""
    stage.says("/new", Reply(302, headers={"Location": "/feed"}))
    read(stage.says("/feed", Reply(302, headers={"Location": "/new"}))).look()
    assert len(stage.asked) <= 6


@scene
def leaves_an_endless_chain(stage: Stage, read: Read) -> None:
    """More redirects than a handful are not followed."""
    for number in range(30):
        stage.says(f"/{number}", Reply(302, headers={"Location": f"/{number + 1}"}))
    read(stage.url("/0")).look()
    assert len(stage.asked) <= 10


@scene
def keeps_a_password_from_other_hosts(stage: Stage, read: Read) -> None:
    """The name and password of an address go to its host only."""
    with Stage("127.0.0.2") as other:
        other.says("/feed", Reply(200, rss("a")))
        stage.says("/feed", Reply(302, headers={"Location": other.url()}))
        assert read(stage.url().replace("http://", "http://me:secret@")).look() == ["a"]
        assert stage.header("authorization", 0)
        assert other.header("authorization") is None
        assert "secret" not in str(other.asked)


@scene
def keeps_the_fragment_to_itself(stage: Stage, read: Read) -> None:
    """What stands behind # is not sent."""
    stage.says("/feed", Reply(200, rss("a")))
    assert read(stage.url("/feed#top")).look() == ["a"]


# Errors, and being told to wait


@scene
def retires_a_feed_that_is_gone(stage: Stage, read: Read) -> None:
    """410 means never again."""
    reader = read(stage.says("/feed", Reply(410)))
    reader.look()
    reader.spend(10 * DAY)
    reader.look()
    assert stage.count() == 1


@scene
def backs_off_from_404(stage: Stage, read: Read) -> None:
    """A feed that is not there is asked less and less often."""
    reader = read(stage.says("/feed", Reply(404)))
    reader.look()
    reader.spend(7 * DAY)
    assert 4 <= stage.count() <= 15


@scene
def backs_off_from_errors(stage: Stage, read: Read) -> None:
    """So is a server that fails."""
    reader = read(stage.says("/feed", Reply(500)))
    reader.look()
    reader.spend(7 * DAY)
    assert 4 <= stage.count() <= 15


@scene
def recovers_after_errors(stage: Stage, read: Read) -> None:
    """Once it answers again, all is as before."""
    reader = read(stage.says("/feed", Reply(500), Reply(500), Reply(200, rss("a"))))
    reader.look()
    reader.spend(DAY)
    assert reader.titles == ["a"]
    assert stage.count() >= 12


@scene
def obeys_retry_after_in_seconds(stage: Stage, read: Read) -> None:
    """503 with Retry-After: five hours of silence."""
    reader = read(stage.says("/feed", Reply(503, headers={"Retry-After": "18000"}), Reply(200, rss("a"))))
    reader.look()
    reader.spend(4.9 * HOUR)
    reader.look()
    assert stage.count() == 1
    reader.spend(2 * HOUR)
    assert reader.titles == ["a"]


@scene
def obeys_retry_after_as_a_date(stage: Stage, read: Read) -> None:
    """429 with a date, by the server's own clock, which is a day fast."""
    headers = {"Date": _http(START + DAY), "Retry-After": _http(START + DAY + 5 * HOUR)}

    def refused(_: Asked) -> Reply:
        return Reply(raw=lambda to: to.write(_raw(429, headers)))

    reader = read(stage.says("/feed", refused, Reply(200, rss("a"))))
    reader.look()
    reader.spend(4.9 * HOUR)
    assert stage.count() == 1
    reader.spend(2 * HOUR)
    assert reader.titles == ["a"]


@scene
def does_not_wait_for_ever(stage: Stage, read: Read) -> None:
    """A Retry-After of years is a mistake: a week is waited."""
    reader = read(stage.says("/feed", Reply(503, headers={"Retry-After": "999999999"}), Reply(200, rss("a"))))
    reader.look()
    reader.spend(6.5 * DAY)
    assert stage.count() == 1
    reader.spend(2 * DAY)
    assert reader.titles == ["a"]


@scene
def asks_again_after_a_dropped_connection(stage: Stage, read: Read) -> None:
    """A connection that breaks off is a failure like any other."""
    reader = read(stage.says("/feed", Reply(raw=lambda _: None), Reply(200, rss("a"))))
    reader.look()
    reader.spend(3 * HOUR)
    assert reader.titles == ["a"]


# Caching, and the feed's own wishes


def _raw(status: int, headers: dict[str, str], body: bytes = b"") -> bytes:
    """An answer whose Date is the test's own."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close"]) + "\r\n\r\n").encode() + body


def _quiet_until(stage: Stage, reader: Reader, hours: float) -> None:
    """Nobody asks until then, not even when told to look; and somebody does within two hours after."""
    reader.look()
    reader.spend((hours - 0.1) * HOUR)
    reader.look()
    assert stage.count() == 1
    reader.spend(2.2 * HOUR)
    assert stage.count() >= 2


def _wished(name: str, doc: str, hours: float, headers: Mapping[str, str], head: str) -> None:
    def play(stage: Stage, read: Read) -> None:
        _quiet_until(stage, read(stage.says("/feed", Reply(200, rss("a", head=head), headers))), hours)

    _named(play, name, doc)


_PERIOD = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
_HOURS = "".join(f"<hour>{hour}</hour>" for hour in range(7, 12))
for _name, _doc, _hours, _headers, _head in (
    ("obeys_max_age", "Cache-Control: max-age is a wish to be left alone.", 4, {"Cache-Control": "public, max-age=14400"}, ""),
    ("counts_the_age_of_an_answer", "What lay in a cache for an hour stays fresh for an hour less.", 4, {"Cache-Control": "max-age=18000", "Age": "3600"}, ""),
    ("obeys_ttl", "RSS's ttl is in minutes.", 4, {}, "<ttl>240</ttl>"),
    ("obeys_update_period", "sy:updatePeriod and sy:updateFrequency: four times a day.", 6, {}, _PERIOD),
    ("obeys_skip_hours", "From 7 to 11 nobody asks; it is 6 o'clock.", 6, {}, f"<skipHours>{_HOURS}</skipHours>"),
):  # fmt: skip
    _wished(_name, _doc, _hours, _headers, _head)


@scene
def obeys_expires(stage: Stage, read: Read) -> None:
    """Expires counts from the server's Date."""
    headers = {"Date": _http(START + DAY), "Expires": _http(START + DAY + 4 * HOUR)}
    url = stage.says("/feed", Reply(raw=lambda to: to.write(_raw(200, headers, rss("a")))))
    _quiet_until(stage, read(url), 4)


@scene
def obeys_max_age_of_a_304(stage: Stage, read: Read) -> None:
    """A 304 says for how long as well."""
    replies = (Reply(200, rss("a"), {"ETag": '"1"'}), Reply(304, headers={"Cache-Control": "max-age=18000"}))
    reader = read(stage.says("/feed", *replies))
    reader.look()
    reader.look()
    reader.spend(4.9 * HOUR)
    assert stage.count() == 2


@scene
def does_not_obey_an_endless_max_age(stage: Stage, read: Read) -> None:
    """A year is a mistake for a feed: it is asked once a day."""
    reply = Reply(200, rss("a"), {"Cache-Control": "max-age=31536000"})
    reader = read(stage.says("/feed", reply))
    reader.look()
    reader.spend(3.5 * DAY)
    assert 3 <= stage.count() <= 4


@scene
def no_cache_delays_nothing(stage: Stage, read: Read) -> None:
    """no-cache beside max-age means: ask as you would."""
    reply = Reply(200, rss("a"), {"Cache-Control": "no-cache, max-age=86400"})
    reader = read(stage.says("/feed", reply))
    reader.look()
    reader.spend(3 * HOUR)
    assert stage.count() >= 3


@scene
def obeys_skip_days(stage: Stage, read: Read) -> None:
    """On Tuesdays nobody asks."""
    head = "<skipDays><day>Tuesday</day></skipDays>"
    reader = read(stage.says("/feed", Reply(200, rss("a", head=head))))
    reader.look()
    reader.spend(18 * HOUR)
    monday = stage.count()
    reader.spend(DAY - timedelta(minutes=1))
    assert stage.count() == monday
    reader.spend(3 * HOUR)
    assert stage.count() > monday


@scene
def asks_a_slow_feed_seldom(stage: Stage, read: Read) -> None:
    """A feed with news once a week is asked twice a day at most, and once a day at least."""
    items = [rss(f"w{number}", day=number).split(b"<item>")[1].split(b"</item>")[0] for number in (20, 13, 6)]
    body = (
        rss("x").split(b"<item>")[0] + b"".join(b"<item>" + item + b"</item>" for item in items) + b"</channel></rss>"
    )
    reader = read(stage.says("/feed", conditional(body)))
    reader.look()
    reader.spend(7 * DAY)
    assert 7 <= stage.count() <= 14


@scene
def asks_a_busy_feed_no_more_than_wanted(stage: Stage, read: Read) -> None:
    """A feed with news every minute is asked as often as the user wants: once an hour."""
    reader = read(stage.says("/feed", conditional(rss(*map(str, range(20))))))
    reader.look()
    reader.spend(DAY)
    assert 20 <= stage.count() <= 25


# Being a guest


@scene
def says_who_it_is(stage: Stage, read: Read) -> None:
    """The User-Agent has a name, a version and an address to write to."""
    read(stage.says("/feed", Reply(200, rss("a")))).look()
    agent = stage.header("user-agent") or ""
    assert "/" in agent
    assert "@" in agent
    assert "Mozilla" not in agent


@scene
def says_what_it_reads(stage: Stage, read: Read) -> None:
    """Accept names the feeds' media types, Atom and RSS."""
    read(stage.says("/feed", Reply(200, rss("a")))).look()
    accept = stage.header("accept") or ""
    assert "application/atom+xml" in accept
    assert "application/rss+xml" in accept


@scene
def asks_only_with_get(stage: Stage, read: Read) -> None:
    """No HEAD before a GET: that would be two requests for one."""
    _two_looks(stage, read, Reply(200, rss("a"), {"ETag": '"1"'}))
    assert {one.method for one in stage.asked} == {"GET"}


@scene
def sends_no_cookies(stage: Stage, read: Read) -> None:
    """What a server wants remembered is not handed back."""
    _two_looks(stage, read, Reply(200, rss("a"), {"Set-Cookie": "who=me; Max-Age=9999999"}))
    assert stage.header("cookie", 1) is None


@scene
def asks_no_robots_for_a_feed_that_was_named(stage: Stage, read: Read) -> None:
    """robots.txt is for robots: the user named this feed."""
    read(stage.says("/feed", Reply(200, rss("a")))).look()
    assert stage.paths() == ["/feed"]


@scene
def does_not_come_on_the_dot(stage: Stage, read: Read) -> None:
    """Two feeds looked at together are not asked at the same second the next time, nor at a full hour."""
    other = stage.says("/other", Reply(200, rss("a")))
    first, second = read(stage.says("/feed", Reply(200, rss("a")))), read(other)
    for reader in (first, second):
        reader.look()
    assert _next(first) != _next(second)


def _next(reader: Reader) -> object:
    state = getattr(reader, "state", None)
    return state.next_check if state else START + HOUR


@scene
def finds_the_feed_of_a_page(stage: Stage, read: Read) -> None:
    """An address of a page leads to the feed that it names; from then on the page is left alone."""
    head = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    stage.says("/feed", Reply(200, rss("a")))
    page = f"<!doctype html><html><head>{head}</head><body>Hello</body></html>".encode()
    reader = read(stage.says("/", Reply(200, page, {"Content-Type": "text/html"})))
    for _ in range(3):
        reader.look()
    assert reader.titles == ["a"]
    assert stage.count("/") == 1


@scene
def knows_no_feed_from_a_page(stage: Stage, read: Read) -> None:
    """A page without a feed is an error in words, not an empty feed."""
    reader = read(stage.says("/feed", Reply(200, b"<!doctype html><html><body>Maintenance</body></html>")))
    reader.look()
    state = getattr(reader, "state", None)
    assert state is not None
    assert "page" in state.error
