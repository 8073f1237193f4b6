"""The statement that reads what is known of callers: of each number asked for, all in one text of JSON.

A union of a few short reads: the profile, its tags, the last calls, who of ours talked in the newest of them, the last
answers to surveys, the last moods, open tasks. One row a number, for a row costs more on its way than the database
needs to find it: for each that SQLite steps to Python's lock is given away and waited for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from cxcall.store.agent_tables import agent_states
from cxcall.store.call_back_tables import call_backs
from cxcall.store.follow_up_tables import tasks
from cxcall.store.routing_tables import customer_accounts
from cxcall.store.schema import UtcDateTime
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import call_legs, calls, customer_numbers, customer_tags, customers

CALLS = 60
"""Of so many calls the past is made, the newest."""
TALKS = 12
ANSWERED = 5
HEARD = 5

_NUMBER = literal_column("asked.value", customer_numbers.c.number.type)
_THEIRS = literal_column("mine.customer_id", customer_numbers.c.customer_id.type)
"""Of the row around, whose columns SQLAlchemy would take for tables to be read here."""


def query(dialect: str) -> Select[Any]:
    """A row for each number: the number, and its JSON: a list of rows as `known_caller.Found` has them, times in
    microseconds. The numbers come as one parameter, `numbers`: a list, SQLite takes it as JSON.

    Of PostgreSQL's functions `unnest` is the one it expects few rows of. With a hundred of them the statement looks so
    dear that it would be compiled for each read (jit), which takes longer than a hundred reads.
    """
    if dialect == "sqlite":
        asked = func.json_each(bindparam("numbers", value="", type_=Text)).table_valued("value", name="asked")
    else:
        listed = func.unnest(bindparam("numbers", value=[], type_=ARRAY(Text)))
        asked = listed.table_valued("value").render_derived(name="asked")
    mine = customer_numbers.alias("mine")
    known = asked.outerjoin(mine, mine.c.number == asked.c.value)
    return select(asked.c.value, _of_one(dialect).label("found")).select_from(known)


def _of_one(dialect: str) -> ColumnElement[Any]:
    call = calls.c
    recent = (
        select(call.id, call.started_at, call.answered_at, call.direction, call.outcome, call.queue)
        .where(call.customer_id == _THEIRS, call.ended_at.is_not(None))
        .order_by(call.started_at.desc(), call.id.desc())
        .limit(_most(CALLS))
        .cte("recent")
    )
    merged = select(customers.c.id).where(customers.c.id == _THEIRS).cte("merged", recursive=True)
    merged = merged.union(select(customers.c.id).where(customers.c.merged_into == merged.c.id))
    promised = call_backs.c
    parts = [
        _customer(), _tags(), _calls(recent), _talks(recent, ours=False), _talks(recent, ours=True), _answers(),
        _moods(), _tasks(merged), _promised(promised.number == _NUMBER), _promised(promised.customer_id == _THEIRS),
    ]  # fmt: skip
    found = union_all(*(select(part.subquery()) for part in parts)).subquery("found")
    return select(_as_json(dialect, found.c)).add_cte(recent, merged, nest_here=True).scalar_subquery()


def _as_json(dialect: str, its: Any) -> ColumnElement[Any]:
    kind, at, *rest = its
    if dialect == "sqlite":
        return func.json_group_array(func.json_array(kind, at, *rest))
    micros = cast(extract("epoch", at) * 1_000_000, BigInteger)
    return func.coalesce(cast(func.json_agg(func.json_build_array(kind, micros, *rest)), Text), "[]")


def _part(kind: str, *, at: Any = None, texts: Sequence[Any] = (), x: Any = None) -> Select[Any]:
    """A read with the columns all of them have: kind, a time, six texts, a figure."""
    filled = [*texts, *[None] * (6 - len(texts))]
    return select(
        literal(kind, Text).label("kind"),
        (cast(null(), UtcDateTime) if at is None else at).label("at"),
        *(
            (cast(null(), Text) if text is None else cast(text, Text)).label(name)
            for name, text in zip("abcdef", filled, strict=True)
        ),
        (cast(null(), Float) if x is None else cast(x, Float)).label("x"),
    )


def _most(rows: int) -> ColumnElement[int]:
    """A limit the planner can read; of a parameter it would think the worst."""
    return literal_column(str(rows), Integer)


def _customer() -> Select[Any]:
    """With the first contact ever, and whether a call made the profile and nobody has looked at it since."""
    its, account = customers.c, customer_accounts.c
    first = select(func.min(calls.c.started_at)).where(calls.c.customer_id == _THEIRS).scalar_subquery()
    stranger = case((and_(its.origin == "call", its.version == 1), "stranger"))
    texts = (its.id, its.name, its.tier, its.language, account.manager_id, stranger)
    part = _part("customer", at=first, texts=texts, x=account.value).select_from(customers)
    return part.outerjoin(customer_accounts, account.customer_id == its.id).where(its.id == _THEIRS)


def _tags() -> Select[Any]:
    tag = customer_tags.c
    return _part("tag", texts=(tag.tag,), x=tag.n).where(tag.customer_id == _THEIRS)


def _calls(recent: Any) -> Select[Any]:
    its = recent.c
    return _part("call", at=its.started_at, texts=(its.id, its.direction, its.outcome, its.queue)).select_from(recent)


def _talks(recent: Any, *, ours: bool) -> Select[Any]:
    """The phones of ours that talked with the customer in calls we made (`ours`) or they made, and who sat there then:
    "" nobody, None not written down.

    The calls stand in a list and are not joined: to join them SQLite would first read all legs there are.
    """
    leg = call_legs.c
    outbound = recent.c.direction == "outbound"
    answered = select(recent.c.id).where(outbound if ours else ~outbound, recent.c.answered_at.is_not(None))
    talked = (
        select(leg.call_id, leg.server, leg.device, leg.answered_at)
        .where(leg.call_id.in_(answered), leg.answered_at.is_not(None))
        .where(leg.role == "caller" if ours else leg.role.in_(("agent", "callee")))
        .order_by(leg.answered_at.desc())
        .limit(_most(TALKS))
        .subquery("called" if ours else "talked")
    )
    spell = agent_states.c
    sat = case((spell.since <= talked.c.answered_at, func.coalesce(spell.user_id, "")))
    there = (spell.server == talked.c.server, spell.interface == talked.c.device)
    over = select(sat).where(*there, spell.until > talked.c.answered_at).order_by(spell.until).limit(_most(1))
    lasting = select(sat).where(*there, spell.until.is_(None))
    user = func.coalesce(over.correlate(talked).scalar_subquery(), lasting.correlate(talked).scalar_subquery())
    texts = (talked.c.call_id, talked.c.server, talked.c.device, user)
    return _part("talk", at=talked.c.answered_at, texts=texts).select_from(talked)


def _answers() -> Select[Any]:
    asked = survey_responses.c
    newest = (
        select(asked.id, asked.call_id)
        .where(asked.customer_id == _THEIRS)
        .order_by(asked.offered_at.desc(), asked.id.desc())
        .limit(_most(ANSWERED))
        .subquery("newest")
    )
    given = survey_answers.c
    return (
        _part("answer", at=given.given_at, texts=(newest.c.call_id, given.measure), x=given.value)
        .select_from(newest)
        .join(survey_answers, given.response_id == newest.c.id)
        .where(given.measure.is_not(None), given.value.is_not(None))
    )


def _moods() -> Select[Any]:
    heard = transcripts.c
    newest = (
        select(heard.began_at, heard.sentiment)
        .where(heard.customer_id == _THEIRS, heard.kind == "call")
        .order_by(heard.began_at.desc(), heard.id.desc())
        .limit(_most(HEARD))
        .subquery("heard")
    )
    felt = newest.c.sentiment.is_not(None)
    return _part("mood", at=newest.c.began_at, x=newest.c.sentiment).select_from(newest).where(felt)


def _tasks(merged: Any) -> Select[Any]:
    """Of the customer, also under ids of profiles that were `merged` into theirs.

    An expression of the state, so that nobody thinks of reading all open tasks for it.
    """
    of_theirs = tasks.c.customer_id.in_(select(merged.c.id))
    return (
        _part("task", texts=(tasks.c.kind,), x=func.count())
        .where(of_theirs, func.coalesce(tasks.c.state, "") == "open")
        .group_by(tasks.c.kind)
    )


def _promised(theirs: ColumnElement[bool]) -> Select[Any]:
    return _part("call_back", at=call_backs.c.made_at).where(theirs, call_backs.c.ended_at.is_(None))
