"""What was heard in calls: who spoke, silence, talking over each other, pace, moods; by time, queue, agent, category.

Counts talks that have figures, by when they began, as `store.speech_figures` does. Days that are over are read as they
are kept (`kept`), all others from the transcripts, so that what is corrected, merged or deleted is in the next figure.
By category a talk is in the row of each that was found in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Row
from cxcall.reports.tally import Tally
from cxcall.speech.sentiment import CLEAR
from cxcall.store import categories
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, quarter
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.kept_reading import parts_of
from cxcall.store.reporting.kept_tables import TALKS, rollup_talks
from cxcall.store.reporting.ranges import Range, inside
from cxcall.store.reporting.slots import DAY, QUARTER, SIXTEEN
from cxcall.store.reporting.summing import Found, Source, plain, read_source
from cxcall.store.speech_figures import HEARD, number
from cxcall.store.speech_tables import transcripts

_NUMBERS: dict[str, tuple[str, ...]] = {
    "talk_s": ("talk",),
    "own_s": ("agent", "seconds"),
    "customer_s": ("customer", "seconds"),
    "words_agent": ("agent", "words"),
    "silence_s": ("silence", "seconds"),
    "silence_n": ("silence", "count"),
    "overlap_s": ("overlap", "seconds"),
    "interruptions_agent": ("agent", "interruptions"),
    "interruptions_customer": ("customer", "interruptions"),
}
"""Where a transcript's figures (`speech.figures.Figures`) have them."""
_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent"}

_t = transcripts.c


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `speech`. An agent is called as records of calls have it, else by the phone."""
    by_category = "category" in ask.by
    found: Found = {}
    parts = await parts_of(conn, "speech", ask)
    if parts.kept:
        found = await read_source(conn, ask, _KEPT_BY_CATEGORY if by_category else _KEPT, parts.kept)
    if parts.rest:
        rows = talks(conn, parts.rest, by_category=by_category)
        rest = await read_source(conn, ask, _source(rows.subquery("its"), QUARTERS, by_category=by_category))
        for keys, tally in rest.items():
            found.setdefault(keys, Tally()).add(tally)
    return await _named(conn, found, ask) if by_category else found


def _source(table: FromClause, grains: frozenset[int], *, by_category: bool) -> Source:
    return Source(
        family="speech",
        table=table,
        rows={**_ROWS, "category": "category"} if by_category else _ROWS,
        summed=TALKS,
        make=plain(counts={name: name for name in TALKS}, times={}),
        grains=grains,
        on_server=frozenset(("queue",)),
    )


_SLOTS = frozenset((QUARTER, DAY, SIXTEEN))
_its = rollup_talks.c
_KEPT = _source(select(rollup_talks).where(_its.category == "").subquery("its"), _SLOTS, by_category=False)
_KEPT_BY_CATEGORY = _source(select(rollup_talks).where(_its.category != "").subquery("its"), _SLOTS, by_category=True)


def talks(conn: AsyncConnection, times: Sequence[Range], *, by_category: bool = False) -> Select[tuple[object, ...]]:
    """Every talk of some times with what was counted in it."""
    agent = func.coalesce(func.nullif(_t.agent_name, ""), _t.agent)
    numbers = [func.coalesce(number(conn, *path), 0).label(name) for name, path in _NUMBERS.items()]
    of_category = [category_calls.c.category_id.label("category")] if by_category else []
    query = select(
        GRAIN,
        quarter(conn, _t.began_at).label("slot"),
        _t.server,
        _t.queue,
        agent.label("agent"),
        case((_t.figures.is_not(None), 1), else_=0).label("talks"),
        *numbers,
        *_moods(),
        *of_category,
    ).where(_t.kind == "call", _t.state.in_(HEARD), _t.figures.is_not(None), inside(_t.began_at, times))
    if by_category:
        query = query.join(category_calls, category_calls.c.transcript_id == _t.id)
    return query


def _moods() -> tuple[ColumnElement[object], ...]:
    trend = _t.trend
    return (
        func.coalesce(_t.sentiment, 0.0).label("sentiment_sum"),
        case((_t.sentiment.is_not(None), 1), else_=0).label("sentiment_n"),
        func.coalesce(trend, 0.0).label("trend_sum"),
        case((trend >= CLEAR, 1), else_=0).label("mood_improving"),
        case(((trend > -CLEAR) & (trend < CLEAR), 1), else_=0).label("mood_steady"),
        case((trend <= -CLEAR, 1), else_=0).label("mood_worsening"),
    )


async def _named(conn: AsyncConnection, found: Found, ask: Ask) -> Found:
    """The same with the names of categories in the reader's language; deleted ones have none."""
    names = await categories.names(conn)

    def named(key: Key) -> Key:
        if key.row != "category":
            return key
        texts = names.get(key.value, {})
        return replace(key, title=texts.get(ask.language) or next(iter(texts.values()), ""))

    return {tuple(map(named, keys)): tally for keys, tally in found.items()}
