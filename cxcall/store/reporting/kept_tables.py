"""Rollups of surveys and talks: made of their rows for days that are over, kept until one of those rows changes.

`kept_slots` names the slots whose rows are true: days (grain 2) and sixteen days (grain 3), as in `tables`. The
database itself takes a name away when a row of that time is written, changed or deleted, by whomever: by triggers, so
that nobody who writes has to think of reports. A day of any zone lies within the day before and after that of UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Float, Integer, Table, Text, event

from cxcall.store.category_tables import category_calls
from cxcall.store.schema import metadata
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_answers, survey_responses
from cxcall.store.tables import BYTES

SCORES = (
    "csat_good", "csat_n", "csat_sum", "nps_promoters", "nps_passives", "nps_detractors", "ces_good", "ces_n",
)  # fmt: skip
FUNNEL = ("survey_offered", "survey_started", "survey_finished")
TALKS = (
    "talks", "talk_s", "own_s", "customer_s", "words_agent", "silence_s", "silence_n", "overlap_s",
    "interruptions_agent", "interruptions_customer", "sentiment_sum", "sentiment_n", "trend_sum", "mood_improving",
    "mood_steady", "mood_worsening",
)  # fmt: skip


def _rollup(name: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> Table:
    return Table(
        name,
        metadata,
        Column("grain", Integer, primary_key=True, autoincrement=False),
        Column("slot", Integer, primary_key=True, autoincrement=False),
        *(Column(key, BYTES, primary_key=True) for key in keys),
        *(Column(column, Float, nullable=False) for column in sums),
        sqlite_with_rowid=False,
    )


rollup_answers = _rollup("rollup_answers", ("server", "queue", "agent", "survey"), SCORES + FUNNEL)
# `category` "": talks whatever was found in them.
rollup_talks = _rollup("rollup_talks", ("server", "queue", "agent", "category"), TALKS)

kept_slots = Table(
    "kept_slots",
    metadata,
    Column("family", BYTES, primary_key=True),
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    # Of the site's days.
    Column("zone", Text, nullable=False),
    # False while its rows are being counted.
    Column("done", Integer, nullable=False),
)

WATCHED: tuple[tuple[str, str, str], ...] = (
    (survey_answers.name, "answers", "given_at"),
    (survey_responses.name, "answers", "offered_at"),
    (transcripts.name, "speech", "began_at"),
    (category_calls.name, "speech", "began_at"),
)
"""Tables, the family made of them, and the moment that tells the day."""

_FORGET = (
    "DELETE FROM kept_slots WHERE family = '{family}' AND"
    " (grain = 2 AND slot BETWEEN {day} - 1 AND {day} + 1"
    " OR grain = 3 AND slot BETWEEN ({day} - 1) / 16 AND ({day} + 1) / 16);"
)
_SQLITE_DAY = "({row}.{moment} / 86400000000 + 719163)"
_POSTGRESQL_DAY = "(floor(extract(epoch FROM {row}.{moment}) / 86400)::integer + 719163)"
_ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def triggers(dialect: str) -> list[str]:
    """The statements that make the triggers of a database."""
    return [statement for watched in WATCHED for statement in _of_table(dialect, *watched)]


def _of_table(dialect: str, table: str, family: str, moment: str) -> list[str]:
    day = _SQLITE_DAY if dialect == "sqlite" else _POSTGRESQL_DAY
    bodies = {
        act: " ".join(_FORGET.format(family=family, day=day.format(row=row, moment=moment)) for row in rows)
        for act, rows in _ROWS.items()
    }
    if table == survey_responses.name:
        bodies["UPDATE"] += " " + _FORGET_ANSWERS[dialect]
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER kept_{table}_{act.lower()} AFTER {act} ON {table} BEGIN {body} END"
            for act, body in bodies.items()
        ]
    return [
        made
        for act, body in bodies.items()
        for made in (
            f"CREATE FUNCTION kept_{table}_{act.lower()}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {body} RETURN NULL; END $$",
            f"CREATE TRIGGER kept_{table}_{act.lower()} AFTER {act} ON {table} FOR EACH ROW"
            f" EXECUTE FUNCTION kept_{table}_{act.lower()}()",
        )
    ]


_FORGET_ANSWERS = {
    dialect: (
        "DELETE FROM kept_slots WHERE family = 'answers' AND EXISTS (SELECT 1 FROM survey_answers AS a"  # noqa: S608 - our own names
        f" WHERE a.response_id = NEW.id AND (grain = 2 AND slot BETWEEN {day} - 1 AND {day} + 1"
        f" OR grain = 3 AND slot BETWEEN ({day} - 1) / 16 AND ({day} + 1) / 16));"
    )
    for dialect, day in (
        ("sqlite", _SQLITE_DAY.format(row="a", moment="given_at")),
        ("postgresql", _POSTGRESQL_DAY.format(row="a", moment="given_at")),
    )
}
"""Whose response changes (its queue, its agent) has answers of other days in it."""


def _create(target: Table, connection: Connection, **_: Any) -> None:
    for statement in triggers(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _drop(target: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":
        for table, _family, _moment in WATCHED:
            for act in _ROWS:
                connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS kept_{table}_{act.lower()}() CASCADE")


event.listen(metadata, "after_create", _create)
event.listen(metadata, "before_drop", _drop)
