"""Rows that carry moments, shown to `summing` as if they were a rollup of quarters of an hour.

Answers, talks and contacts are few beside calls and change long after them (late surveys, corrected transcripts, merged
customers): they are counted where they are kept, along an index of their moments.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, cast, func, literal, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.period import QUARTER_S, Span
from cxcall.store.reporting.slots import QUARTER

GRAIN: ColumnElement[int] = literal(QUARTER).label("grain")
"""The column `grain` of such rows."""

QUARTERS = frozenset((QUARTER,))
"""The grains they have."""

_MILLION = 1_000_000


def is_postgresql(conn: AsyncConnection) -> bool:
    return conn.dialect.name == "postgresql"


def quarter(conn: AsyncConnection, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The slot of a moment: quarters of an hour since 1970."""
    if is_postgresql(conn):
        return cast(func.floor(func.extract("epoch", moment) / QUARTER_S), Integer)
    return type_coerce(moment, BigInteger) // (QUARTER_S * _MILLION)


def unindexed(column: Column[Any]) -> ColumnElement[Any]:
    """The same values, for rows that are to be found by something else than the index of this column."""
    return type_coerce(func.coalesce(column, column), column.type)


def during(moment: ColumnElement[Any], span: Span) -> tuple[ColumnElement[bool], ...]:
    """Whether a moment lies in a period; what the index is read by."""
    return moment >= span.since, moment < span.until
