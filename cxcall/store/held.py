"""Whose a call was, as SQL: the phone it was answered at (or placed from), while that phone was somebody's."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, ColumnElement, and_, exists, func, or_

from cxcall.store.sign_ins import Held
from cxcall.store.survey_tables import survey_responses
from cxcall.store.tables import call_legs

Phones = tuple[str, ...] | tuple[Held, ...]
"""Phones of one person: always theirs, or for a time."""

_THEN = func.coalesce(call_legs.c.answered_at, call_legs.c.rang_at, call_legs.c.started_at)


def names_of(phones: Phones) -> tuple[str, ...]:
    """The phones alone, each once."""
    return tuple(dict.fromkeys(one if isinstance(one, str) else one.phone for one in phones))


def spells_of(phones: Phones) -> tuple[Held, ...]:
    """The phones with their times; those that are always somebody's have none."""
    return tuple(one for one in phones if isinstance(one, Held))


def is_theirs(phones: Phones) -> ColumnElement[bool]:
    """Of a leg: whether this person took part by it."""
    spells = spells_of(phones)
    there = call_legs.c.list_device.in_(names_of(phones))
    return and_(there, or_(*(_within(one) for one in spells))) if spells else there


def had_call(call_id: Column[str], spells: Iterable[Held]) -> ColumnElement[bool]:
    """Of a row about a call: whether this person had it."""
    return exists().where(call_legs.c.call_id == call_id, is_theirs(tuple(spells)))


def had_response(response_id: Column[str], spells: Iterable[Held]) -> ColumnElement[bool]:
    """Of an answer or a comment: whether this person had the call it is about."""
    theirs = had_call(survey_responses.c.call_id, spells)
    return exists().where(survey_responses.c.id == response_id, theirs)


def _within(one: Held) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [call_legs.c.list_device == one.phone]
    if one.server:
        conditions.append(call_legs.c.server == one.server)
    if one.since is not None:
        conditions.append(one.since <= _THEN)
    if one.until is not None:
        conditions.append(one.until > _THEN)
    return and_(*conditions)
