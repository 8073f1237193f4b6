"""A site with routing rules: queues they name, callers, decisions of a day, an experiment with its calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import msgspec

from cxcall.customers.profile import Profile
from cxcall.routing.decide import decide
from cxcall.routing.decision import Decision, Result
from cxcall.routing.facts import Caller, Facts
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, RuleSet, SkillStep, Then, Trial
from cxcall.store import calls, customers, queues, routing_decisions, rule_sets, skills
from cxcall.store.routing_decisions import NewDecision
from cxcall.web.access import Role
from tests.store import make
from tests.support.webapp import World

PATH = "/admin/routing"
MINA = Profile(name="Mina Rezaei", numbers=("+989121234567",), tier="gold")
GOLD = Rule(
    id="gold", name="Gold first", when=(Condition(fact="customer.tier", op="is", value=("gold",)),),
    then=Then(queue="vip", priority=5),
)  # fmt: skip
NIGHT = Rule(
    id="night", name="Night", when=(Condition(fact="time.clock", op="between", value=("22:00", "06:00")),),
    then=Then(queue="night"),
)  # fmt: skip
WIDE = msgspec.structs.replace(
    GOLD,
    when=(*GOLD.when, Condition(fact="queue.waiting", op="over", value=(3.0,)),
          Condition(fact="time.weekday", op="one_of", value=("saturday", "sunday"))),
    then=Then(
        queue="vip", priority=5, agent=Preferred(who="last"),
        skills=(SkillStep(skill="English", level=4), SkillStep(skill="English", level=1, after=60)),
        overflow=(Overflow(figure="expected_wait", limit=300, to="billing"),), language="customer", call_back=True,
    ),
)  # fmt: skip
"""With every part of a rule's form."""


async def stage(world: World, *rules: Rule, publish: bool = False) -> None:
    """A site with the queues that the rules name, and the rules as its draft."""
    by, now = world.people[Role.ADMIN].name, world.clock()
    async with world.engine.begin() as conn:
        await queues.observe(conn, "lab", ("vip", "night", "billing"), now=now)
        await skills.create(conn, "English")
        draft = await rule_sets.save_draft(conn, RuleSet(rules=rules), version=0, by=by, now=now)
        if publish:
            await rule_sets.publish(conn, draft.rules, base=0, by=by, now=now)


async def past_calls(world: World) -> None:
    """All pages have something on them: published rules and another draft, decisions of today, an experiment."""
    at, by = world.clock(), world.people[Role.ADMIN].name
    trial = Trial(name="VIP try", share=50, measure="wait", began=at.date())
    await stage(world, GOLD, msgspec.structs.replace(NIGHT, trial=trial), publish=True)
    async with world.engine.begin() as conn:
        known = await customers.create(conn, MINA)
        drafted = RuleSet(rules=(msgspec.structs.replace(NIGHT, trial=trial), WIDE))
        await rule_sets.save_draft(conn, drafted, version=1, by=by, now=at)
        gold = Caller(id=known.id, name="Mina Rezaei", tier="gold")
        facts = [
            Facts(at=at, server="lab", call=f"{n}.1", number="+989121234567", queue="billing", customer=gold)
            for n in range(3)
        ]
        published = RuleSet(rules=(GOLD, NIGHT))
        await routing_decisions.add(
            conn,
            [
                NewDecision(
                    decision=decide(published, one, version=1), server="lab", unique_id=one.call, facts=one,
                    call_id=f"lab-{one.call}", number=one.number, customer_id=known.id, asked="billing",
                )
                for one in facts
            ],
        )  # fmt: skip
    await tried_on(world, 60)


async def tried_on(world: World, customers_each: int, *, treated: float = 2.0) -> None:
    """Calls of an experiment: who gets the rule waits `treated` seconds or a little more, the others 20."""
    records, new = [], []
    for n in range(customers_each * 2):
        arm: Literal["treated", "control"] = "treated" if n % 2 else "control"
        record = make.queue_call(n, at=n * 3600)
        wait = treated + n % 3 if arm == "treated" else 20.0
        visit = replace(record.queue_visits[0], wait=wait)
        records.append(make.write(replace(record, queue_visits=(visit,))))
        decision = Decision(at=make.after(n * 3600), result=Result(), groups={"VIP try": arm})
        number, unique = f"+98912{n:07}", record.linked_ids[0]
        new.append(NewDecision(decision=decision, server="lab", unique_id=unique, call_id=record.id, number=number))
    async with world.engine.begin() as conn:
        await calls.apply(conn, records, region=make.REGION)
        await routing_decisions.add(conn, new)
