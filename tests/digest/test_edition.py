"""An edition: what is told, in which order, and what became of every document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import MORNING, NEWS, SOME, arrival, digest, texts
from worker.digest.edition import Dateline, member_of
from worker.edition import Edition, Past, Rule, Standing, Told, Verdict
from worker.model import Arrival
from worker.pipeline import Recipe, compose
from worker.text.identity import body

DAY = date(2026, 11, 20)
DATELINE = Dateline(DAY, 1, MORNING)
TITLES = ("Ferry withdrawn", "Wall nearly closed", "Smoke", "Schools reopen")
LATER = MORNING + timedelta(hours=1)


def _edition(
    arrivals: Sequence[Arrival], told: Sequence[str] = (), *, stories: int = 12, day: date = date(2026, 11, 18)
) -> Edition:
    return compose(
        digest(stories=stories),
        DATELINE,
        arrivals,
        Past(tuple(Told(text, day) for text in told)),
        Recipe(ranker="luhn"),
    )


def _verdicts(edition: Edition) -> dict[str, Verdict]:
    return {disposition.document: disposition.verdict for disposition in edition.account}


@st.composite
def _mornings(draw: st.DrawFn) -> list[Arrival]:
    """What may come in at night: news, follow-ups, credits, failures, and copies of some or of what is not there."""
    found: list[Arrival] = []
    for number in range(draw(st.integers(0, 7))):
        said = draw(st.lists(st.sampled_from([*NEWS, "Reporting by Greta Osk in Eastquay."]), max_size=3))
        originals = [a.document.id for a in found if a.copy_of is None]
        found.append(
            arrival(
                *said,
                url=f"https://herald.example/{number}",
                title=draw(st.sampled_from(["", "Ferry withdrawn"])),
                published=draw(st.sampled_from([None, MORNING, LATER])),
                arrived=draw(st.sampled_from([MORNING, LATER])),
                copy_of=draw(st.sampled_from([None, None, None, "elsewhere", *originals])),
                failure=draw(st.sampled_from([None, None, None, "it took too long"])),
            )
        )
    return found


@SOME
@given(_mornings(), st.lists(st.sampled_from(NEWS), max_size=3), st.integers(1, 4))
def test_every_document_is_accounted_for_once(came: list[Arrival], told: list[str], stories: int) -> None:
    """Nothing that came in goes missing, nothing is counted twice, and the budget holds."""
    edition = _edition(came, told, stories=stories)
    keys = sorted((a.document.id, a.document.revision) for a in came)
    assert keys == sorted((d.document, d.revision) for d in edition.account)
    assert all(d.because for d in edition.account)
    assert len(edition.items) <= stories
    told_ids = {d.document for d in edition.account if d.verdict is Verdict.told}
    quoted = {s.span.document for item in edition.items for s in item.summary.sentences}
    assert quoted <= told_ids <= {link.document for item in edition.items for link in item.links}
    assert edition.counts.documents == len(came)


@SOME
@given(_mornings(), st.data(), st.integers(1, 4))
def test_the_order_of_arrivals_makes_no_difference(came: list[Arrival], data: st.DataObject, stories: int) -> None:
    """Any order of the same arrivals makes an equal edition."""
    shuffled = data.draw(st.permutations(came))
    assert _edition(came, stories=stories) == _edition(shuffled, stories=stories)


@SOME
@given(_mornings(), st.lists(st.sampled_from(NEWS), max_size=3))
def test_nothing_is_told_twice_and_nothing_told_before(came: list[Arrival], told: list[str]) -> None:
    """Each sentence of an edition is in it once, and not in the memory."""
    said = [text for item in _edition(came, told).items for text in texts(item.summary.sentences)]
    assert len(said) == len(set(said))
    assert set(told).isdisjoint(said)


def test_who_has_most_to_say_is_told_first() -> None:
    """The weight of a story goes before its date."""
    short = arrival(NEWS[0], url="https://a.example/short", title="Ferry withdrawn")
    long = arrival(NEWS[5], NEWS[7], url="https://a.example/long", title="A late frost")
    assert [item.links[0].url for item in _edition([short, long]).items] == [long.document.url, short.document.url]


def test_what_is_larger_than_the_digest_closes_it_to_nobody() -> None:
    """It is put aside by itself; what only found no room left closes the digest, as always."""
    long = [" ".join([text[:-1]] * 4) + "." for text in NEWS[6:9]]
    came = [
        arrival(*long, *NEWS[9:12], url="https://a.example/long", title="A long one"),
        *(arrival(NEWS[n], url=f"https://a.example/{n}", title=TITLES[n]) for n in range(3)),
    ]
    weighed = replace(
        digest(), words=60, rules=(Rule("first", words=("ferry",), weight=9), Rule("second", words=("film",), weight=4))
    )
    edition = compose(weighed, DATELINE, came, Past(), Recipe(ranker="luhn"))
    urls = [item.links[0].url for item in edition.items]
    assert (urls[0][-1], sorted(url[-1] for url in urls)) == ("0", ["0", "1", "2"])
    verdicts = {d.verdict: d.because for d in edition.account if d.document == came[0].document.id}
    assert verdicts == {Verdict.below_budget: "the digest has room for 60 words; the rule 'second' fits it (weight 4)"}


def test_a_text_without_full_stops_takes_no_room() -> None:
    """A transcript says all in one; the ordinary stories are told as if it were not there."""
    endless = " ".join(["and then they said that it was raining there as well"] * 150)
    came = [arrival(NEWS[n], url=f"https://a.example/{n}", title=TITLES[n]) for n in range(4)]
    alone = arrival(endless, url="https://a.example/endless", title="A podcast")
    assert len(_edition([*came, alone]).items) == 4
    assert _verdicts(_edition([alone])) == {alone.document.id: Verdict.nothing_new}


def test_a_rule_that_moved_a_story_is_named() -> None:
    """In the account of each document that it fits."""
    came = arrival(NEWS[0], url="https://a.example/0")
    ruled = replace(digest(), rules=(Rule("sea", words=("ferry",), section="Sea"),))
    edition = compose(ruled, DATELINE, [came], Past(), Recipe(ranker="luhn"))
    assert [item.section for item in edition.items] == ["Sea"]
    [answer] = edition.account
    assert answer.because.endswith("; the rule 'sea' fits it (section 'Sea')")


def test_of_equal_weight_the_newest_is_told_first() -> None:
    """By the date of the document, else by its arrival."""
    came = [
        arrival(NEWS[0], url="https://a.example/0", title="Ferry withdrawn", published=MORNING),
        arrival(NEWS[5], url="https://a.example/1", title="A late frost", published=None, arrived=LATER),
        arrival(NEWS[2], url="https://a.example/2", title="Smoke", arrived=LATER + timedelta(hours=1), published=None),
    ]
    assert [item.links[0].url[-1] for item in _edition(came).items] == ["2", "1", "0"]


def test_the_newest_is_told_first_across_time_zones() -> None:
    """A later wall clock is not a later moment."""
    early = datetime(2026, 11, 20, 9, tzinfo=timezone(timedelta(hours=9)))  # midnight in UTC
    late = datetime(2026, 11, 20, 3, tzinfo=UTC)
    came = [
        arrival(NEWS[0], url="https://a.example/early", title="Ferry withdrawn", published=early),
        arrival(NEWS[5], url="https://a.example/late", title="A late frost", published=late),
    ]
    assert [item.links[0].url for item in _edition(came).items] == ["https://a.example/late", "https://a.example/early"]


def test_a_copy_is_linked_to_its_original() -> None:
    """The reader sees both places, the text once; a copy of what is not told is only accounted for."""
    original = arrival(NEWS[0], url="https://a.example/x")
    copy = arrival(NEWS[0], url="https://b.example/x", published=LATER, copy_of=original.document.id)
    lone = arrival(NEWS[5], url="https://c.example/x", title="A late frost", copy_of="of last week")
    past = Past(originals=frozenset({("of last week", body(lone.document.paragraphs))}))
    edition = compose(digest(), DATELINE, [copy, lone, original], past, Recipe(ranker="luhn"))
    assert [[link.outlet for link in item.links] for item in edition.items] == [["a.example", "b.example"]]
    assert _verdicts(edition) == {
        original.document.id: Verdict.told,
        copy.document.id: Verdict.copy,
        lone.document.id: Verdict.copy,
    }


def test_a_copy_of_what_cannot_be_told_is_told_itself() -> None:
    """Each was revised to what the other said before; or the original is muted, unreadable, or nobody's."""
    one = arrival(NEWS[0], url="https://a.example/1", title="Ferry")
    two = arrival(NEWS[5], url="https://b.example/2", title="Frost", copy_of=one.document.id)
    edition = _edition([replace(one, copy_of=two.document.id), two])
    assert {d.verdict for d in edition.account} == {Verdict.told}
    failed = arrival(url="https://a.example/failed", failure="it took too long")
    copies = [
        arrival(NEWS[0], url=f"https://{paper}.example/copy", title="Ferry", copy_of=failed.document.id)
        for paper in "bc"
    ]
    verdicts = _verdicts(_edition([failed, *copies]))
    assert sorted(verdicts[c.document.id] for c in copies) == [Verdict.copy, Verdict.told]


def test_the_account_gives_each_verdict_its_reason() -> None:
    """Told, a reprint, told before, muted, too old, empty, only credits, too many, unreadable."""
    site = "https://a.example"
    came = {
        "told": arrival(NEWS[0], NEWS[1], NEWS[2], url=f"{site}/told", title="Ferry withdrawn"),
        "again": arrival(
            NEWS[0], NEWS[1], NEWS[2], NEWS[3], url=f"{site}/again", title="Ferry withdrawn", published=LATER
        ),
        "before": arrival(NEWS[5], url=f"{site}/before", title="A late frost"),
        "muted": arrival(NEWS[10], url=f"{site}/muted", title="The striker"),
        "old": replace(
            arrival(NEWS[9], url=f"{site}/old", title="Ward", published=MORNING - timedelta(days=3)),
            first_fetch=MORNING,
        ),
        "empty": arrival("* * *", url=f"{site}/empty", title="Empty"),
        "credit": arrival("Reporting by Greta Osk.", url=f"{site}/credit", title="Greta", published=LATER),
        "failed": arrival(url=f"{site}/failed", failure="it took too long"),
        "late": arrival(NEWS[7], url=f"{site}/late", title="Bell in a drawer", published=MORNING - timedelta(hours=9)),
    }
    asked = replace(digest(stories=1), rules=(Rule("no football", words=("striker",), mute=True),))
    past = Past((Told(NEWS[5], date(2026, 11, 18)),))
    edition = compose(asked, DATELINE, list(came.values()), past, Recipe(ranker="luhn"))
    account = {d.document: (d.verdict, d.because) for d in edition.account}
    told = came["told"].document.id
    assert {name: account[a.document.id] for name, a in came.items()} == {
        "told": (Verdict.told, f"told in story {told[:6]}"),
        "again": (Verdict.copy, f"a reprint of document {told}"),
        "before": (Verdict.nothing_new, "told on 2026-11-18"),
        "muted": (Verdict.filtered, "filtered by the rule 'no football'"),
        "old": (Verdict.older, "older than its feed's first fetch by more than 2 days"),
        "empty": (Verdict.nothing_new, "it has no sentences"),
        "credit": (Verdict.below_budget, "the digest has room for 1 stories"),
        "failed": (Verdict.unreadable, "it took too long"),
        "late": (Verdict.below_budget, "the digest has room for 1 stories"),
    }


def test_words_are_a_budget() -> None:
    """The first story always has room; the first that has none closes the digest, and nothing is padded."""
    came = [
        arrival(NEWS[number], url=f"https://a.example/{number}", title=title)
        for number, title in ((0, "Ferry withdrawn"), (5, "A late frost"), (7, "Bell in a drawer"))
    ]
    lengths = {words: len(_limited(came, words).items) for words in (1, 20, 38, 60, 0)}
    assert lengths == {1: 1, 20: 1, 38: 2, 60: 3, 0: 3}
    assert {d.because for d in _limited(came, 20).account[1:]} == {"the digest has room for 20 words"}


def _limited(came: list[Arrival], words: int) -> Edition:
    return compose(replace(digest(), words=words), DATELINE, came, Past(), Recipe(ranker="luhn"))


def test_more_outlets_and_the_reader_s_own_weight_lead() -> None:
    """Two papers on one event go before one; unless a rule says otherwise."""
    lone = arrival(NEWS[5], NEWS[7], url="https://a.example/frost", title="A late frost")
    fire = [
        arrival(NEWS[2], more, url=f"https://{paper}.example/fire", title="Smoke above the roofs of Odda")
        for paper, more in (("b", NEWS[3]), ("c", NEWS[4]))
    ]
    first = _edition([lone, *fire]).items[0]
    assert (len(first.links), first.publishers) == (2, 2)
    rule = Rule("gardens", words=("frost",), weight=3, section="Gardens")
    asked = compose(replace(digest(), rules=(rule,)), DATELINE, [lone, *fire], Past(), Recipe(ranker="luhn"))
    assert (asked.items[0].headline, asked.items[0].section) == ("A late frost", "Gardens")


def test_what_stood_in_a_told_document_is_no_news() -> None:
    """A follow-up that says again what nobody quoted, though it was there, is told by what it adds."""
    yesterday = arrival(NEWS[0], NEWS[1], NEWS[2], url="https://a.example/1", title="Ferry withdrawn")
    past = Past(
        (Told(NEWS[0], date(2026, 11, 19), yesterday.document.id, yesterday.document.revision),),
        (member_of(yesterday),),
        {yesterday.document.id: date(2026, 11, 19)},
        {yesterday.document.id: tuple(s.text for s in yesterday.reading.sentences)},
    )
    today = arrival(NEWS[0], NEWS[1], NEWS[4], url="https://a.example/2", title="Ferry withdrawn", published=LATER)
    [item] = compose(digest(), DATELINE, [today], past, Recipe(ranker="luhn")).items
    assert texts(item.summary.sentences) == [NEWS[4]]
    assert (item.standing, item.since) == (Standing.developing, date(2026, 11, 19))
    assert item.story.documents == (yesterday.document.id, today.document.id)


def test_a_story_that_goes_on_is_told_by_what_is_new() -> None:
    """With a sentence of yesterday in it it develops, and only the rest is told."""
    edition = _edition([arrival(NEWS[0], NEWS[1], url="https://a.example/x")], [NEWS[0]])
    item = edition.items[0]
    assert (item.standing, texts(item.summary.sentences)) == (Standing.developing, [NEWS[1]])
    assert _edition([arrival(NEWS[0], NEWS[1])]).items[0].standing is Standing.new


def test_a_new_number_brings_a_sentence_back() -> None:
    """What was told with 12 is told again with 14."""
    before = "The storm that crossed the coast at night left 12 people injured, the county said."
    now = before.replace("12", "14")
    assert [texts(i.summary.sentences) for i in _edition([arrival(now)], [before]).items] == [[now]]
    assert _edition([arrival(before)], [before]).items == ()


def test_without_a_title_the_summary_is_the_headline() -> None:
    """Its first sentence heads the story."""
    assert [item.headline for item in _edition([arrival(NEWS[0], title="")]).items] == [NEWS[0]]
    assert [item.headline for item in _edition([arrival(NEWS[0], title="Ferry")]).items] == ["Ferry"]


def test_two_revisions_of_a_document_are_one_item_or_two_but_none_is_lost() -> None:
    """Whatever the account calls told stands in the edition."""
    first = arrival(NEWS[0], url="https://a.example/x", published=MORNING)
    second = arrival(NEWS[1], url="https://a.example/x", published=LATER)
    edition = _edition([first, second])
    said = {text for item in edition.items for text in texts(item.summary.sentences)}
    called_told = {d.revision for d in edition.account if d.verdict is Verdict.told}
    assert {
        text for a in (first, second) if a.document.revision in called_told for text in a.document.paragraphs
    } == said


def test_of_two_revisions_the_one_that_came_last_is_told() -> None:
    """A correction under the same date wins over what it corrects, whatever the ids are."""
    for number in range(6):
        wrong, right = f"{NEWS[0][:-1]} number {number}0.", f"{NEWS[0][:-1]} number {number}1."
        old = arrival(wrong, url="https://a.example/x", arrived=MORNING)
        new = arrival(right, url="https://a.example/x", arrived=LATER)
        edition = _edition([old, new], stories=1)
        assert [texts(item.summary.sentences) for item in edition.items] == [[right]]


def test_an_edition_says_which_it_is() -> None:
    """Its id, day, number and zone are those of the digest and the slot, and it counts what went in."""
    edition = _edition([arrival(NEWS[0], NEWS[1], NEWS[0])])
    assert (edition.digest, edition.title, edition.day, edition.number) == ("daily", "Unbury", DAY, 1)
    assert (edition.at, edition.zone) == (MORNING, "Europe/Berlin")
    assert (edition.counts.documents, edition.counts.sentences, edition.counts.repeats) == (1, 3, 1)
    another = compose(digest(), Dateline(DAY, 2, MORNING), [], Past(), Recipe())
    assert edition.id != another.id
    assert (another.items, another.account) == ((), ())
