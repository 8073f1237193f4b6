"""Days of contacts are kept for reports too; slots say when they begin and end, so that triggers forget no others."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
WATCHED: tuple[tuple[str, str, str], ...] = (
    ("survey_answers", "answers", "given_at"),
    ("survey_responses", "answers", "offered_at"),
    ("transcripts", "speech", "began_at"),
    ("category_calls", "speech", "began_at"),
)

FORGET = "DELETE FROM kept_slots WHERE family = '{family}' AND until > {since} AND since <= {at};"
FORGET_ANSWERS = (
    "DELETE FROM kept_slots WHERE family = 'answers' AND EXISTS (SELECT 1 FROM survey_answers AS a"
    " WHERE a.response_id = NEW.id AND a.given_at >= since AND a.given_at < until);"
)
FORGET_LATER = (
    "DELETE FROM kept_slots WHERE family = 'customers' AND until > {row}.started_at AND (since <= {row}.started_at"
    " OR EXISTS (SELECT 1 FROM calls AS c WHERE c.customer_id = {row}.customer_id"
    " AND c.started_at >= since AND c.started_at < until));"
)

WEEK = {"sqlite": "604800000000", "postgresql": "interval '168 hours'"}
TOPICS = {
    "transcripts": "(SELECT c.started_at FROM calls AS c WHERE c.id = {row}.subject{moved})",
    "category_calls": (
        "(SELECT c.started_at FROM transcripts AS t JOIN calls AS c ON c.id = t.subject"
        " WHERE t.id = {row}.transcript_id AND t.kind = 'call')"
    ),
}
MOVED = " AND OLD.subject <> NEW.subject"
OF_CONTACTS = ("server", "started_at", "ended_at", "direction", "outcome", "customer_id", "queue", "agent")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in drops(dialect):
        op.get_bind().exec_driver_sql(statement)
    op.drop_table("kept_slots")
    op.create_table(
        "kept_slots",
        sa.Column("family", BYTES, nullable=False),
        sa.Column("grain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("family", "grain", "slot", name=op.f("pk_kept_slots")),
    )
    op.create_index("ix_kept_slots_until", "kept_slots", ["family", "until"])
    for name, key, sums in (
        ("rollup_resolution", sa.Column("agent", BYTES, nullable=False), ("fcr_n", "fcr_resolved", "fcr_open")),
        ("rollup_gaps", sa.Column("before", sa.Integer(), autoincrement=False, nullable=False), ("first", "second")),
    ):
        op.create_table(
            name,
            sa.Column("grain", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
            *(sa.Column(column, BYTES, nullable=False) for column in ("server", "queue")),
            key,
            *(sa.Column(column, sa.Float(), nullable=False) for column in sums),
            sa.PrimaryKeyConstraint("grain", "slot", "server", "queue", key.name, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    for statement in triggers(dialect):
        op.get_bind().exec_driver_sql(statement)


def drops(dialect: str) -> Iterator[str]:
    for table in ("survey_answers", "survey_responses", "transcripts", "category_calls"):
        for act in ROWS:
            name = f"kept_{table}_{act.lower()}"
            yield f"DROP FUNCTION {name}() CASCADE" if dialect == "postgresql" else f"DROP TRIGGER {name}"


def triggers(dialect: str) -> Iterator[str]:
    for table in ("survey_answers", "survey_responses", "transcripts", "category_calls"):
        for act, rows in ROWS.items():
            body = [forgotten(dialect, table, row, act) for row in rows]
            if (table, act) == ("survey_responses", "UPDATE"):
                body.append(FORGET_ANSWERS)
            yield from trigger(dialect, table, act, " ".join(body))
    for act, rows in ROWS.items():
        body = [contact_forgotten(dialect, row) for row in rows]
        yield from trigger(dialect, "calls", act, " ".join(body), when=when(dialect, rows))


def forgotten(dialect: str, table: str, row: str, act: str) -> str:
    found = [
        FORGET.format(family=family, since=f"{row}.{at}", at=f"{row}.{at}")
        for name, family, at in WATCHED
        if name == table
    ]
    if table in TOPICS:
        at = TOPICS[table].format(row=row, moved=MOVED if act == "UPDATE" else "")
        found.append(FORGET.format(family="resolution", since=f"{at} - {WEEK[dialect]}", at=at))
    return " ".join(found)


def contact_forgotten(dialect: str, row: str) -> str:
    at, week = f"{row}.started_at", WEEK[dialect]
    forget = {
        "resolution": (f"{at} - {week}", FORGET.format(family="resolution", since=f"{at} - {week}", at=at)),
        "customers": (at, FORGET_LATER.format(row=row)),
    }
    if dialect == "sqlite":
        return " ".join(statement for _, statement in forget.values())
    return " ".join(
        f"IF {since} < (SELECT max(until) FROM kept_slots WHERE family = '{family}') THEN {statement} END IF;"  # noqa: S608 - our own names
        for family, (since, statement) in forget.items()
    )


def when(dialect: str, rows: tuple[str, ...]) -> str:
    contact = " OR ".join(
        f"({row}.customer_id IS NOT NULL AND {row}.direction <> 'outbound' AND {row}.ended_at IS NOT NULL)"
        for row in rows
    )
    if len(rows) == 1:
        return f"WHEN ({contact})"
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in OF_CONTACTS)
    return f"WHEN (({contact}) AND ({changed}))"


def trigger(dialect: str, table: str, act: str, body: str, *, when: str = "") -> Iterator[str]:
    name = f"kept_{table}_{act.lower()}"
    if dialect == "sqlite":
        yield f"CREATE TRIGGER {name} AFTER {act} ON {table} {when} BEGIN {body} END"
        return
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
    yield f"CREATE TRIGGER {name} AFTER {act} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
