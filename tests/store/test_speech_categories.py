"""Categories and what they found, hints and what became of them, articles."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.speech.category import Category, Rule, Term
from cxcall.store import (
    articles,
    categories,
    category_figures,
    category_talks,
    hints,
    transcripts,
    understood,
)
from cxcall.store.articles import NoSuchArticle
from cxcall.store.categories import CategoryNameTaken, NoSuchCategory
from cxcall.store.category_figures import CategoryCount, Cut, GroupCount, RequiredShare
from cxcall.store.errors import Conflict
from cxcall.store.hints import NewHint
from cxcall.store.survey_figures import Period
from cxcall.store.understood import Outcome
from tests.store.make import after
from tests.store.speech_make import hit, spoken, talk, turn

REFUND = Category(
    id="refund", name={"en": "Refund", "fa": "بازگشت وجه"}, rules=(Rule(says=Term(phrases=("refund*", "بازگشت وجه"))),)
)
DAY = Cut(period=Period(since=after(0), until=after(86_400)))


async def test_two_people_editing_a_category_do_not_overwrite_each_other(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        praise = Category(id="praise", name={"en": "Praise"}, tone="good", enabled=False)
        assert await categories.seed(conn, [REFUND, praise], now=after(0)) == 2
        assert await categories.seed(conn, [REFUND, praise], now=after(1)) == 0
        assert await categories.enabled(conn) == (REFUND,)
        assert await categories.names(conn) == {"refund": REFUND.name, "praise": praise.name}
        louder = msgspec.structs.replace(REFUND, alerts=True)
        saved = await categories.save(conn, louder, version=1, by="omid", now=after(5))
        assert (saved.version, saved.category, saved.updated_by) == (2, louder, "omid")
        with pytest.raises(Conflict) as conflict:
            await categories.save(conn, REFUND, version=1, by="sara", now=after(6))
        assert conflict.value.args == (saved,)
        with pytest.raises(NoSuchCategory):
            await categories.save(conn, msgspec.structs.replace(REFUND, id="x", name={"en": "X"}), version=1, by="x",
                                  now=after(6))  # fmt: skip
        same_name = msgspec.structs.replace(REFUND, id="", name={"fa": "بازگشت وجه", "en": "REFUND"})
        with pytest.raises(CategoryNameTaken):
            await categories.create(conn, same_name, by="sara", now=after(6))
        made = await categories.create(conn, msgspec.structs.replace(same_name, name={"en": "Money"}), by="x",
                                       now=after(6))  # fmt: skip
        assert await categories.get(conn, made.id) == made
        assert [kept.category.name["en"] for kept in await categories.everything(conn)] == ["Money", "Praise", "Refund"]
        with pytest.raises(Conflict):
            await categories.remove(conn, "refund", version=1)
        await categories.remove(conn, "refund", version=2)
        with pytest.raises(NoSuchCategory):
            await categories.remove(conn, "refund", version=2)


async def test_categories_are_counted_with_their_share_and_the_mood_of_their_calls(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        for n in range(6):
            hits = [hit("refund", 1, "refund"), hit("refund", 3)] if n < 4 else []
            hits += [hit("praise", 1, "thanks")] if n == 0 else []
            made = await spoken(conn, n, "i want a refund", "yes", "thanks", at=n * 3600, queue=f"q{n % 2}",
                                agent=f"PJSIP/{n % 3}")  # fmt: skip
            await understood.keep(conn, made.id, Outcome(hits=hits, said={"greeting": n > 1}, sentiment=n / 10),
                                  now=after(n))  # fmt: skip
        live = await transcripts.begin(conn, talk(7), now=after(0))
        await understood.put_hits(conn, live, [hit("live", 1)])
        comment = await spoken(conn, 8, "refund", kind="comment", subject="r-why")
        await understood.keep(conn, comment.id, Outcome(hits=[hit("refund", 1)]), now=after(1))

        found = await category_figures.counts(conn, DAY)
        assert (found.heard, round(found.mood or 0, 6)) == (7, 0.25)
        assert [(c.category_id, c.calls, c.share, c.mood and round(c.mood, 6)) for c in found.categories] == [
            ("refund", 4, 4 / 7, 0.15), ("live", 1, 1 / 7, None), ("praise", 1, 1 / 7, 0.0)
        ]  # fmt: skip
        narrow = Cut(period=DAY.period, queue="q0", agents=("PJSIP/0", "PJSIP/2"))
        in_queue = await category_figures.counts(conn, narrow)
        assert in_queue.heard == 2
        assert in_queue.categories[0].category_id == "refund"
        assert CategoryCount(category_id="praise", calls=1, share=1 / 2, mood=0.0) in in_queue.categories

        edges = [after(0), after(7200), after(14_400), after(86_400)]
        trend = await category_figures.trend(conn, edges, DAY, category_ids=["refund", "praise"])
        assert (trend.heard, trend.calls) == ((3, 2, 2), {"refund": (2, 2, 0), "praise": (1, 0, 0)})
        assert [mood and round(mood, 6) for mood in trend.moods["refund"]] == [0.05, 0.25, None]
        assert await category_figures.trend(conn, edges[:1], DAY) == category_figures.Trend(
            heard=(), mood=(), calls={}, moods={}
        )
        by_queue = await category_figures.by_queue(conn, "praise", DAY)
        assert by_queue == {
            "q0": GroupCount(calls=1, heard=3, mood=0.0),
            "q1": GroupCount(calls=0, heard=3, mood=None),
            "support": GroupCount(calls=0, heard=1, mood=None),
        }
        by_agent = await category_figures.by_agent(conn, "refund", DAY)
        assert {agent: (each.calls, each.heard) for agent, each in by_agent.items()} == {
            "PJSIP/0": (2, 2), "PJSIP/1": (1, 2), "PJSIP/2": (1, 2), "PJSIP/1001": (0, 1)
        }  # fmt: skip
        assert await category_figures.required(conn, DAY) == [RequiredShare(category_id="greeting", said=4, n=6)]

        first = await category_talks.page(conn, "refund", DAY, limit=3)
        second = await category_talks.page(conn, "refund", DAY, limit=3, after=first.next)
        rows = [*first.rows, *second.rows]
        assert [(row.call_id, row.start, row.quote, row.hits) for row in rows] == [
            (f"lab-{n}.1", 5.0, "refund", 2) for n in (3, 2, 1, 0)
        ]
        sample = await category_talks.sample(conn, most=2)
        assert [talk.call_id for talk in sample] == ["lab-5.1", "lab-4.1"]
        assert sample[0].turns[0] == msgspec.structs.replace(
            turn(1, "i want a refund"), words=(), confidence=None, channel="", agent=""
        )
        assert await category_talks.sample(conn, queues=["none"]) == []


async def test_only_the_first_word_about_a_hint_counts(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        made = await spoken(conn, 1, "refund please")

        def about(n: int, kind: hints.Kind = "category") -> NewHint:
            return NewHint(id=f"h{n}", transcript_id=made.id, call_id="lab-1.1", kind=kind, at=n, title="Refund",
                           category_id="refund", shown_to="PJSIP/1001", queue="support")  # fmt: skip

        shown = await hints.show(conn, about(1), now=after(1))
        assert await hints.show(conn, about(1), now=after(9)) == shown
        for n in (2, 3):
            await hints.show(conn, about(n), now=after(n))
        await hints.show(conn, about(4, "feeling"), now=after(4))
        used = await hints.decide(conn, "h1", "used", now=after(5), by="sara")
        assert await hints.decide(conn, "h1", "dismissed", now=after(6), by="omid") == used
        await hints.decide(conn, "h2", "dismissed", now=after(6), by="sara")
        assert await hints.decide(conn, "none", "used", now=after(6)) is None
        assert await hints.expire(conn, made.id, now=after(60)) == 2
        assert [hint.outcome for hint in await hints.of_transcript(conn, made.id)] == [
            "used", "dismissed", "expired", "expired"
        ]  # fmt: skip
        period = Period(since=after(0), until=after(100))
        uses = await hints.uses(conn, period, queue="support", agents=["PJSIP/1001"])
        assert [(use.kind, use.shown, use.used, use.dismissed, use.expired) for use in uses] == [
            ("category", 3, 1, 1, 1), ("feeling", 1, 0, 0, 1)
        ]  # fmt: skip
        assert await hints.uses(conn, period, queue="none") == []


async def test_an_article_is_found_by_the_beginnings_of_its_words(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        money = await articles.create(conn, title="Refunds", body="Within 14 days.", phrases=["my money"], by="x",
                                      now=after(0), language="en", queues=["support"])  # fmt: skip
        persian = await articles.create(conn, title="لغو اشتراک", body="می\u200cشود", by="x", now=after(0),
                                        enabled=False)  # fmt: skip
        assert await articles.get(conn, money.id) == money
        for text, expected in [("refu mone", [money]), ("14", [money]), ("اشتراك", [persian]), ("میشود", [persian]),
                               ("refund x", []), ("", [money, persian])]:  # fmt: skip
            assert await articles.search(conn, text) == expected
        assert await articles.everything(conn, enabled=True) == [money]
        renamed = await articles.save(conn, replace(money, title="Money back"), by="omid", now=after(5))
        assert (renamed.version, renamed.updated_by, renamed.created_at) == (2, "omid", after(0))
        assert await articles.search(conn, "refunds") == []
        with pytest.raises(Conflict) as conflict:
            await articles.save(conn, money, by="sara", now=after(6))
        assert conflict.value.args == (renamed,)
        with pytest.raises(Conflict):
            await articles.remove(conn, money.id, version=1)
        await articles.remove(conn, money.id, version=2)
        with pytest.raises(NoSuchArticle):
            await articles.remove(conn, money.id, version=2)
        assert await articles.search(conn, "money") == []
