"""Tasks, alerts to supervisors, webhooks and what was sent to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OPEN = sa.text("state <> 'closed'")


def upgrade() -> None:
    _tasks()
    _alerts()
    _webhooks()


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("response_id", BYTES, nullable=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("owner_id", BYTES, nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_due", "tasks", ["state", "due_at", "id"], unique=False)
    op.create_index("ix_tasks_owner", "tasks", ["owner_id", "state", "due_at", "id"], unique=False)
    op.create_index("ix_tasks_customer", "tasks", ["customer_id", "made_at"], unique=False)
    op.create_index("ix_tasks_call", "tasks", ["call_id"], unique=False)
    op.create_index("ix_tasks_response", "tasks", ["response_id"], unique=False)
    op.create_index("ix_tasks_ended", "tasks", ["ended_at"], unique=False)


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("key", BYTES, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("uq_alerts_open", "alerts", ["key"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_alerts_newest", "alerts", ["last_at", "id"], unique=False)


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("webhook_id", BYTES, nullable=False),
        sa.Column("event", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("ix_webhook_deliveries_due", "webhook_deliveries", ["state", "next_at"], unique=False)
    op.create_index("ix_webhook_deliveries_newest", "webhook_deliveries", ["webhook_id", "made_at"], unique=False)
