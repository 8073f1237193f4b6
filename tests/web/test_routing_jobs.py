"""What the service does for routing by itself: experiments that do harm end, old facts of decisions go."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from cxcall import housekeeping
from cxcall.bus import Message
from cxcall.bus.routing import CHANGED
from cxcall.routing.decide import decide
from cxcall.routing.facts import Facts
from cxcall.routing.rule import RuleSet, Trial
from cxcall.settings import Data, Settings, Site
from cxcall.store import routing_decisions, rule_sets
from cxcall.store.routing_decisions import NewDecision
from cxcall.store.routing_tables import routing_decisions as decisions
from cxcall.store.routing_tables import routing_facts
from tests.support.routing_stage import GOLD, stage, tried_on
from tests.support.webapp import World

PATIENCE_S = 60


async def test_the_service_ends_an_experiment_that_does_harm_and_whoever_decides_hears_of_it(world: World) -> None:
    harm = Trial(name="VIP try", share=50, measure="wait", began=world.clock().date())
    kept = Trial(name="Kept", share=50, measure="wait", began=world.clock().date(), stop_worse=False)
    other = msgspec.structs.replace(GOLD, id="other", trial=kept)
    await stage(world, msgspec.structs.replace(GOLD, trial=harm), other, publish=True)
    await tried_on(world, 60, treated=90.0)
    settings = Settings(site=Site(timezone="Asia/Tehran"))
    heard: asyncio.Queue[Message] = asyncio.Queue()
    world.bus.subscribe(CHANGED, heard.put_nowait)
    job = asyncio.create_task(housekeeping.end_harmful_trials(settings, world.engine, world.bus))
    try:
        async with asyncio.timeout(PATIENCE_S):
            message = await heard.get()
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
    assert message.data == {"version": 2}
    async with world.engine.connect() as conn:
        standing = await rule_sets.standing(conn)
    assert standing is not None
    assert [rule.trial.ended is not None for rule in standing.rules.rules if rule.trial] == [True, False]


async def test_the_service_forgets_what_old_decisions_were_made_from_and_keeps_the_decisions(
    world: World, tmp_path: Path
) -> None:
    world.clock.real()
    facts = [Facts(at=world.clock() - timedelta(days=days), server="lab", call=f"{days}.1") for days in (1, 29, 31, 90)]
    async with world.engine.begin() as conn:
        news = [
            NewDecision(decision=decide(RuleSet(), one), server="lab", unique_id=one.call, facts=one) for one in facts
        ]
        ids = await routing_decisions.add(conn, news)
    settings = Settings(site=Site(timezone="Asia/Tehran"), data=Data(dir=str(tmp_path)))
    job = asyncio.create_task(housekeeping.keep_house(settings, world.engine))
    left = ids
    try:
        async with asyncio.timeout(PATIENCE_S):
            while len(left) == len(ids):
                await asyncio.sleep(0.05)
                async with world.engine.connect() as conn:
                    left = list(await conn.scalars(select(routing_facts.c.decision_id).order_by(routing_facts.c.at)))
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
    assert left == [ids[1], ids[0]]
    async with world.engine.connect() as conn:
        kept = await conn.scalar(select(func.count()).select_from(decisions))
    assert kept == len(ids)
