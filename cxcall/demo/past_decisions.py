"""Puts the demo's routing into the database: rules version by version, intents, what was decided and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.demo import doors, rules
from cxcall.demo.furnish import AUTHOR
from cxcall.demo.past_routing import PastRouter
from cxcall.demo.people import Person
from cxcall.demo.rules import Wrote
from cxcall.demo.staff import TIMEZONE
from cxcall.demo.wishes import Wishes, intents
from cxcall.routing.facts import Caller
from cxcall.speech.intents import body_of
from cxcall.store import intents as kept_intents
from cxcall.store import prompts, reasons, routing_decisions, rule_sets, users

_AT_ONCE = 500
_NUISANCE = 2
_FIRST_THING = time(6, 40)


async def rule(
    conn: AsyncConnection, known: Sequence[Person], unknown: Sequence[str], whose: Mapping[str, str], *,
    until: datetime, seed: int, language: str,
) -> PastRouter:  # fmt: skip
    """Publish what was published in its time, leave a draft, and return who decides by it. `unknown`: numbers of people
    who are no customers; `whose`: ids of customers by number."""
    people = {user.name: user.id for user in await users.everyone(conn)}
    today = until.astimezone(ZoneInfo(TIMEZONE)).date()
    wrote = Wrote(people=people, nuisance=unknown[:_NUISANCE], language=language, today=today)
    stages = rules.stages(wrote)
    for name, texts in (*rules.ANNOUNCED, *doors.SAID.values()):
        await prompts.create(conn, name=name[language], texts=texts)
    for intent in intents():
        await kept_intents.create(
            conn, intent.name, body_of(intent), by=AUTHOR, now=_morning(today - timedelta(days=stages[-1].days_ago))
        )
    for n, stage in enumerate(stages):
        made = _morning(today - timedelta(days=stage.days_ago))
        await rule_sets.publish(conn, stage.rules, base=n, by=AUTHOR, now=made, note=stage.note)
    await rule_sets.save_draft(
        conn, rules.draft(stages[-1].rules, language), version=0, by=AUTHOR, now=until - timedelta(minutes=25)
    )
    callers = {
        number: caller_of(person, whose[person.numbers[0]], people) for person in known for number in person.numbers
    }  # fmt: skip
    return PastRouter(stages, callers, people, Wishes(intents(), seed), until=until, seed=seed)


def caller_of(person: Person, customer_id: str, people: Mapping[str, str]) -> Caller:
    """The person as rules know a customer."""
    return Caller(
        id=customer_id, name=person.name, tier=person.tier, value=person.value, language=person.language,
        tags=person.tags, manager=people[person.manager] if person.manager else None,
    )  # fmt: skip


async def write(
    engine: AsyncEngine, router: PastRouter, past: Sequence[CallRecord], progress: Callable[[str, int, int], None]
) -> None:
    """What was decided for the calls of the `past`, and what their callers had said."""
    there = {record.id for record in past}
    decided = [one for one in router.decisions if one.call_id in there]
    for begin in range(0, len(decided), _AT_ONCE):
        async with engine.begin() as conn:
            await routing_decisions.add(conn, decided[begin : begin + _AT_ONCE])
        progress("decisions", min(begin + _AT_ONCE, len(decided)), len(decided))
    async with engine.begin() as conn:
        for said in (one for one in router.wishes.said if one.call_id in there):
            await reasons.put(conn, said)


def _morning(day: date) -> datetime:
    """Before the first call of a day."""
    return datetime.combine(day, _FIRST_THING, ZoneInfo(TIMEZONE))
