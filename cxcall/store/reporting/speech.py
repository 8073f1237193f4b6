"""What was heard in calls: who spoke, silence, talking over each other, pace, moods; by time, queue, agent, category.

Counts talks that have figures, by when they began, as `store.speech_figures` does; from the transcripts themselves, so
that what is corrected, merged or deleted is in the next figure. By category a talk is in the row of each that was found
in it.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.definition import Row
from cxcall.speech.sentiment import CLEAR
from cxcall.store import categories
from cxcall.store.category_tables import category_calls
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, during, quarter
from cxcall.store.reporting.ask import Ask
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
_MOODS = ("sentiment_sum", "sentiment_n", "trend_sum", "mood_improving", "mood_steady", "mood_worsening")
_SUMMED = ("talks", *_NUMBERS, *_MOODS)
_ROWS: dict[Row, str] = {"server": "server", "queue": "queue", "agent": "agent"}

_t = transcripts.c


async def read(conn: AsyncConnection, ask: Ask) -> Found:
    """The family `speech`. An agent is called as records of calls have it, else by the phone."""
    by_category = "category" in ask.by
    source = Source(
        family="speech",
        table=talks(conn, ask, by_category=by_category).subquery("its"),
        rows={**_ROWS, "category": "category"} if by_category else _ROWS,
        summed=_SUMMED,
        make=plain(counts={name: name for name in _SUMMED}, times={}),
        grains=QUARTERS,
        on_server=frozenset(("queue",)),
    )
    found = await read_source(conn, ask, source)
    return await _named(conn, found, ask) if by_category else found


def talks(conn: AsyncConnection, ask: Ask, *, by_category: bool = False) -> Select[tuple[object, ...]]:
    """Every talk of a period with what was counted in it."""
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
    ).where(_t.kind == "call", _t.state.in_(HEARD), _t.figures.is_not(None), *during(_t.began_at, ask.span))
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
    """The same with the names of categories, in the language that goes with the calendar; deleted ones have none."""
    names = await categories.names(conn)
    language = "fa" if ask.calendar == "jalali" else "en"

    def named(key: Key) -> Key:
        if key.row != "category":
            return key
        texts = names.get(key.value, {})
        return replace(key, title=texts.get(language) or next(iter(texts.values()), ""))

    return {tuple(map(named, keys)): tally for keys, tally in found.items()}
