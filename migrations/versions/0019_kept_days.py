"""Days of surveys and talks that are kept for reports, and triggers that take away those that change."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ANSWERS = (
    "csat_good", "csat_n", "csat_sum", "nps_promoters", "nps_passives", "nps_detractors", "ces_good", "ces_n",
    "survey_offered", "survey_started", "survey_finished",
)  # fmt: skip
TALKS = (
    "talks", "talk_s", "own_s", "customer_s", "words_agent", "silence_s", "silence_n", "overlap_s",
    "interruptions_agent", "interruptions_customer", "sentiment_sum", "sentiment_n", "trend_sum", "mood_improving",
    "mood_steady", "mood_worsening",
)  # fmt: skip
WATCHED = (
    ("survey_answers", "answers", "given_at"),
    ("survey_responses", "answers", "offered_at"),
    ("transcripts", "speech", "began_at"),
    ("category_calls", "speech", "began_at"),
)
DAY = {
    "sqlite": "({row}.{moment} / 86400000000 + 719163)",
    "postgresql": "(floor(extract(epoch FROM {row}.{moment}) / 86400)::integer + 719163)",
}
FORGET = (
    "DELETE FROM kept_slots WHERE family = '{family}' AND"
    " (grain = 2 AND slot BETWEEN {day} - 1 AND {day} + 1"
    " OR grain = 3 AND slot BETWEEN ({day} - 1) / 16 AND ({day} + 1) / 16);"
)
FORGET_ANSWERS = (
    "DELETE FROM kept_slots WHERE family = 'answers' AND EXISTS (SELECT 1 FROM survey_answers AS a"
    " WHERE a.response_id = NEW.id AND (grain = 2 AND slot BETWEEN {day} - 1 AND {day} + 1"
    " OR grain = 3 AND slot BETWEEN ({day} - 1) / 16 AND ({day} + 1) / 16));"
)
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def upgrade() -> None:
    for name, key, sums in (("rollup_answers", "survey", ANSWERS), ("rollup_talks", "category", TALKS)):
        op.create_table(
            name,
            sa.Column("grain", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
            *(sa.Column(column, BYTES, nullable=False) for column in ("server", "queue", "agent", key)),
            *(sa.Column(column, sa.Float(), nullable=False) for column in sums),
            sa.PrimaryKeyConstraint("grain", "slot", "server", "queue", "agent", key, name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "kept_slots",
        sa.Column("family", BYTES, nullable=False),
        sa.Column("grain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("family", "grain", "slot", name=op.f("pk_kept_slots")),
    )
    for statement in triggers(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)


def triggers(dialect: str) -> Iterator[str]:
    for table, family, moment in WATCHED:
        for act, rows in ROWS.items():
            days = (DAY[dialect].format(row=row, moment=moment) for row in rows)
            body = " ".join(FORGET.format(family=family, day=day) for day in days)
            if (table, act) == ("survey_responses", "UPDATE"):
                body += " " + FORGET_ANSWERS.format(day=DAY[dialect].format(row="a", moment="given_at"))
            name = f"kept_{table}_{act.lower()}"
            if dialect == "sqlite":
                yield f"CREATE TRIGGER {name} AFTER {act} ON {table} BEGIN {body} END"
            else:
                yield (
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
                )
                yield f"CREATE TRIGGER {name} AFTER {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
