"""What staffing is planned from: calls of past weeks from the rollups, who is rostered, and what agents did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import MemberChoice
from cxcall.reports.definition import Narrowing
from cxcall.reports.period import midnight, span_of
from cxcall.reports.states import telling
from cxcall.reports.tally import Tally, total
from cxcall.staffing.adherence import Adherence, Spell, compare
from cxcall.staffing.forecast import TRIED_WEEKS, WEEKS, Past, Seen
from cxcall.staffing.shift import Shift
from cxcall.store import pause_reasons, queues, rosters, skills, teams, users
from cxcall.store.agent_tables import agent_states
from cxcall.store.reporting.reading import tallies

HISTORY = timedelta(weeks=WEEKS + TRIED_WEEKS + 2)
"""How far back forecasts and their trial look."""
FEW_ABANDONED = 30
"""Below so many callers who gave up, how patient callers are is not said."""

_its = agent_states.c


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`past`: for forecasts. `patience`: seconds callers wait on average before they give up, None: too few did."""

    past: Past
    patience: float | None
    first: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What somebody was to do and did in a period. `id`: of the person, `name` as people read it."""

    id: str
    name: str
    found: Adherence


async def history(
    conn: AsyncConnection, *, queues_named: Sequence[str], last: date, zone: tzinfo, holidays: frozenset[date]
) -> History:
    """What was offered and handled in these queues (none named: all), day by day up to `last`."""
    span = span_of(last - HISTORY, last, zone)
    found = await tallies(
        conn, span=span, by=("interval",), narrowing=Narrowing(queues=tuple(queues_named)),
        families=frozenset({"visits", "parts"}), zone=zone, calendar="gregorian", waits=False,
    )  # fmt: skip
    days: dict[date, dict[int, Seen]] = {}
    for (key,), tally in found.items():
        local = datetime.fromisoformat(key.value).astimezone(zone)
        intervals = days.setdefault(local.date(), {})
        minute = local.hour * 60 + local.minute
        intervals[minute] = _seen(tally, intervals.get(minute), spans=_spans(local))
    first = min((day for day, one in days.items() if any(seen.offered for seen in one.values())), default=None)
    if first is not None:
        days = {day: days.get(day, {}) for day in (first + timedelta(n) for n in range((last - first).days + 1))}
    return History(past=Past(days=days, holidays=holidays), patience=_patience(total(found.values())), first=first)


async def serving(conn: AsyncConnection, queues_named: Collection[str]) -> set[str] | None:
    """Ids of the people who answer in these queues; None where one of them is defined elsewhere, or none is named."""
    kept = [one for one in await queues.everything(conn) if one.name in queues_named]
    definitions = [one.applied or one.draft for one in kept]
    if not kept or len({one.name for one in kept}) < len(set(queues_named)):
        return None
    if any(definition is None for definition in definitions):
        return None
    levels, every_team = await skills.levels(conn), await teams.everything(conn)
    members = {team.id: set(team.members) for team in every_team}
    found: set[str] = set()
    for definition in definitions:
        for choice in definition.members if definition is not None else ():
            found |= _people_of(choice, members, levels)
    return found


async def rostered(
    conn: AsyncConnection, *, since: datetime, until: datetime, only: Collection[str] | None = None
) -> list[Shift]:
    """Entries that touch a period, of these people or of all."""
    found = await rosters.entries(conn, since=since, until=until)
    return [entry.shift for entry in found if only is None or entry.shift.agent in only]


async def adherence(
    conn: AsyncConnection, *, first: date, last: date, zone: tzinfo, now: datetime, user_id: str | None = None
) -> list[Whole]:
    """Everybody (or one person) with a roster on these days: what they were to do beside what they did; by name."""
    since, until = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    entries = await rosters.entries(conn, since=since, until=until, users_ids=None if user_id is None else [user_id])
    by_user: dict[str, list[Shift]] = {} if user_id is None else {user_id: []}
    for entry in entries:
        by_user.setdefault(entry.shift.agent, []).append(entry.shift)
    spells, watched = await _states(conn, since, min(until, now), by_user)
    counts_as = {reason.id: reason.counts_as for reason in await pause_reasons.everything(conn)}
    names = {user.id: user.display_name or user.name for user in await users.everyone(conn)}
    unknown = _gaps(watched, since, min(until, now))
    found = [
        Whole(
            id=id_, name=names.get(id_, id_),
            found=compare(
                shifts, spells.get(id_, ()), since=since, until=until, now=now, unknown=unknown, counts_as=counts_as
            ),
        )
        for id_, shifts in by_user.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.name)


def _seen(tally: Tally, before: Seen | None, *, spans: int) -> Seen:
    offered, handled, seconds = tally["offered"], tally["handled"], tally["talk"] + tally["hold"] + tally["acw"]
    if before is not None:
        offered, handled = offered + before.offered, handled + before.handled
        seconds += before.seconds
    return Seen(offered=offered, handled=handled, seconds=seconds, spans=spans)


def _spans(local: datetime) -> int:
    """2 where the clock goes through this quarter twice."""
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    return 2 if first is not None and second is not None and first > second else 1


def _patience(whole: Tally) -> float | None:
    """All waiting over those who gave up: what is most likely where patience is exponential and answers cut it off."""
    return whole["wait_all"] / whole["abandoned"] if whole["abandoned"] >= FEW_ABANDONED else None


def _people_of(
    choice: MemberChoice, members: Mapping[str, set[str]], levels: Mapping[str, Mapping[str, int]]
) -> set[str]:
    if choice.kind == "agent":
        return {choice.value}
    if choice.kind == "team":
        return members.get(choice.value, set())
    if choice.kind == "skill":
        return {user for user, has in levels.items() if has.get(choice.value, 0) >= choice.level}
    return set()


Times = list[tuple[datetime, datetime]]


async def _states(
    conn: AsyncConnection, since: datetime, until: datetime, wanted: Collection[str]
) -> tuple[dict[str, list[Spell]], Times]:
    """One state at a time of each of these people, and the times in which anybody's were known."""
    query = select(_its.user_id, _its.state, _its.reason, _its.since, _its.until)
    over = query.where(_its.until > since, _its.since < until)
    lasting = query.where(_its.until.is_(None), _its.since < until)
    of: dict[str, list[Spell]] = {}
    known: Times = []
    for statement in (over, lasting):
        for user_id, state, reason, begin, end in await conn.execute(statement):
            begins, ends = max(begin, since), min(end or until, until)
            known.append((begins, ends))
            if user_id in wanted:
                of.setdefault(user_id, []).append(Spell(state=state, reason=reason, since=begins, until=ends))
    told = {
        user: [replace(spell, since=begin, until=end) for spell, begin, end in telling(spells, since, until)]
        for user, spells in of.items()
    }
    return told, _joined(known)


def _joined(times: Times) -> Times:
    joined: Times = []
    for since, until in sorted(times):
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(until, joined[-1][1]))
        else:
            joined.append((since, until))
    return joined


def _gaps(known: Times, since: datetime, until: datetime) -> Times:
    edges = [since, *(edge for pair in known for edge in pair), until]
    return [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]
