"""What is kept of each family of figures, and how a day of it is counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Column, Select, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.checking import REPEAT_WINDOW
from cxcall.store.reporting import answers, gaps, resolution, speech
from cxcall.store.reporting.kept_tables import (
    FUNNEL,
    GAPS,
    RESOLVED,
    SCORES,
    TALKS,
    rollup_answers,
    rollup_gaps,
    rollup_resolution,
    rollup_talks,
)
from cxcall.store.reporting.ranges import Range
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_responses
from cxcall.store.tables import calls

Counted = tuple[Select[tuple[object, ...]], tuple[str, ...], dict[str, str]]
"""Rows of a time, the sums that are taken of them, and columns that are the same in all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What is kept of a family of figures. `first`: when its rows begin; `counts`: what its rows of a time add, in days
    of a zone; `settles`: how long after a day other rows still tell of it; `stood`: what its rows of a time added, as
    things stood at a moment."""

    name: str
    table: Table
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    first: Column[Any]
    counts: Callable[[AsyncConnection, Sequence[Range], tzinfo], tuple[Counted, ...]]
    settles: timedelta = timedelta(0)
    stood: Callable[[AsyncConnection, Sequence[Range], datetime], tuple[Counted, ...]] | None = None


def _answers(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    return ((answers.scored(conn, times), SCORES, {}), (answers.offered(conn, times), FUNNEL, {}))


def _talks(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    whole = (speech.talks(conn, times), TALKS, {"category": ""})
    return (whole, (speech.talks(conn, times, by_category=True), TALKS, {}))


def _resolution(conn: AsyncConnection, times: Sequence[Range], _: tzinfo) -> tuple[Counted, ...]:
    return ((resolution.resolved(conn, times), RESOLVED, {}),)


def _stood(conn: AsyncConnection, times: Sequence[Range], as_of: datetime) -> tuple[Counted, ...]:
    return ((resolution.resolved(conn, times, as_of=as_of), RESOLVED, {}),)


def _gaps(conn: AsyncConnection, times: Sequence[Range], zone: tzinfo) -> tuple[Counted, ...]:
    whole = {"server": "", "queue": ""}
    return (
        *((gaps.since(conn, times, zone, n), (name,), whole) for n, name in enumerate(GAPS)),
        *((gaps.since(conn, times, zone, n, same_queue=True), (name,), {}) for n, name in enumerate(GAPS)),
    )


FAMILIES: tuple[Family, ...] = (
    Family(
        name="answers", table=rollup_answers, keys=("server", "queue", "agent", "survey"), sums=SCORES + FUNNEL,
        first=survey_responses.c.offered_at, counts=_answers,
    ),
    Family(
        name="speech", table=rollup_talks, keys=("server", "queue", "agent", "category"), sums=TALKS,
        first=transcripts.c.began_at, counts=_talks,
    ),
    Family(
        name="resolution", table=rollup_resolution, keys=("server", "queue", "agent"), sums=RESOLVED,
        first=calls.c.started_at, counts=_resolution, settles=REPEAT_WINDOW, stood=_stood,
    ),
    Family(
        name="customers", table=rollup_gaps, keys=("server", "queue", "before"), sums=GAPS,
        first=calls.c.started_at, counts=_gaps,
    ),
)  # fmt: skip
