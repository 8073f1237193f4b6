"""What a service does by itself from time to time, each as a task that goes on after whatever fails."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import Bus
from cxcall.bus.routing import CHANGED
from cxcall.settings import Settings
from cxcall.store import (
    agent_states,
    attempts,
    floor_messages,
    prompt_files,
    prompts,
    rfm,
    routing_forgetting,
    rule_publishing,
    sessions,
)
from cxcall.store.engine import refresh_statistics
from cxcall.store.errors import Conflict
from cxcall.store.quality import drawing, weekly
from cxcall.store.reporting import due, keeping, kept, rebuild

log = structlog.get_logger(__name__)

NIGHT = 3
"""The hour of the site's day from which on what is worked out once a night is."""


async def keep_house(settings: Settings, engine: AsyncEngine) -> None:
    """Once a day: statistics for the query planner; away with old sessions, failed sign-ins, sounds and messages."""
    while True:
        try:
            async with engine.begin() as conn:
                now = datetime.now(UTC)
                await sessions.sweep(conn, now=now)
                await attempts.sweep(conn, before=now - timedelta(days=1))
                await floor_messages.sweep(conn, before=now - timedelta(days=30))
                heard = await prompts.sweep(conn, now=now)
            await asyncio.to_thread(prompt_files.sweep, settings, heard, now=now)
            await _forget_days(engine, before=now - timedelta(days=settings.floor.keep_days))
            await _forget_facts(engine, before=now - timedelta(days=30))
            await refresh_statistics(engine)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("housekeeping failed; it is tried again tomorrow", error=str(error))
        await asyncio.sleep(24 * 3600)


async def end_harmful_trials(settings: Settings, engine: AsyncEngine, bus: Bus) -> None:
    """Every six hours: experiments whose rule does harm beyond doubt end, where they are to."""
    zone = ZoneInfo(settings.site.timezone)
    while True:
        try:
            now = datetime.now(UTC)
            for made in await rule_publishing.end_harmful(engine, now=now, day=now.astimezone(zone).date()):
                bus.publish(CHANGED, {"version": made.n})
                log.warning("an experiment did harm and was ended", version=made.n)
        except (SQLAlchemyError, OSError, Conflict) as error:
            log.warning("experiments can't be looked at now; that is tried again", error=str(error))
        await asyncio.sleep(6 * 3600)


async def count_what_is_not(settings: Settings, engine: AsyncEngine) -> None:
    """Reports are read from rollups: calls from before there were any, or another zone's days, are counted first."""
    zone = ZoneInfo(settings.site.timezone)
    while True:
        try:
            async with engine.connect() as conn:
                complete = await keeping.complete(conn, str(zone))
            if not complete:
                log.info("calls are counted for reports", zone=str(zone))
                done = await rebuild.rebuild(engine, zone, gently=True)
                log.info("calls were counted for reports", calls=done.calls)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("calls can't be counted for reports now; that is tried again", error=str(error))
        await asyncio.sleep(600)


async def count_ended(settings: Settings, engine: AsyncEngine) -> None:
    """Every second: calls that have ended are counted for reports, before anybody asks for them."""
    zone = ZoneInfo(settings.site.timezone)
    while True:
        try:
            await due.count(engine, zone)
            await asyncio.sleep(1)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("calls that have ended can't be counted for reports now; that is tried again", error=str(error))
            await asyncio.sleep(30)


async def keep_days(settings: Settings, engine: AsyncEngine) -> None:
    """Every minute: days of surveys and talks that are over are counted for reports, also those that have changed."""
    zone = ZoneInfo(settings.site.timezone)
    while True:
        try:
            await kept.keep(engine, zone, now=datetime.now(UTC))
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("days can't be kept for reports now; that is tried again", error=str(error))
        await asyncio.sleep(60)


async def score_customers(settings: Settings, engine: AsyncEngine) -> None:
    """Every night from three o'clock on: recency, frequency and value of all customers, and where their fifths are."""
    zone = ZoneInfo(settings.site.timezone)
    while True:
        try:
            async with engine.connect() as conn:
                known = await rfm.bounds(conn)
            now = datetime.now(UTC).astimezone(zone)
            if known is None or (known.on < now.date() and now.hour >= NIGHT):
                await rfm.work_out(engine, zone, now=now)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("customers can't be scored now; that is tried again", error=str(error))
        await asyncio.sleep(600)


async def draw_reviews(settings: Settings, engine: AsyncEngine) -> None:
    """Every ten minutes: plans of quality reviews draw the weeks that are over, each week once."""
    zone = ZoneInfo(settings.site.timezone)
    calendar = drawing.weeks_of(settings.site.language)
    while True:
        try:
            added = await weekly.draw_due(engine, zone=zone, calendar=calendar, now=datetime.now(UTC))
            if added:
                log.info("calls were drawn for review", reviews=added)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("calls can't be drawn for review now; that is tried again", error=str(error))
        await asyncio.sleep(600)


async def _forget_days(engine: AsyncEngine, *, before: datetime) -> None:
    """What agents did before a moment, some at a time: the database is others' too."""
    gone = agent_states.SWEPT
    while gone >= agent_states.SWEPT:
        async with engine.begin() as conn:
            gone = await agent_states.sweep(conn, before=before)


async def _forget_facts(engine: AsyncEngine, *, before: datetime) -> None:
    """What decisions about calls were made from, likewise."""
    gone = routing_forgetting.SWEPT
    while gone >= routing_forgetting.SWEPT:
        async with engine.begin() as conn:
            gone = await routing_forgetting.forget_facts(conn, before=before)
