"""`/staffing`: agents a load needs, what to expect of a day and how wrong that was before, who kept to the roster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cxcall.staffing import erlang
from cxcall.staffing.erlang import MOST_AGENTS, Goal, Load, outcome
from cxcall.staffing.roster import read_day
from cxcall.store import staffing, users
from cxcall.web.access import OVERSEERS
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import Scope
from cxcall.web.api.staffing_shapes import (
    AdherenceList,
    AdherenceQuery,
    AgentAdherenceDays,
    ErlangAnswer,
    ErlangQuery,
    ForecastGoal,
    ForecastQuery,
    ShownForecast,
    adherence_of,
    day_of,
    error_of,
    outcome_of,
    pieces_of,
)
from cxcall.web.keys import SETTINGS
from cxcall.web.pages.staffing import asked as asking
from cxcall.web.pages.staffing.loading import Worked, load
from cxcall.web.problems import Problem
from cxcall.web.report_making import calendar_of

LONGEST_DAYS = 31
LIMIT_S = 20.0
_PER_CENT = {"answered": "share", "occupancy": "occupancy", "abandoned": "abandoned", "shrinkage": "shrinkage"}
"""Shares of a question → what pages call them, in per cent."""


async def get_erlang(asked: Asked[ErlangQuery, None]) -> ErlangAnswer:
    """By Erlang C, or with `patience` by Erlang A."""
    return await asyncio.to_thread(_erlang, asked.query)


def _erlang(query: ErlangQuery) -> ErlangAnswer:
    of = Load(calls=query.calls, handle=query.handle, seconds=query.seconds)
    goal = Goal(
        within=query.within, answered=query.answered, occupancy=query.occupancy, abandoned=query.abandoned
    )  # fmt: skip
    needed = erlang.agents_needed(of, goal, query.patience)
    expected = outcome(of, needed, goal.within, query.patience)
    return ErlangAnswer(
        erlangs=of.erlangs,
        formula="erlang_c" if query.patience is None else "erlang_a",
        reached=needed < MOST_AGENTS or expected.reaches(goal),
        needed=outcome_of(needed, expected),
        to_roster=erlang.scheduled(needed, query.shrinkage),
        with_agents=None
        if query.agents is None
        else outcome_of(query.agents, outcome(of, query.agents, goal.within, query.patience)),
    )


async def get_forecast(asked: Asked[ForecastQuery, None]) -> ShownForecast:
    """The plan of a day or week, as the page of staffing has it."""
    query, site = asked.query, asked.request.app[SETTINGS].site
    day = _day(query.day, "day") if query.day else None
    queues = tuple(dict.fromkeys(name.strip() for name in query.queue.split(",") if name.strip()))[:50]
    wanted = asking.Asked(queues=queues, day=day, view=query.view, numbers=_numbers(query))
    calendar = query.calendar or calendar_of(site)
    try:
        async with asyncio.timeout(LIMIT_S), asked.engine.connect() as conn:
            worked = await load(
                conn, wanted, now=asked.now, zone=ZoneInfo(site.timezone), calendar=calendar, country=site.country
            )  # fmt: skip
    except TimeoutError as error:
        raise Problem(503, "The forecast takes too long to make. Ask for a day, or for fewer queues.") from error
    return _forecast(queues, query, worked)


def _numbers(query: ForecastQuery) -> Mapping[str, float]:
    """What was given, in the units of the page."""
    found: dict[str, float] = {}
    for name in ("within", "patience", "agents"):
        if (value := getattr(query, name)) is not None:
            found[name] = value
    for name, paged in _PER_CENT.items():
        if (value := getattr(query, name)) is not None:
            found[paged] = value * 100
    for name in ("volume", "handle"):
        if (value := getattr(query, name)) is not None:
            found[name] = (value - 1.0) * 100
    return found


def _forecast(queues: tuple[str, ...], query: ForecastQuery, worked: Worked) -> ShownForecast:
    wish = worked.wish
    goal = ForecastGoal(
        within=wish.goal.within, answered=wish.goal.answered, occupancy=wish.goal.occupancy,
        abandoned=wish.goal.abandoned, shrinkage=wish.shrinkage, patience=wish.patience,
        patience_known=query.patience is not None or worked.history.patience is not None,
    )  # fmt: skip
    return ShownForecast(
        queues=list(queues),
        days=[day_of(plan, wish.agents, wish.shrinkage) for plan in worked.plans],
        error=error_of(worked.rule.miss),
        trend=worked.rule.trend,
        goal=goal,
        roster="none" if not worked.rostered else "queues" if worked.restricted else "everybody",
    )


async def list_adherence(asked: Asked[AdherenceQuery, None]) -> AdherenceList:
    """Everybody who is on the roster on these days."""
    first, last = _days(asked)
    async with asked.engine.connect() as conn:
        found = await staffing.adherence(conn, first=first, last=last, zone=_zone(asked), now=asked.now)
    scheduled = sum(one.found.scheduled for one in found)
    share = sum(one.found.adhered for one in found) / scheduled if scheduled else None
    return AdherenceList(first=first, last=last, share=share, items=[adherence_of(one) for one in found])


async def get_agent_adherence(asked: Asked[AdherenceQuery, None]) -> AgentAdherenceDays:
    """One agent, piece by piece up to now. `agent`: id of a user."""
    first, last = _days(asked)
    async with asked.engine.connect() as conn:
        if await users.get(conn, asked.path["agent"]) is None:
            raise Problem(404, "There is no such user.")
        (whole,) = await staffing.adherence(
            conn, first=first, last=last, zone=_zone(asked), now=asked.now, user_id=asked.path["agent"]
        )
    return AgentAdherenceDays(
        first=first, last=last, whole=adherence_of(whole), pieces=pieces_of(whole.found, asked.now)
    )  # fmt: skip


def _days(asked: Asked[AdherenceQuery, None]) -> tuple[date, date]:
    query = asked.query
    if not query.from_ and not query.to:
        today = asked.now.astimezone(_zone(asked)).date()
        return today, today
    if not query.from_ or not query.to:
        raise _refused("Say both days, from and to.", "from" if query.to else "to")
    first, last = _day(query.from_, "from"), _day(query.to, "to")
    if not timedelta() <= last - first < timedelta(days=LONGEST_DAYS):
        raise _refused(f"to is not before from, and at most {LONGEST_DAYS} days are told at once.", "to")
    return first, last


def _day(text: str, parameter: str) -> date:
    day = read_day(text)
    if day is None or not 1900 <= day.year <= 2300:
        raise _refused(f"{text} is no date. Write 2026-11-21 or 1405-08-30.", parameter)
    return day


def _refused(detail: str, parameter: str) -> Problem:
    return Problem(422, "The query can't be used, see errors.", errors=[{"detail": detail, "parameter": parameter}])


def _zone(asked: Asked[Any, Any]) -> ZoneInfo:
    return ZoneInfo(asked.request.app[SETTINGS].site.timezone)


def _read(**fields: Any) -> Endpoint:
    return Endpoint(method="GET", tag="staffing", scope=Scope.AGENTS_READ, roles=tuple(sorted(OVERSEERS)), **fields)


ENDPOINTS = (
    _read(path="/staffing/erlang", handler=get_erlang, summary="Agents that a load of calls needs", query=ErlangQuery,
          gives=ErlangAnswer),
    _read(path="/staffing/forecast", handler=get_forecast, summary="Calls and agents of a day or week to come",
          query=ForecastQuery, gives=ShownForecast, problems=(503,)),
    _read(path="/staffing/adherence", handler=list_adherence, summary="Who kept to the roster", query=AdherenceQuery,
          gives=AdherenceList),
    _read(path="/staffing/adherence/{agent}", handler=get_agent_adherence, summary="An agent's day beside the roster",
          query=AdherenceQuery, gives=AgentAdherenceDays),
)  # fmt: skip
