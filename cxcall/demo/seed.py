"""Fills an empty database with made-up customers, their notes, and months of past calls, through the store itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.customers.profile import Profile, Tier
from cxcall.demo import (
    listening,
    lists,
    past_call_backs,
    past_decisions,
    past_reports,
    past_reviews,
    past_rosters,
    past_states,
    past_tasks,
    surveys,
)
from cxcall.demo.furnish import furnish
from cxcall.demo.history import history
from cxcall.demo.past_call_backs import Kept, kept_places
from cxcall.demo.past_surveys import Whose, past_responses
from cxcall.demo.past_talks import PastTalks
from cxcall.demo.people import Person, people, strangers
from cxcall.demo.staff import COUNTRY, SHOWN, TIMEZONE, agents
from cxcall.demo.workday import Workday
from cxcall.store import calls, customer_notes, customers, notes, speech_seed, survey_seed, users
from cxcall.store.calls import CallWrite
from cxcall.store.reporting.counting import SiteCounting
from cxcall.store.tables import calls as calls_table
from cxcall.store.tables import customers as customers_table
from cxcall.surveys.script import Question

SEED = 1405
CUSTOMERS = 300
STRANGERS = 90
DAYS = 190

Progress = Callable[[str, int, int], None]
"""Called with what is being made, how many of it are done, and how many there will be."""

_CUSTOMERS_AT_ONCE, _CALLS_AT_ONCE = 25, 200
_WITH_NOTE = 0.06
_SPEAKING = timedelta(days=6)
"""So long ago callers began to say something after the beep."""

_T = TypeVar("_T")


def public(count: int = CUSTOMERS, seed: int = SEED) -> tuple[list[Person], list[str]]:
    """The demo's customers, and numbers of people who are none yet."""
    known = people(count, seed)
    return known, strangers(STRANGERS, seed, known)


async def fill(
    engine: AsyncEngine,
    *,
    until: datetime,
    progress: Progress,
    count: int = CUSTOMERS,
    days: int = DAYS,
    seed: int = SEED,
    language: str = "en",
) -> None:
    """Write everything up to `until` (aware). The users of `staff` must be there: notes have them as authors.

    `language`: of the names of teams, skills, hours and rules.
    """
    known, unknown = public(count, seed)
    async with engine.connect() as conn:
        people_ids = {user.name: user.id for user in await users.everyone(conn)}
    authors = [people_ids[login] for login in SHOWN if login in people_ids]
    chance = random.Random(f"notes-{seed}")
    async with engine.begin() as conn:
        await furnish(conn, language=language, now=until - timedelta(days=days))
    whose = await _write_customers(engine, known, authors, until - timedelta(days=days), chance, progress)
    async with engine.begin() as conn:
        router = await past_decisions.rule(conn, known, unknown, whose, until=until, seed=seed, language=language)
    worked: list[Workday] = []
    past = list(
        history(
            until=until,
            days=days,
            seed=seed,
            people=known,
            strangers=unknown,
            router=router,
            workers=agents(language),
            worked=worked.append,
        )
    )
    kept = kept_places(past, known, until=until, seed=seed, language=language)
    past = _with_call_backs(past, kept)
    await _write_calls(engine, past, authors, chance, progress)
    await past_decisions.write(engine, router, past, progress)
    async with engine.begin() as conn:
        await past_call_backs.write(conn, kept, whose)
    scores = await _write_surveys(
        engine, past, router.before_the_queue, surveys.before(until, days), until, seed, progress
    )
    wanted = {said.call_id: said.intent for said in router.wishes.said}
    await _write_talks(engine, past, scores, wanted, until - timedelta(days=days), seed, progress)
    await past_reviews.write(engine, until=until, seed=seed, language=language)
    await past_states.write(engine, worked, past, people_ids, until=until, progress=progress)
    async with engine.begin() as conn:
        await past_rosters.write(conn, people_ids, until=until)
        await past_reports.write(conn, people_ids, until=until, language=language)


async def _write_customers(
    engine: AsyncEngine, known: Sequence[Person], authors: Sequence[str], before: datetime, chance: random.Random,
    progress: Progress,
) -> dict[str, str]:  # fmt: skip
    """Ids by number."""
    done, whose = 0, dict[str, str]()
    async with engine.connect() as conn:
        people = {user.name: user.id for user in await users.everyone(conn)}
    for some in _chunks(iter(known), _CUSTOMERS_AT_ONCE):
        async with engine.begin() as conn:
            for person in some:
                customer = await customers.create(conn, profile_of(person, people), origin="import")
                whose |= dict.fromkeys(person.numbers, customer.id)
                since = before - timedelta(days=chance.uniform(1, 900))
                await conn.execute(
                    update(customers_table).where(customers_table.c.id == customer.id).values(created_at=since)
                )
                for text in person.notes:
                    await customer_notes.add(conn, customer.id, chance.choice(authors), text)
        done += len(some)
        progress("customers", done, len(known))
    return whose


def _with_call_backs(past: Sequence[CallRecord], kept: Sequence[Kept]) -> list[CallRecord]:
    """The calls as they were with those call-backs, in the order of their beginnings."""
    asked = {each.asked.id: each.asked for each in kept}
    reached = [each.reached for each in kept if each.reached is not None]
    return sorted([*(asked.get(record.id, record) for record in past), *reached], key=_began)


def _began(record: CallRecord) -> datetime:
    assert record.started_at is not None  # noqa: S101 - every made-up call has a beginning
    return record.started_at


async def _write_calls(
    engine: AsyncEngine, past: Sequence[CallRecord], authors: Sequence[str], chance: random.Random, progress: Progress
) -> None:
    done, site = 0, SiteCounting(ZoneInfo(TIMEZONE))
    for some in _chunks(iter(past), _CALLS_AT_ONCE):
        async with engine.begin() as conn:
            writes = [CallWrite(record=record, revision=1) for record in some]
            await calls.apply(conn, writes, region=COUNTRY, counting=await site.now(conn))
            for record in some:
                if record.outcome == "answered" and record.queue_visits and chance.random() < _WITH_NOTE:
                    text = chance.choice((*lists.PERSIAN_CALL_NOTES, *lists.ENGLISH_CALL_NOTES))
                    await notes.save(conn, record.id, chance.choice(authors), text, version=0)
        done += len(some)
        progress("calls", done, len(past))


async def _write_surveys(
    engine: AsyncEngine, past: Sequence[CallRecord], talked: Mapping[CallId, QueueVisit], since: datetime,
    until: datetime, seed: int, progress: Progress,
) -> dict[str, float]:  # fmt: skip
    """How satisfied callers said they were, by call."""
    chance = random.Random(f"tasks-{seed}")
    async with engine.begin() as conn:
        survey = await surveys.make(conn, since)
        whose = await _callers(conn)
    answered, done = list(past_responses(survey, past, whose, seed, until - _SPEAKING, talked)), 0
    for some in _chunks(iter(answered), _CALLS_AT_ONCE):
        async with engine.begin() as conn:
            written = await survey_seed.write(conn, some)
            await past_tasks.write(conn, zip(some, written, strict=True), until, chance)
        done += len(some)
        progress("surveys", done, len(answered))
    return {
        str(each.new.call_id): float(given.value)
        for each in answered
        for given, part, _ in each.given
        if isinstance(part, Question) and part.measure == "csat" and given.value is not None
    }


async def _write_talks(
    engine: AsyncEngine, past: Sequence[CallRecord], scores: Mapping[str, float], wanted: Mapping[str, str],
    since: datetime, seed: int, progress: Progress,
) -> None:  # fmt: skip
    async with engine.begin() as conn:
        catalogue = await listening.listen(conn, since)
        whose = await _callers(conn)
    done = 0
    for some in _chunks(PastTalks(catalogue, seed).of(past, whose, scores, wanted), _CALLS_AT_ONCE):
        async with engine.begin() as conn:
            await speech_seed.write(conn, some)
        done += len(some)
        progress("talks", done, len(past))


async def _callers(conn: AsyncConnection) -> dict[str, Whose]:
    """Who made each call, by its id."""
    customer = customers_table.c
    query = select(calls_table.c.id, calls_table.c.party_number, customer.id, customer.language, customer.tier)
    rows = await conn.execute(query.outerjoin(customers_table, customer.id == calls_table.c.customer_id))
    return {
        call: Whose(customer_id=who, number=number or "", language=language or "", tier=tier or "")
        for call, number, who, language, tier in rows
    }


def profile_of(person: Person, people: Mapping[str, str] = MappingProxyType({})) -> Profile:
    """The person as a customer's profile. `people`: user ids by login, for account managers."""
    return Profile(
        name=person.name,
        numbers=person.numbers,
        emails=person.emails,
        company=person.company,
        city=person.city,
        tier=cast("Tier", person.tier),
        language=person.language,
        tags=person.tags,
        value=None if person.value is None else float(person.value),
        manager=people.get(person.manager),
    )


def _chunks(items: Iterator[_T], size: int) -> Iterator[list[_T]]:
    while chunk := list(islice(items, size)):
        yield chunk
