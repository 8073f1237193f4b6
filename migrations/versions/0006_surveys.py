"""Surveys: scripts and their versions, when queues ask, what callers answered and said."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "survey_askings",
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("asking", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("server", "queue", name=op.f("pk_survey_askings")),
    )
    op.create_table(
        "survey_opt_outs",
        sa.Column("number", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("how", BYTES, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_survey_opt_outs")),
    )
    op.create_index("ix_survey_opt_outs_newest", "survey_opt_outs", ["at", "number"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("goal_nps", sa.Float(), nullable=True),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    op.create_index("uq_surveys_name_key", "surveys", ["name_key"], unique=True)
    op.create_table(
        "survey_calls",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("survey_id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("for_call_id", BYTES, nullable=False),
        sa.Column("response_id", BYTES, nullable=True),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_calls_survey_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_survey_calls_customer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_calls")),
    )
    op.create_index("ix_survey_calls_customer", "survey_calls", ["customer_id"], unique=False)
    op.create_index("ix_survey_calls_newest", "survey_calls", ["made_at", "id"], unique=False)
    op.create_index("ix_survey_calls_number", "survey_calls", ["number", "tried_at"], unique=False)
    op.create_index("ix_survey_calls_state", "survey_calls", ["state", "next_at", "id"], unique=False)
    op.create_index("uq_survey_calls_for_call_id", "survey_calls", ["for_call_id"], unique=True)
    op.create_table(
        "survey_responses",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("survey_id", BYTES, nullable=True),
        sa.Column("survey_version", sa.Integer(), nullable=True),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("unique_id", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("reason", BYTES, nullable=False),
        sa.Column("end", BYTES, nullable=False),
        sa.Column("offered_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("handed_to", sa.Text(), nullable=True),
        sa.Column("wait", sa.Float(), nullable=True),
        sa.Column("talk", sa.Float(), nullable=True),
        sa.Column("transferred", sa.Boolean(), nullable=True),
        sa.Column("repeat", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_responses_survey_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_survey_responses_customer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_responses")),
    )
    op.create_index(
        "ix_survey_responses_agent",
        "survey_responses",
        ["agent", "offered_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'not_asked'"),
        postgresql_where=sa.text("state <> 'not_asked'"),
    )
    op.create_index("ix_survey_responses_call_id", "survey_responses", ["call_id"], unique=False)
    op.create_index(
        "ix_survey_responses_customer", "survey_responses", ["customer_id", "offered_at", "id"], unique=False
    )
    op.create_index(
        "ix_survey_responses_funnel_agent",
        "survey_responses",
        ["agent", "kind", "state", "reason", "end", "offered_at", "survey_id", "queue"],
        unique=False,
    )
    op.create_index(
        "ix_survey_responses_funnel_queue",
        "survey_responses",
        ["queue", "kind", "state", "reason", "end", "offered_at", "survey_id", "agent"],
        unique=False,
    )
    op.create_index(
        "ix_survey_responses_newest",
        "survey_responses",
        ["offered_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'not_asked'"),
        postgresql_where=sa.text("state <> 'not_asked'"),
    )
    op.create_index(
        "ix_survey_responses_not_asked",
        "survey_responses",
        ["offered_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'not_asked'"),
        postgresql_where=sa.text("state = 'not_asked'"),
    )
    op.create_index("ix_survey_responses_number", "survey_responses", ["number", "offered_at", "id"], unique=False)
    op.create_index(
        "ix_survey_responses_open",
        "survey_responses",
        ["offered_at"],
        unique=False,
        sqlite_where=sa.text("\"end\" = '' AND state <> 'not_asked'"),
        postgresql_where=sa.text("\"end\" = '' AND state <> 'not_asked'"),
    )
    op.create_index(
        "ix_survey_responses_queue",
        "survey_responses",
        ["queue", "offered_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'not_asked'"),
        postgresql_where=sa.text("state <> 'not_asked'"),
    )
    op.create_index("uq_survey_responses_call", "survey_responses", ["server", "unique_id", "kind"], unique=True)
    op.create_table(
        "survey_versions",
        sa.Column("survey_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_survey_versions_survey_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("survey_id", "n", name=op.f("pk_survey_versions")),
    )
    op.create_table(
        "survey_answers",
        sa.Column("response_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("part", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("measure", BYTES, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("result", BYTES, nullable=False),
        sa.Column("keys", BYTES, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("survey_id", BYTES, nullable=True),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("wait", sa.Float(), nullable=True),
        sa.Column("transferred", sa.Boolean(), nullable=True),
        sa.Column("repeat", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"], ["survey_responses.id"], name=op.f("fk_survey_answers_response_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("response_id", "n", name=op.f("pk_survey_answers")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_survey_answers_agent",
        "survey_answers",
        ["agent", "measure", "value", "given_at", "survey_id", "queue", "wait", "transferred", "repeat"],
        unique=False,
        sqlite_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
        postgresql_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
    )
    op.create_index(
        "ix_survey_answers_newest",
        "survey_answers",
        ["measure", "given_at", "response_id", "value", "queue", "agent", "survey_id"],
        unique=False,
        sqlite_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
        postgresql_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
    )
    op.create_index(
        "ix_survey_answers_part",
        "survey_answers",
        ["survey_id", "part", "result", "keys", "given_at", "queue", "agent"],
        unique=False,
    )
    op.create_index(
        "ix_survey_answers_queue",
        "survey_answers",
        ["queue", "measure", "value", "given_at", "survey_id", "agent", "wait", "transferred", "repeat"],
        unique=False,
        sqlite_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
        postgresql_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
    )
    op.create_index(
        "ix_survey_answers_score",
        "survey_answers",
        ["measure", "value", "given_at", "survey_id", "wait", "transferred", "repeat"],
        unique=False,
        sqlite_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
        postgresql_where=sa.text("measure IS NOT NULL AND value IS NOT NULL"),
    )
    op.create_table(
        "survey_comments",
        sa.Column("response_id", BYTES, nullable=False),
        sa.Column("part", BYTES, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha", BYTES, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("transcribed_at", MOMENT, nullable=True),
        sa.Column("listened_at", MOMENT, nullable=True),
        sa.Column("listened_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"], ["survey_responses.id"], name=op.f("fk_survey_comments_response_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("response_id", "part", name=op.f("pk_survey_comments")),
    )
    op.create_index(
        "ix_survey_comments_agent", "survey_comments", ["agent", "recorded_at", "response_id", "part"], unique=False
    )
    op.create_index(
        "ix_survey_comments_newest", "survey_comments", ["recorded_at", "response_id", "part"], unique=False
    )
    op.create_index(
        "ix_survey_comments_queue", "survey_comments", ["queue", "recorded_at", "response_id", "part"], unique=False
    )
    op.create_index(
        "ix_survey_comments_waiting",
        "survey_comments",
        ["recorded_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
