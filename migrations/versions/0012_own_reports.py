"""Reports of people's own, saved views, exports as jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "own_reports",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", BYTES, nullable=False),
        sa.Column("shared", BYTES, nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("period", BYTES, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_own_reports_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_reports")),
    )
    op.create_index("ix_own_reports_owner", "own_reports", ["owner_id", "name"], unique=False)
    op.create_index(
        "ix_own_reports_removed",
        "own_reports",
        ["removed_at"],
        unique=False,
        sqlite_where=sa.text("removed_at IS NOT NULL"),
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )
    op.create_table(
        "report_jobs",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", BYTES, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("format", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_report_jobs_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_jobs")),
    )
    op.create_index("ix_report_jobs_expires", "report_jobs", ["expires_at"], unique=False)
    op.create_index(
        "ix_report_jobs_open",
        "report_jobs",
        ["made_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_index("ix_report_jobs_owner", "report_jobs", ["owner_id", "made_at"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("list", BYTES, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", BYTES, nullable=False),
        sa.Column("shared", BYTES, nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_saved_views_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_list", "saved_views", ["list", "name"], unique=False)
    op.create_index("ix_saved_views_owner", "saved_views", ["owner_id"], unique=False)
    op.create_table(
        "default_views",
        sa.Column("user_id", BYTES, nullable=False),
        sa.Column("list", BYTES, nullable=False),
        sa.Column("view_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_default_views_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name=op.f("fk_default_views_view_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "list", name=op.f("pk_default_views")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_default_views_view", "default_views", ["view_id"], unique=False)
