"""What the demo's agents did all day in its past: signed in, ringing, talking, wrapping up, on breaks; as their calls
have it, so that times in state, occupancy and adherence tell of the same days as everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.calls.record import CallRecord
from cxcall.demo.staff import QUEUES, RECEPTION, SERVER, TIMEZONE, Worker
from cxcall.demo.workday import Seat, Workday
from cxcall.reports.states import telling
from cxcall.store import agent_states
from cxcall.store.agent_states import PastSpell

_DAYS = 63
"""Of which is told what agents did; before that there were few calls."""
_DAYS_AT_ONCE = 7
_ZONE = ZoneInfo(TIMEZONE)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A state from when until when."""

    state: str
    since: datetime
    until: datetime
    reason: str = ""


Busy = Mapping[str, Sequence[Doing]]
"""Ringing and talking of each phone, by begin."""


def busy(past: Sequence[CallRecord]) -> dict[str, list[Doing]]:
    """What calls had phones do."""
    found: dict[str, list[Doing]] = {}
    for record in past:
        for leg in record.legs:
            phone = leg.number or ""
            if leg.ended_at is None or not (leg.channel or "").startswith(f"PJSIP/{phone}-"):
                continue
            theirs = found.setdefault(phone, [])
            talks = leg.answered_at or (record.started_at if leg.role == "caller" else None)
            if leg.rang_at is not None and leg.rang_at < (rung := talks or leg.ended_at):
                theirs.append(Doing(state="ringing", since=leg.rang_at, until=rung))
            if talks is not None and talks < leg.ended_at:
                theirs.append(Doing(state="on_call", since=talks, until=leg.ended_at))
    for each in found.values():
        each.sort(key=lambda one: one.since)
    return found


async def write(
    engine: AsyncEngine, worked: Sequence[Workday], past: Sequence[CallRecord], people: Mapping[str, str], *,
    until: datetime, progress: Progress,
) -> None:  # fmt: skip
    """Write the last of the days that were `worked`, up to `until`. `people`: user ids by login."""
    worked, calls = worked[-_DAYS:], busy(past)
    spells = [_spell(worker, people, one) for worker, one in _all(worked, calls, until)]
    edges = [day.at(0) for day in worked[::_DAYS_AT_ONCE]] + [until]
    done = 0
    for begin, end in pairwise(edges):
        some = [one for one in spells if begin <= one.since < end]
        async with engine.begin() as conn:
            await agent_states.add_past(conn, some, zone=_ZONE)
        done += len(some)
        progress("states", done, len(spells))


def _all(worked: Sequence[Workday], calls: Busy, until: datetime) -> Iterator[tuple[Worker, Doing]]:
    """Everybody's spells without a gap, from the first time each came until now."""
    for n, seat in enumerate(worked[0].seats if worked else ()):
        gone: datetime | None = None
        for here in (day.seats[n] for day in worked):
            for one in of_day(here, calls.get(here.worker.phone, ())):
                if one.since >= until:
                    break
                if gone is not None and gone < one.since:
                    yield seat.worker, Doing(state="offline", since=gone, until=one.since)
                gone = min(one.until, until)
                yield seat.worker, Doing(state=one.state, since=one.since, until=gone, reason=one.reason)
        if gone is not None and gone < until:
            yield seat.worker, Doing(state="offline", since=gone, until=until)


def of_day(seat: Seat, calls: Sequence[Doing]) -> list[Doing]:
    """One after the other, from signing in until signing out; whoever still talks then stays until it is over."""
    comes, leaves = seat.comes_at, seat.leaves_at
    if comes >= leaves:
        return []
    within = [one for one in calls if comes <= one.since < leaves]
    leaves = max([leaves, *(one.until for one in within)])
    after = [Doing(state="wrap_up", since=one.since, until=one.until) for one in seat.wrapped_up]
    away = [Doing(state="paused", since=one.since, until=one.until, reason=one.reason) for one in seat.away]
    edges = [comes, *(edge for one in away for edge in (one.since, one.until)), leaves]
    ready = [
        Doing(state="ready", since=one, until=other)
        for one, other in zip(edges[::2], edges[1::2], strict=True)
        if one < other
    ]
    found: list[Doing] = []
    for one, begin, end in telling([*within, *after, *away, *ready], comes, leaves):
        last = found[-1] if found else None
        if last is not None and (last.state, last.reason, last.until) == (one.state, one.reason, begin):
            found[-1] = Doing(state=one.state, since=last.since, until=end, reason=one.reason)
        else:
            found.append(Doing(state=one.state, since=begin, until=end, reason=one.reason))
    return found


def _spell(worker: Worker, people: Mapping[str, str], one: Doing) -> PastSpell:
    queues = sorted(queue.name for queue in (*QUEUES, RECEPTION) if worker.phone in queue.members)
    return PastSpell(
        server=SERVER, interface=worker.interface, user_id=people[worker.login], name=worker.name, state=one.state,
        reason=one.reason, queues=tuple(queues), since=one.since, until=one.until,
    )  # fmt: skip
