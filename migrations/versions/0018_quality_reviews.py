"""Quality reviews: plans, reviews that wait, evaluations with their corrections, disputes, coaching."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

SUBMITTED = sa.text("state = 'submitted'")
DRAFT = sa.text("state = 'draft'")
OPEN = sa.text("state = 'open'")
WAITING = sa.text("done < wanted AND skipped_why IS NULL")
TO_DO = sa.text("deleted_at IS NULL AND done_at IS NULL")
THERE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "quality_plans",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("drawn_until", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_plans")),
    )
    op.create_table(
        "quality_reviews",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("agent_user_id", BYTES, nullable=True),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("why", BYTES, nullable=False),
        sa.Column("plan_id", BYTES, nullable=True),
        sa.Column("scorecard_id", BYTES, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("skipped_why", sa.Text(), nullable=True),
        sa.Column("skipped_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecards.id"], name=op.f("fk_quality_reviews_scorecard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_reviews")),
    )
    op.create_index("ix_quality_reviews_plan", "quality_reviews", ["plan_id", "began_at"], unique=False)
    op.create_index(
        "ix_quality_reviews_waiting",
        "quality_reviews",
        ["began_at", "id"],
        unique=False,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("uq_quality_reviews_part", "quality_reviews", ["call_id", "agent", "scorecard_id"], unique=True)
    op.create_table(
        "evaluations",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("review_id", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("agent_user_id", BYTES, nullable=True),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("scorecard_id", BYTES, nullable=False),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("reviewer", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("missed", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("corrected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["quality_reviews.id"], name=op.f("fk_evaluations_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(
        "ix_evaluations_agent",
        "evaluations",
        ["agent_user_id", "began_at", "id"],
        unique=False,
        sqlite_where=SUBMITTED,
        postgresql_where=SUBMITTED,
    )
    op.create_index("ix_evaluations_call", "evaluations", ["call_id"], unique=False)
    op.create_index(
        "ix_evaluations_drafts",
        "evaluations",
        ["reviewer"],
        unique=False,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )
    op.create_index(
        "ix_evaluations_newest",
        "evaluations",
        ["began_at", "id"],
        unique=False,
        sqlite_where=SUBMITTED,
        postgresql_where=SUBMITTED,
    )
    op.create_index("uq_evaluations_reviewer", "evaluations", ["review_id", "reviewer"], unique=True)
    op.create_table(
        "coaching_tasks",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("agent_user_id", BYTES, nullable=False),
        sa.Column("evaluation_id", BYTES, nullable=True),
        sa.Column("item_id", BYTES, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", BYTES, nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("done_note", sa.Text(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_coaching_tasks_evaluation_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_tasks")),
    )
    op.create_index(
        "ix_coaching_tasks_agent",
        "coaching_tasks",
        ["agent_user_id", "made_at"],
        unique=False,
        sqlite_where=THERE,
        postgresql_where=THERE,
    )
    op.create_index("ix_coaching_tasks_evaluation", "coaching_tasks", ["evaluation_id"], unique=False)
    op.create_index(
        "ix_coaching_tasks_open",
        "coaching_tasks",
        ["due_on", "id"],
        unique=False,
        sqlite_where=TO_DO,
        postgresql_where=TO_DO,
    )
    op.create_table(
        "evaluation_corrections",
        sa.Column("evaluation_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_corrections_evaluation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "n", name=op.f("pk_evaluation_corrections")),
    )
    op.create_table(
        "evaluation_disputes",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("evaluation_id", BYTES, nullable=False),
        sa.Column("by", BYTES, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_evaluation_disputes_evaluation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_disputes")),
    )
    op.create_index("ix_evaluation_disputes_evaluation", "evaluation_disputes", ["evaluation_id", "at"], unique=False)
    op.create_index("ix_evaluation_disputes_newest", "evaluation_disputes", ["state", "at", "id"], unique=False)
    op.create_index(
        "uq_evaluation_disputes_open",
        "evaluation_disputes",
        ["evaluation_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
