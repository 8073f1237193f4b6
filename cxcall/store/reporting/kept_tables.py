"""Rollups made of rows for days that are over, kept until one of those rows changes.

`kept_slots` names the slots whose rows are true: days (grain 2) and sixteen days (grain 3), as in `tables`. The
database itself takes a name away when a row it was made of is written, changed or deleted, by whomever: by triggers, so
that nobody who writes has to think of reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Float, Index, Integer, Table, Text, event

from cxcall.store.category_tables import category_calls
from cxcall.store.schema import metadata, moment
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import BYTES, calls

SCORES = (
    "csat_good", "csat_n", "csat_sum", "nps_promoters", "nps_passives", "nps_detractors", "ces_good", "ces_n",
)  # fmt: skip
FUNNEL = ("survey_offered", "survey_started", "survey_finished")
TALKS = (
    "talks", "talk_s", "own_s", "customer_s", "words_agent", "silence_s", "silence_n", "overlap_s",
    "interruptions_agent", "interruptions_customer", "sentiment_sum", "sentiment_n", "trend_sum", "mood_improving",
    "mood_steady", "mood_worsening",
)  # fmt: skip
RESOLVED = ("fcr_n", "fcr_resolved", "fcr_open")
GAPS = ("first", "second")


def _rollup(name: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> Table:
    return Table(
        name,
        metadata,
        Column("grain", Integer, primary_key=True, autoincrement=False),
        Column("slot", Integer, primary_key=True, autoincrement=False),
        *(
            Column(key, Integer, primary_key=True, autoincrement=False)
            if key == "before"
            else Column(key, BYTES, primary_key=True)
            for key in keys
        ),
        *(Column(column, Float, nullable=False) for column in sums),
        sqlite_with_rowid=False,
    )


rollup_answers = _rollup("rollup_answers", ("server", "queue", "agent", "survey"), SCORES + FUNNEL)
# `category` "": talks whatever was found in them.
rollup_talks = _rollup("rollup_talks", ("server", "queue", "agent", "category"), TALKS)
rollup_resolution = _rollup("rollup_resolution", ("server", "queue", "agent"), RESOLVED)
# How long customers had not been in contact: so many contacts whose customer's contact before (`first`), or the one
# before that (`second`), was on the day `before`, 0: never. `server` "": whatever the queue; else in the same queue.
rollup_gaps = _rollup("rollup_gaps", ("server", "queue", "before"), GAPS)

kept_slots = Table(
    "kept_slots",
    metadata,
    Column("family", BYTES, primary_key=True),
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    # Of the site's days.
    Column("zone", Text, nullable=False),
    moment("since", nullable=False),
    # Not included.
    moment("until", nullable=False),
    # 0 while its rows are being counted.
    Column("done", Integer, nullable=False),
    # Of the counting: who counts finds it again, unless a row of that time was written in between.
    Column("name", Text, nullable=False),
)
Index("ix_kept_slots_until", kept_slots.c.family, kept_slots.c.until)

_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
_WATCHED: tuple[tuple[str, str, str], ...] = (
    (survey_answers.name, "answers", "given_at"),
    (survey_responses.name, "answers", "offered_at"),
    (transcripts.name, "speech", "began_at"),
    (category_calls.name, "speech", "began_at"),
)
"""Tables, the family made of them, and the moment that tells the day."""

_FORGET = "DELETE FROM kept_slots WHERE family = '{family}' AND until > {since} AND since <= {at};"
_FORGET_ANSWERS = (
    "DELETE FROM kept_slots WHERE family = 'answers' AND EXISTS (SELECT 1 FROM survey_answers AS a"
    " WHERE a.response_id = NEW.id AND a.given_at >= since AND a.given_at < until);"
)
"""Whose response changes (its queue, its agent) has answers of other days in it."""
_FORGET_LATER = (
    "DELETE FROM kept_slots WHERE family = 'customers' AND until > {row}.started_at AND (since <= {row}.started_at"
    " OR EXISTS (SELECT 1 FROM calls AS c WHERE c.customer_id = {row}.customer_id"
    " AND c.started_at >= since AND c.started_at < until));"
)
"""A contact is the one before every later contact of its customer, or was."""

_WEEK = {"sqlite": "604800000000", "postgresql": "interval '168 hours'"}
"""`checking.REPEAT_WINDOW`: a contact tells whether those of so long before it were the last."""
_TOPICS = {
    transcripts.name: "(SELECT c.started_at FROM calls AS c WHERE c.id = {row}.subject{moved})",
    category_calls.name: (
        "(SELECT c.started_at FROM transcripts AS t JOIN calls AS c ON c.id = t.subject"
        " WHERE t.id = {row}.transcript_id AND t.kind = 'call')"
    ),
}
"""When the call began whose topic a row is about."""
_MOVED = " AND OLD.subject <> NEW.subject"
_OF_CONTACTS = ("server", "started_at", "ended_at", "direction", "outcome", "customer_id", "queue", "agent")


def triggers(dialect: str) -> Iterator[str]:
    """The statements that make the triggers of a database."""
    for table in (survey_answers.name, survey_responses.name, transcripts.name, category_calls.name):
        for act, rows in _ROWS.items():
            body = [_forgotten(dialect, table, row, act) for row in rows]
            if (table, act) == (survey_responses.name, "UPDATE"):
                body.append(_FORGET_ANSWERS)
            yield from _trigger(dialect, table, act, " ".join(body))
    for act, rows in _ROWS.items():
        body = [_contact_forgotten(dialect, row) for row in rows]
        yield from _trigger(dialect, calls.name, act, " ".join(body), when=_when(dialect, rows))


def _forgotten(dialect: str, table: str, row: str, act: str) -> str:
    """Forgets what a row of surveys or talks is counted in."""
    found = [
        _FORGET.format(family=family, since=f"{row}.{at}", at=f"{row}.{at}")
        for name, family, at in _WATCHED
        if name == table
    ]
    if table in _TOPICS:
        at = _TOPICS[table].format(row=row, moved=_MOVED if act == "UPDATE" else "")
        found.append(_FORGET.format(family="resolution", since=f"{at} - {_WEEK[dialect]}", at=at))
    return " ".join(found)


def _contact_forgotten(dialect: str, row: str) -> str:
    """Forgets what a contact is counted in: for one that has just ended that is nothing, which is found out at once."""
    at, week = f"{row}.started_at", _WEEK[dialect]
    forget = {
        "resolution": (f"{at} - {week}", _FORGET.format(family="resolution", since=f"{at} - {week}", at=at)),
        "customers": (at, _FORGET_LATER.format(row=row)),
    }
    if dialect == "sqlite":
        return " ".join(statement for _, statement in forget.values())
    return " ".join(
        f"IF {since} < (SELECT max(until) FROM kept_slots WHERE family = '{family}') THEN {statement} END IF;"  # noqa: S608 - our own names
        for family, (since, statement) in forget.items()
    )


def _when(dialect: str, rows: tuple[str, ...]) -> str:
    """Only what is a contact (`contacts.is_contact`) or was one, and only what is told of it."""
    contact = " OR ".join(
        f"({row}.customer_id IS NOT NULL AND {row}.direction <> 'outbound' AND {row}.ended_at IS NOT NULL)"
        for row in rows
    )
    if len(rows) == 1:
        return f"WHEN ({contact})"
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _OF_CONTACTS)
    return f"WHEN (({contact}) AND ({changed}))"


def _trigger(dialect: str, table: str, act: str, body: str, *, when: str = "") -> Iterator[str]:
    name = f"kept_{table}_{act.lower()}"
    if dialect == "sqlite":
        yield f"CREATE TRIGGER {name} AFTER {act} ON {table} {when} BEGIN {body} END"
        return
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    yield f"CREATE TRIGGER {name} AFTER {act} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()"


def drops(dialect: str) -> Iterator[str]:
    """The statements that take the triggers away; on SQLite they go with their tables."""
    tables = (survey_answers, survey_responses, transcripts, category_calls, calls)
    for table in tables if dialect == "postgresql" else ():
        for act in _ROWS:
            yield f"DROP FUNCTION IF EXISTS kept_{table.name}_{act.lower()}() CASCADE"


def _create(target: Table, connection: Connection, **_: Any) -> None:
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _drop(target: Table, connection: Connection, **_: Any) -> None:
    for statement in drops(connection.dialect.name):
        connection.exec_driver_sql(statement)


event.listen(metadata, "after_create", _create)
event.listen(metadata, "before_drop", _drop)
