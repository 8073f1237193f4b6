"""Routing as it is kept: rules drafted and published, decisions with what they were made from, intents."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallId
from cxcall.customers.profile import Profile
from cxcall.routing.decision import Decision, Reason, Result
from cxcall.routing.facts import Caller, Facts
from cxcall.routing.rule import Condition, Rule, RuleSet, Then
from cxcall.store import (
    calls,
    customers,
    intents,
    routing_decisions,
    routing_forgetting,
    routing_lists,
    routing_past,
    rule_sets,
)
from cxcall.store.errors import Conflict
from cxcall.store.intents import IntentNameTaken, NoSuchIntent
from cxcall.store.paging import BadCursor
from cxcall.store.routing_decisions import NewDecision
from cxcall.store.routing_tables import routing_matches, routing_trials
from cxcall.store.rule_sets import NoSuchVersion
from tests.store.make import REGION, queue_call, write

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=ZoneInfo("Asia/Tehran"))
HOUR = timedelta(hours=1)


def rules(*names: str) -> RuleSet:
    gold = (Condition(fact="customer.tier", op="is", value=("gold",)),)
    return RuleSet(rules=tuple(Rule(id=name, name=name, when=gold, then=Then(queue="gold")) for name in names))


def decided(n: int = 1, *, at: datetime = NOW, matched: tuple[str, ...] = ("r1",), **other: object) -> NewDecision:
    """The decision for the n-th call."""
    decision = Decision(
        at=at, result=Result(queue="gold", priority=5), matched=matched, version=3, facts=(("customer.tier", "gold"),),
        reasons=(Reason(field="queue", sentence="The customer's tier is {tier}.", values={"tier": "gold"}, rule="r1"),),
        groups={"faster": "treated" if n % 2 else "control"},
    )  # fmt: skip
    fields: dict[str, object] = {"server": "lab", "unique_id": f"{n}.1", "number": "+989123456789", "ms": 3.5, **other}
    return NewDecision(decision=decision, **fields)  # type: ignore[arg-type]  # a shorthand of these tests


async def test_a_draft_is_kept_and_two_who_change_it_at_once_do_not_overwrite_each_other(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        empty = await rule_sets.draft(conn)
        assert (empty.version, empty.rules, empty.base) == (0, RuleSet(), 0)
        first = await rule_sets.save_draft(conn, rules("a"), version=0, by="sara", now=NOW)
        assert (first.version, first.rules, first.updated_by) == (1, rules("a"), "sara")
        with pytest.raises(Conflict) as conflict:
            await rule_sets.save_draft(conn, rules("mine"), version=0, by="omid", now=NOW)
        assert conflict.value.args == (first,)
        await rule_sets.save_draft(conn, rules("a", "b"), version=1, by="omid", now=NOW)
        with pytest.raises(Conflict):
            await rule_sets.save_draft(conn, rules("mine"), version=1, by="sara", now=NOW)
        assert (await rule_sets.draft(conn)).rules == rules("a", "b")


async def test_rules_are_published_one_after_the_other_and_an_older_version_can_hold_again(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        assert (await rule_sets.standing(conn), await rule_sets.standing_n(conn)) == (None, 0)
        await rule_sets.save_draft(conn, rules("a"), version=0, by="sara", now=NOW)
        first = await rule_sets.publish(conn, rules("a"), base=0, by="sara", now=NOW, note="the first")
        assert (first.n, first.rules, first.note, (await rule_sets.draft(conn)).base) == (1, rules("a"), "the first", 1)
        await rule_sets.publish(conn, rules("a", "b"), base=1, by="omid", now=NOW + HOUR)
        with pytest.raises(Conflict) as conflict:
            await rule_sets.publish(conn, rules("late"), base=1, by="sara", now=NOW)
        assert conflict.value.args[0].n == 2
        with pytest.raises(NoSuchVersion):
            await rule_sets.roll_back(conn, 9, base=2, by="sara", now=NOW)
        back = await rule_sets.roll_back(conn, 1, base=2, by="sara", now=NOW + 2 * HOUR)
        assert (back.n, back.rules, back.restores) == (3, rules("a"), 1)
        assert await rule_sets.standing(conn) == back
        lines = await rule_sets.history(conn)
        assert [(line.n, line.by, line.count, line.restores) for line in lines] == [
            (3, "sara", 1, 1), (2, "omid", 2, None), (1, "sara", 1, None)
        ]  # fmt: skip
        assert [line.n for line in await rule_sets.history(conn, before=3, limit=1)] == [2]


async def test_a_draft_that_is_discarded_is_what_is_published(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await rule_sets.publish(conn, rules("a"), base=0, by="sara", now=NOW)
        begun = await rule_sets.draft(conn)
        assert (begun.version, begun.rules, begun.base) == (0, rules("a"), 1)
        await rule_sets.save_draft(conn, rules("b"), version=0, by="sara", now=NOW)
        back = await rule_sets.discard_draft(conn, version=1, by="omid", now=NOW)
        assert (back.version, back.rules, back.base) == (2, rules("a"), 1)
        with pytest.raises(Conflict):
            await rule_sets.discard_draft(conn, version=1, by="omid", now=NOW)


async def test_a_decision_is_kept_with_its_rules_and_trials_and_found_by_its_channel(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        new = decided(matched=("r1", "r2", "r1"), customer_id="c1", asked="support")
        (id_,) = await routing_decisions.add(conn, [new])
        (later,) = await routing_decisions.add(conn, [decided(at=NOW + HOUR)])
        kept = await routing_decisions.get(conn, id_)
        assert kept is not None
        assert kept.decision == new.decision
        assert (kept.queue, kept.asked, kept.version, kept.call_id) == ("gold", "support", 3, None)
        newest = await routing_decisions.of_channel(conn, "lab", "1.1")
        assert newest is not None
        assert newest.id == later
        assert await routing_decisions.of_channel(conn, "elsewhere", "1.1") is None
        assert await conn.scalar(select(func.count()).select_from(routing_matches)) == 3
        arms = (await conn.scalars(select(routing_trials.c.arm))).all()
        assert arms == ["treated", "treated"]


async def test_a_decision_is_tied_to_its_call_and_follows_it_when_that_becomes_part_of_another(
    engine: AsyncEngine,
) -> None:
    first, second = queue_call(1), queue_call(2)
    channel = second.legs[0].unique_id
    async with engine.begin() as conn:
        (id_,) = await routing_decisions.add(conn, [decided(unique_id=channel)])
        await calls.apply(conn, [write(second)], region=REGION)
        assert await routing_decisions.of_call(conn, second.id) == []
        (found,) = await routing_decisions.of_call(conn, second.id, server="lab", unique_ids=[channel, "none"])
        assert found.id == id_
        assert await routing_decisions.link(conn, "lab", [channel], second.id) == 1
        assert await routing_decisions.link(conn, "lab", [channel], "another") == 0
        await calls.apply(conn, [write(first, 1, second.id)], region=REGION)
        for asked in (first.id, second.id):
            (found,) = await routing_decisions.of_call(conn, asked)
            assert (found.id, found.call_id) == (id_, first.id)


async def test_decisions_nobody_tied_find_the_call_that_began_with_their_channel(engine: AsyncEngine) -> None:
    stays, gone = queue_call(1), replace(queue_call(2), id=CallId("lab-2.1"))
    async with engine.begin() as conn:
        await calls.apply(conn, [write(gone)], region=REGION)
        await calls.apply(conn, [write(stays, 1, gone.id)], region=REGION)
        unique = stays.id.removeprefix("lab-")
        news = [decided(unique_id=unique), decided(2), decided(3), decided(4, at=NOW - 9 * HOUR, unique_id=unique)]
        await routing_decisions.add(conn, news)
        assert await routing_decisions.link_open(conn, since=NOW - HOUR, until=NOW + HOUR) == 2
        assert len(await routing_decisions.of_call(conn, stays.id)) == 2
        assert await routing_decisions.link_open(conn, since=NOW - HOUR, until=NOW + HOUR) == 0


async def test_what_a_rule_held_for_is_counted_by_the_sites_day_and_listed(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        night = NOW.replace(hour=0, minute=30)  # still the day before in UTC
        news = [decided(1, at=night), decided(2, at=night + HOUR), decided(3, at=night - HOUR, matched=("r1", "r2"))]
        ids = await routing_decisions.add(conn, news)
        assert await routing_lists.counts(conn, ["r1", "r2", "r3"], since="2026-11-21", until="2026-11-23") == {
            "r1": {"2026-11-21": 1, "2026-11-22": 2}, "r2": {"2026-11-21": 1}
        }  # fmt: skip
        assert await routing_lists.last_held(conn, ["r1", "r2", "r3"]) == {"r1": "2026-11-22", "r2": "2026-11-21"}
        (one,) = (await routing_lists.page_of_rule(conn, "r2")).rows
        assert one.id == ids[2]
        first = await routing_lists.page_of_rule(conn, "r1", limit=2)
        rest = await routing_lists.page_of_rule(conn, "r1", limit=2, after=first.next)
        assert ({row.id for row in first.rows}, [row.id for row in rest.rows]) == ({ids[0], ids[1]}, [ids[2]])
        assert await routing_lists.page_of_rule(conn, "r1", limit=2, after=rest.previous) == replace(
            first, previous=None
        )
        assert len((await routing_lists.page_of_rule(conn, "r1", day="2026-11-22")).rows) == 2


async def test_decisions_are_listed_newest_first_page_by_page(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        ids = await routing_decisions.add(conn, [decided(n, at=NOW + n * HOUR) for n in range(5)])
        first = await routing_lists.page(conn, limit=2)
        second = await routing_lists.page(conn, limit=2, after=first.next)
        assert [row.id for row in first.rows + second.rows] == ids[:0:-1]
        back = await routing_lists.page(conn, limit=2, after=second.previous)
        assert [row.id for row in back.rows] == ids[:2:-1]
        some = await routing_lists.page(conn, since=NOW + HOUR, until=NOW + 3 * HOUR)
        assert [row.id for row in some.rows] == [ids[2], ids[1]]
        for wrong in ("nonsense", (await routing_lists.page_of_rule(conn, "r1", limit=1)).next):
            with pytest.raises(BadCursor):
                await routing_lists.page(conn, after=wrong)


async def test_a_day_is_played_again_from_the_facts_it_was_decided_from_until_they_are_forgotten(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        news = [
            decided(n, at=NOW + n * HOUR, facts=Facts(
                at=NOW + n * HOUR, server="lab", call=f"{n}.1", customer=Caller(id="c1", tier="gold"),
            )) for n in range(4)
        ]  # fmt: skip
        ids = await routing_decisions.add(conn, [*news, decided(9)])
        day = await routing_past.past(conn, since=NOW, until=NOW + 3 * HOUR, limit=2)
        day += await routing_past.past(conn, since=NOW, until=NOW + 3 * HOUR, limit=2, after=day[-1])
        assert [each.id for each in day] == ids[:3]
        assert day[0].facts.customer == Caller(id="c1", tier="gold")
        assert day[0].decision == news[0].decision
        assert await routing_forgetting.forget_facts(conn, before=NOW + HOUR) == 1
        left = await routing_past.past(conn, since=NOW, until=NOW + 9 * HOUR)
        assert [each.id for each in left] == ids[1:4]
        assert await routing_decisions.get(conn, ids[0]) is not None


async def test_of_a_caller_who_is_forgotten_decisions_tell_nothing_but_are_still_counted(engine: AsyncEngine) -> None:
    theirs, old, other = "+989123456789", "+982188341190", "+989350000001"
    async with engine.begin() as conn:
        made = await customers.create(conn, Profile(name="Maryam", numbers=(theirs, old)))
        facts = Facts(at=NOW, server="lab", call="1", number=theirs, customer=Caller(id=made.id, name="Maryam"))
        ids = await routing_decisions.add(
            conn,
            [
                decided(1, number=theirs, customer_id=made.id, facts=facts),
                decided(2, number=old, facts=facts),  # before the profile was known
                decided(3, number="", customer_id=made.id, facts=facts),  # by another way
                decided(4, number=other, facts=msgspec.structs.replace(facts, customer=None)),
            ],
        )
        kept = [await routing_decisions.get(conn, id_) for id_ in ids]
        assert await routing_forgetting.forget_caller(conn, theirs) == 3
        for id_, before in zip(ids[:3], kept, strict=False):
            after = await routing_decisions.get(conn, id_)
            assert after is not None
            assert before is not None
            assert (after.number, after.customer_id, after.decision.facts, after.decision.reasons) == ("", None, (), ())
            assert (after.queue, after.decision.result) == (before.queue, before.decision.result)
        assert await routing_decisions.get(conn, ids[3]) == kept[3]
        assert [each.id for each in await routing_past.past(conn, since=NOW, until=NOW + HOUR)] == ids[3:]
        assert (await routing_lists.counts(conn, ["r1"], since="2026-11-22", until="2026-11-23"))["r1"].popitem()[
            1
        ] == 4
        assert await routing_forgetting.forget_caller(conn, theirs) == 0


async def test_an_intent_has_a_name_of_its_own_and_two_who_change_it_do_not_overwrite_each_other(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as conn:
        made = await intents.create(conn, "refund", {"phrases": {"fa": ["پولم"]}}, by="sara", now=NOW)
        assert await intents.get(conn, made.id) == await intents.by_name(conn, "refund") == made
        with pytest.raises(IntentNameTaken):
            await intents.create(conn, "refund", {}, by="sara", now=NOW)
        other = await intents.create(conn, "address", {}, enabled=False, by="sara", now=NOW)
        assert await intents.everything(conn) == [other, made]
        assert await intents.everything(conn, enabled_only=True) == [made]
        with pytest.raises(IntentNameTaken):
            await intents.save(
                conn, other.id, name="refund", body={}, enabled=True, version=1, by="omid", now=NOW
            )  # fmt: skip
        saved = await intents.save(
            conn, made.id, name="money", body={"x": 1}, enabled=True, version=1, by="omid", now=NOW
        )
        assert (saved.version, saved.name, saved.body, saved.updated_by) == (2, "money", {"x": 1}, "omid")
        with pytest.raises(Conflict):
            await intents.remove(conn, made.id, version=1)
        await intents.remove(conn, made.id, version=2)
        with pytest.raises(NoSuchIntent):
            await intents.remove(conn, made.id, version=2)
