"""Which of a period is read from days that are kept, and what is left to be read from the rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.reports.period import Span, midnight
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.ranges import Range
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN, Run, coarsest

BLOCK = 16
"""Days of the longest slots."""
OPEN = (4, 5)
"""Grains, by turns, of days of contacts that are not settled yet, counted as they stood at a moment. Their slots end a
week before that moment, so that the triggers of `kept_tables` forget them for contacts before it, and for no others."""
BRIEF = 10
"""Added to the grain of days and of sixteen days whose rows are whatever the agent: of a large site they are few, where
those by agent are a hundred times as many."""
_GRAINS = frozenset((QUARTER, DAY, SIXTEEN))
_its = kept_slots.c


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """A day whose contacts `since` … `until` are counted as they stood `as_of` a moment. `name`: of the counting."""

    grain: int
    day: int
    since: datetime
    until: datetime
    as_of: datetime
    name: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A period: `kept` slots of a rollup, days that are `open`, and the rest of it as times."""

    kept: tuple[Run, ...]
    rest: tuple[Range, ...]
    open: tuple[OpenDay, ...] = ()


async def parts_of(conn: AsyncConnection, family: str, ask: Ask, *, opened: bool = True) -> Parts:
    """What of a period is kept, as far as what is asked for can be told by days. `opened`: also days that are open."""
    span, grain = ask.span, coarsest(ask.by, ask.narrowing, _GRAINS)
    if grain == QUARTER:
        return Parts((), ((span.since, span.until),))
    first, last = span.first.toordinal(), span.last.toordinal()
    more = (0,) if _by_agent(ask) else (0, BRIEF)
    rows = await conn.execute(
        select(_its.grain, _its.slot, _its.since, _its.until, _its.name).where(
            _its.family == family,
            _its.zone == str(ask.zone),
            _its.done == 1,
            (_its.grain.in_([DAY + n for n in more] + list(OPEN if opened else ())) & _its.slot.between(first, last))
            | (_its.grain.in_([SIXTEEN + n for n in more]) & _its.slot.between(first // BLOCK, last // BLOCK)),
        )
    )
    known: set[tuple[int, int]] = set()
    open_days: dict[int, OpenDay] = {}
    for row in rows:
        if row.grain in OPEN:
            one = _open_day(row, ask.zone)
            open_days[row.slot] = max(open_days.get(row.slot, one), one, key=lambda each: each.as_of)
        else:
            known.add((row.grain, row.slot))
    pieces = list(_pieces(known, open_days, first, last, blocks=grain == SIXTEEN))
    there = tuple(open_days[run.first] for run in pieces if run.grain == OPEN[0])
    return Parts(
        kept=tuple(_joined(run for run in pieces if run.grain % BRIEF in (DAY, SIXTEEN))),
        rest=(*_times(pieces, span, ask.zone), *_remainders(there, ask.zone)),
        open=there,
    )


def _by_agent(ask: Ask) -> bool:
    return bool({"agent", "team"}.intersection(ask.by) or ask.narrowing.agents)


def _open_day(row: Any, zone: tzinfo) -> OpenDay:
    as_of = row.until + REPEAT_WINDOW
    until = min(as_of, midnight(date.fromordinal(row.slot + 1), zone))
    return OpenDay(grain=row.grain, day=row.slot, since=row.since, until=until, as_of=as_of, name=row.name)


def _remainders(days: Iterable[OpenDay], zone: tzinfo) -> Iterator[Range]:
    """What of open days came after they were counted."""
    for one in days:
        end = midnight(date.fromordinal(one.day + 1), zone)
        if one.until < end:
            yield one.until, end


def _pieces(
    known: set[tuple[int, int]], open_days: Container[int], first: int, last: int, *, blocks: bool
) -> Iterator[Run]:
    """The period in pieces; those of the grain of quarters are days of which nothing is kept."""
    day = first
    while day <= last:
        if blocks and day % BLOCK == 0 and day + BLOCK - 1 <= last and (grain := _known(known, SIXTEEN, day // BLOCK)):
            yield Run(grain, day // BLOCK, day // BLOCK)
            day += BLOCK
            continue
        yield Run(_known(known, DAY, day) or (OPEN[0] if day in open_days else QUARTER), day, day)
        day += 1


def _known(known: set[tuple[int, int]], grain: int, slot: int) -> int:
    """The grain of a slot that has the fewest rows; 0: it is not kept."""
    return next((each for each in (grain + BRIEF, grain) if (each, slot) in known), 0)


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    held: Run | None = None
    for run in runs:
        if held is not None and held.grain == run.grain and held.last + 1 == run.first:
            held = Run(run.grain, held.first, run.last)
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held


def _times(pieces: Iterable[Run], span: Span, zone: tzinfo) -> Iterator[Range]:
    """Days of which nothing is kept, as moments; the newest first, as ranges are."""
    for run in reversed(list(_joined(run for run in pieces if run.grain == QUARTER))):
        begin, after = date.fromordinal(run.first), date.fromordinal(run.last) + timedelta(days=1)
        yield max(midnight(begin, zone), span.since), min(midnight(after, zone), span.until)
