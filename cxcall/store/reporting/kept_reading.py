"""Which of a period is read from days that are kept, and what is left to be read from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.period import Span, midnight
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_tables import kept_slots
from cxcall.store.reporting.ranges import Range
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN, Run, coarsest

BLOCK = 16
"""Days of the longest slots."""
_GRAINS = frozenset((QUARTER, DAY, SIXTEEN))
_its = kept_slots.c


@dataclass(frozen=True, slots=True)
class Parts:
    """A period: `kept` slots of a rollup, and the rest of it as times."""

    kept: tuple[Run, ...]
    rest: tuple[Range, ...]


async def parts_of(conn: AsyncConnection, family: str, ask: Ask) -> Parts:
    """What of a period is kept, as far as what is asked for can be told by days."""
    span, grain = ask.span, coarsest(ask.by, ask.narrowing, _GRAINS)
    if grain == QUARTER:
        return Parts((), ((span.since, span.until),))
    first, last = span.first.toordinal(), span.last.toordinal()
    rows = await conn.execute(
        select(_its.grain, _its.slot).where(
            _its.family == family,
            _its.zone == str(ask.zone),
            _its.done == 1,
            ((_its.grain == DAY) & _its.slot.between(first, last))
            | ((_its.grain == SIXTEEN) & _its.slot.between(first // BLOCK, last // BLOCK)),
        )
    )
    known = {(row.grain, row.slot) for row in rows}
    pieces = list(_pieces(known, first, last, blocks=grain == SIXTEEN))
    return Parts(
        kept=tuple(_joined(run for run in pieces if run.grain != QUARTER)),
        rest=tuple(_times(pieces, span, ask.zone)),
    )


def _pieces(known: set[tuple[int, int]], first: int, last: int, *, blocks: bool) -> Iterator[Run]:
    """The period in pieces; those of the grain of quarters are days of which nothing is kept."""
    day = first
    while day <= last:
        if blocks and day % BLOCK == 0 and day + BLOCK - 1 <= last and (SIXTEEN, day // BLOCK) in known:
            yield Run(SIXTEEN, day // BLOCK, day // BLOCK)
            day += BLOCK
            continue
        yield Run(DAY if (DAY, day) in known else QUARTER, day, day)
        day += 1


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
