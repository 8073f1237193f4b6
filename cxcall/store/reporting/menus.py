"""Whole calls by what their callers chose: what they said or keyed when they were asked why they call.

Counted from what was said itself, along the index of its moments, so that what is heard late is in the next figure.
Calls in which nobody was asked are what is left of all calls, and cost nothing. Asked twice, the last counts. Of a
call-back or a call of ours nobody is asked: a report of menus is narrowed to calls that came in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.answer import Key
from cxcall.reports.tally import Tally
from cxcall.store import intents
from cxcall.store.reason_tables import call_reasons
from cxcall.store.reporting.answers_rows import GRAIN, QUARTERS, during, quarter, unindexed
from cxcall.store.reporting.ask import Ask
from cxcall.store.reporting.summing import Found, Source, read_source
from cxcall.store.tables import call_visits, calls

NOT_ASKED, NOT_UNDERSTOOD = "-", "?"
"""What stands for a choice where there is none: nobody was asked, nothing was understood."""

LONGEST = timedelta(days=1)
"""A caller is asked at most so long after their call began."""
_NAME = 120
"""Letters of a number dialled, as in rollups."""
_SUMS = ("calls", "calls_answered", "calls_talk", "calls_wait")

_c, _r = calls.c, call_reasons.c
_later = call_reasons.alias("later")
_CHOICE = case((_r.intent != "", _r.intent), else_=NOT_UNDERSTOOD)


def _sums(row: Mapping[str, Any]) -> Tally:
    return Tally(sums={name: float(row[name]) for name in _SUMS})


async def read(conn: AsyncConnection, ask: Ask, whole: Found) -> Found:
    """The family `calls` by menu choice. `whole`: the same without that kind of row."""
    source = Source(
        family="calls",
        table=asked(conn, ask).subquery("its"),
        rows={"server": "server", "did": "did", "direction": "direction", "outcome": "outcome", "menu": "menu"},
        summed=_SUMS,
        make=_sums,
        grains=QUARTERS,
    )
    found = await _titled(conn, await read_source(conn, ask, source), ask)
    place = ask.by.index("menu")
    chosen: Found = {}
    for keys, tally in found.items():
        chosen.setdefault((*keys[:place], *keys[place + 1 :]), Tally()).add(tally)
    for keys, tally in whole.items():
        left = _less(tally, chosen.get(keys, Tally()))
        if left["calls"] > 0:
            found[*keys[:place], Key(row="menu", value=NOT_ASKED), *keys[place:]] = left
    return found


def asked(conn: AsyncConnection, ask: Ask) -> Select[tuple[Any, ...]]:
    """Every ended call of a period whose caller was asked, with what they chose; found by when they were asked."""
    dialled = case((_c.direction.in_(("inbound", "unknown")), func.coalesce(_c.called, "")), else_="")
    return (
        select(
            GRAIN,
            quarter(conn, _c.started_at).label("slot"),
            unindexed(_c.server).label("server"),
            func.substr(dialled, 1, _NAME).label("did"),
            unindexed(_c.direction).label("direction"),
            unindexed(_c.outcome).label("outcome"),
            _CHOICE.label("menu"),
            case((true(), 1)).label("calls"),
            case((_c.outcome == "answered", 1), else_=0).label("calls_answered"),
            _c.talk.label("calls_talk"),
            func.coalesce(_waited(), 0.0).label("calls_wait"),
        )
        .join_from(call_reasons, calls, _c.id == _r.call_id)
        .where(
            _r.at >= ask.span.since, _r.at < ask.span.until + LONGEST, ~_asked_later(), _c.ended_at.is_not(None),
            *during(unindexed(_c.started_at), ask.span),
        )
    )  # fmt: skip


def is_choice(chosen: Collection[str]) -> ColumnElement[bool]:
    """Whether the caller of a call (of `calls`) chose one of these."""
    known = sorted(set(chosen) - {NOT_ASKED})
    of_call = exists().where(_r.call_id == _c.id).correlate(calls)
    ways = [of_call.where(~_asked_later(), _CHOICE.in_(known))] if known else []
    return or_(false(), *ways, *([~of_call] if NOT_ASKED in chosen else []))


def _asked_later() -> ColumnElement[bool]:
    """Whether the caller was asked again in the same call."""
    its = _later.c
    after = or_(its.at > _r.at, and_(its.at == _r.at, its.id > _r.id))
    return exists().where(its.call_id == _r.call_id, after).correlate(call_reasons)


def _waited() -> ColumnElement[float]:
    """Seconds in queues, as rollups have them."""
    its = call_visits.c
    spent = case((its.wait > 0, its.wait), else_=0.0)
    return select(func.sum(spent)).where(its.call_id == _c.id).correlate(calls).scalar_subquery()


def _less(whole: Tally, part: Tally) -> Tally:
    """What is left of a row when a part of it is taken away."""
    return Tally(sums={name: max(0.0, whole[name] - part[name]) for name in _SUMS})


async def _titled(conn: AsyncConnection, found: Found, ask: Ask) -> Found:
    """With the names of intents in the reader's language; deleted ones keep their own."""
    titles = await titles_of(conn, ask.language)

    def titled(key: Key) -> Key:
        return replace(key, title=titles.get(key.value, key.title)) if key.row == "menu" else key

    return {tuple(map(titled, keys)): tally for keys, tally in found.items()}


async def titles_of(conn: AsyncConnection, language: str) -> dict[str, str]:
    """What intents are called in a language, else in any other, by the name a choice has."""
    named = {one.name: one.body.get("title", {}) for one in await intents.everything(conn)}
    return {
        name: texts.get(language) or next(iter(texts.values()), "") or name for name, texts in named.items()
    }  # fmt: skip
