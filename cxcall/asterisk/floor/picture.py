"""What the wallboard has from the database: visits of today, what callers said, what people set about queues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.board_days import day_of
from cxcall.calls.board_figures import Answers
from cxcall.calls.board_lines import SPAN
from cxcall.calls.board_shapes import QueueFacts, QueueTargets, Shut
from cxcall.calls.board_stays import UNKNOWN, Stay, is_call_back
from cxcall.queues.definition import QueueLook
from cxcall.queues.opening import Closed, applying, state_at
from cxcall.store import alerts, board_figures, calendars, closures, queues
from cxcall.store.board_figures import VisitFact
from cxcall.store.calendars import KeptCalendar
from cxcall.store.closures import KeptClosure
from cxcall.store.queues import KeptQueue

Place = tuple[str, str]
TALK = "speech:"
"""How the keys of alerts about a talk begin; the call's id follows."""


async def visits(conn: AsyncConnection, zone: tzinfo, now: float) -> dict[str, tuple[Stay, ...]]:
    """By call, the visits of today and the half hour before it, and of calls that are not over."""
    since = datetime.fromtimestamp(day_of(now, zone).began - SPAN, UTC)
    facts = {(fact.call_id, fact.n): fact for fact in await board_figures.visits(conn, since=since)}
    facts.update({(fact.call_id, fact.n): fact for fact in await board_figures.under_way(conn)})
    found: dict[str, tuple[Stay, ...]] = {}
    for (call, _), fact in sorted(facts.items()):
        if fact.queue != UNKNOWN:
            found[call] = (*found.get(call, ()), _stay(fact))
    return found


async def answers(conn: AsyncConnection, zone: tzinfo, now: float) -> dict[str, Answers]:
    """How callers of today and yesterday were satisfied, by queue."""
    today = day_of(now, zone)
    yesterday = day_of(today.began - 1, zone)
    given = await board_figures.csat(conn, since=_moment(today.began), until=_moment(today.ends))
    before = await board_figures.csat(conn, since=_moment(yesterday.began), until=_moment(yesterday.ends))
    return {
        queue or "": Answers(today=_counts(given.get(queue, {})), before=_counts(before.get(queue, {})))
        for queue in given.keys() | before.keys()
    }


async def facts(conn: AsyncConnection, now: float) -> tuple[dict[Place, QueueFacts], dict[Place, Shut]]:
    """What people set about each queue, and those that are closed now."""
    kept = [queue for queue in await queues.everything(conn) if queue.kind == "observed" or queue.applied is not None]
    hours = {calendar.id: calendar for calendar in await calendars.everything(conn)}
    closed_now = await closures.standing(conn, now=_moment(now))
    shut = {(queue.server, queue.name): _shut(queue, hours, closed_now, now) for queue in kept}
    return (
        {(queue.server, queue.name): _facts(queue.shown) for queue in kept},
        {place: why for place, why in shut.items() if why is not None},
    )


async def alerts_about_talks(conn: AsyncConnection, now: float) -> dict[str, tuple[float, str]]:
    """When, and in which words, somebody was alerted about what was said in a call; alerts that are still open."""
    return {
        alert.key.removeprefix(TALK): (alert.raised_at.timestamp(), alert.title)
        for alert in await alerts.heard(conn, now=_moment(now), limit=500)
        if alert.key.startswith(TALK)
    }


def _stay(fact: VisitFact) -> Stay:
    left = None if fact.left_at is None else fact.left_at.timestamp()
    waits = left is None and fact.result is None and not fact.call_ended
    return Stay(
        server=fact.server,
        queue=fact.queue,
        joined=None if fact.joined_at is None else fact.joined_at.timestamp(),
        left=left,
        result=fact.result,
        wait=None if waits else fact.wait,
        open=waits,
        promised=is_call_back(fact.server, fact.call_id),
    )


def _facts(look: QueueLook) -> QueueFacts:
    targets = msgspec.convert(look.targets, QueueTargets, from_attributes=True)
    return QueueFacts(title=look.title, colour=look.colour, hidden=look.hidden, targets=targets)


def _shut(
    queue: KeptQueue, hours: Mapping[str, KeptCalendar], closed_now: list[KeptClosure], now: float
) -> Shut | None:
    kept = hours.get(queue.applied.calendar) if queue.applied is not None else None
    own = applying((kept.closure for kept in closed_now if kept.server == queue.server), queue.name)
    state = state_at(None if kept is None else kept.calendar, own, now)
    if not isinstance(state, Closed):
        return None
    title = state.closure.why if state.closure is not None else state.title
    way = queue.applied.when_closed if queue.applied is not None else None
    then, to = (way.kind, way.value) if way is not None else ("", "")
    return Shut(why=state.why, title=title, opens=state.opens, then=then, to=to)


def _counts(values: Mapping[float, int]) -> dict[str, int]:
    return {str(round(value)): n for value, n in values.items()}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
