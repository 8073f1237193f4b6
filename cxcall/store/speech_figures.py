"""Figures of talks in a period: who spoke how much, silence, interruptions, moods, and what had to be said.

Sums come from the figures each transcript carries, so that a share of a period is a share of its seconds and never a
mean of means. Which talks count is said in `category_figures`: calls that were heard, at the moment they began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Float, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.speech.sentiment import CLEAR
from cxcall.store.category_figures import Cut, RequiredShare
from cxcall.store.category_tables import category_calls, required_checks
from cxcall.store.speech_tables import transcripts

HEARD = ("done", "live")
"""States of calls that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moods:
    """Talks by how the customer felt (METRICS `sentiment`, apart at ±0.2); `unknown`: nothing told."""

    negative: int
    neutral: int
    positive: int
    unknown: int

    @property
    def felt(self) -> int:
        return self.negative + self.neutral + self.positive


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSums:
    """Sums over `measured` calls, those of `heard` that have figures. Seconds; `silent`: calls with a silence of more
    than 3 s, `silences` how many of them there were; `interrupted`: calls in which anybody was interrupted."""

    heard: int
    measured: int
    mood: float | None
    moods: Moods
    agent_s: float
    customer_s: float
    talk_s: float
    silence_s: float
    silences: int
    silent: int
    agent_interruptions: int
    customer_interruptions: int
    interrupted: int

    @property
    def talk_share(self) -> float | None:
        """METRICS `talk_share`: 0…1, None when nobody spoke."""
        both = self.agent_s + self.customer_s
        return self.agent_s / both if both else None

    @property
    def silence_share(self) -> float | None:
        """METRICS `silence`: of the talk's seconds."""
        return self.silence_s / self.talk_s if self.talk_s else None

    @property
    def interruptions(self) -> int:
        return self.agent_interruptions + self.customer_interruptions


async def sums(conn: AsyncConnection, cut: Cut) -> SpeechSums:
    """All of a period, in one pass over its calls."""
    its, of = transcripts.c, _Reading(conn)
    agent, customer = of.number("agent", "interruptions"), of.number("customer", "interruptions")
    row = (
        await conn.execute(
            select(
                func.count(), func.count(its.figures), func.avg(its.sentiment), *_mood_columns(its.sentiment),
                func.sum(of.number("agent", "seconds")), func.sum(of.number("customer", "seconds")),
                func.sum(of.number("talk")), func.sum(of.number("silence", "seconds")),
                func.sum(of.number("silence", "count")), func.count(case((of.number("silence", "count") > 0, 1))),
                func.sum(agent), func.sum(customer), func.count(case((agent + customer > 0, 1))),
            ).where(*heard_in(cut))
        )
    ).one()  # fmt: skip
    heard, measured, mood, negative, neutral, positive, unknown, *rest = row
    agent_s, customer_s, talk_s, silence_s, silences, silent, by_agent, by_cust, interrupted = (x or 0 for x in rest)
    return SpeechSums(
        heard=heard, measured=measured, mood=mood,
        moods=Moods(negative=negative, neutral=neutral, positive=positive, unknown=unknown),
        agent_s=agent_s, customer_s=customer_s, talk_s=talk_s, silence_s=silence_s, silences=int(silences),
        silent=silent, agent_interruptions=int(by_agent), customer_interruptions=int(by_cust),
        interrupted=interrupted,
    )  # fmt: skip


async def moods(conn: AsyncConnection, cut: Cut) -> dict[str, Moods]:
    """Of each category: the calls it was found in by how the customer felt."""
    table = category_calls.c
    where = [table.kind == "call", *_in(table, cut)]
    query = select(table.category_id, *_mood_columns(table.sentiment)).where(*where).group_by(table.category_id)
    return {
        id_: Moods(negative=negative, neutral=neutral, positive=positive, unknown=unknown)
        for id_, negative, neutral, positive, unknown in await conn.execute(query)
    }


async def required_by(
    conn: AsyncConnection, by: Literal["queue", "agent"], cut: Cut
) -> dict[str, dict[str, RequiredShare]]:
    """Of each queue or agent (interface): how often each category that had to be said was."""
    table = required_checks.c
    key = table[by]
    query = select(key, table.category_id, func.count(case((table.said, 1))), func.count())
    query = query.where(table.kind == "call", *_in(table, cut)).group_by(key, table.category_id)
    found: dict[str, dict[str, RequiredShare]] = {}
    for group, id_, said, n in await conn.execute(query):
        if group:
            found.setdefault(group, {})[id_] = RequiredShare(category_id=id_, said=said, n=n)
    return found


def heard_in(cut: Cut) -> list[ColumnElement[bool]]:
    """What makes a transcript count in a cut."""
    its = transcripts.c
    return [its.kind == "call", its.state.in_(HEARD), *_in(its, cut)]


def number(conn: AsyncConnection, *path: str) -> ColumnElement[Any]:
    """A number of a transcript's figures; NULL where there is none."""
    return _Reading(conn).number(*path)


class _Reading:
    """How this database looks into a JSON text."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._postgres = conn.dialect.name == "postgresql"

    def number(self, *path: str) -> ColumnElement[Any]:
        figures: Column[str] = transcripts.c.figures
        if self._postgres:
            return cast(func.jsonb_extract_path_text(cast(figures, JSONB), *path), Float)
        return func.json_extract(figures, "$." + ".".join(path))


def _mood_columns(value: ColumnElement[Any]) -> tuple[ColumnElement[int], ...]:
    return (
        func.count(case((value <= -CLEAR, 1))),
        func.count(case(((value > -CLEAR) & (value < CLEAR), 1))),
        func.count(case((value >= CLEAR, 1))),
        func.count(case((value.is_(None), 1))),
    )


def _in(table: Any, cut: Cut) -> list[ColumnElement[bool]]:
    period = [table.began_at >= cut.period.since, table.began_at < cut.period.until]
    period += [table.queue == cut.queue] if cut.queue is not None else []
    return [*period, *([table.agent.in_(cut.agents)] if cut.agents else [])]
