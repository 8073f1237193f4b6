"""Routing: rules and what was decided by them, intents, call-backs, value and account manager of customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _rules()
    _decisions()
    _intents()
    _reasons()
    _call_backs()
    _accounts()
    _merged()


def _rules() -> None:
    op.create_table(
        "routing_drafts",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_drafts")),
    )
    op.create_table(
        "routing_versions",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_routing_versions")),
    )


def _decisions() -> None:
    op.create_table(
        "routing_decisions",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("unique_id", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("asked", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_decisions")),
    )
    op.create_index(
        "ix_routing_decisions_call",
        "routing_decisions",
        ["call_id"],
        unique=False,
    )
    op.create_index(
        "ix_routing_decisions_newest",
        "routing_decisions",
        ["at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_routing_decisions_unique_id",
        "routing_decisions",
        ["server", "unique_id", "at"],
        unique=False,
    )
    op.create_table(
        "routing_facts",
        sa.Column("decision_id", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["routing_decisions.id"], name=op.f("fk_routing_facts_decision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_routing_facts")),
    )
    op.create_index(
        "ix_routing_facts_at",
        "routing_facts",
        ["at", "decision_id"],
        unique=False,
    )
    op.create_table(
        "routing_matches",
        sa.Column("rule_id", BYTES, nullable=False),
        sa.Column("day", BYTES, nullable=False),
        sa.Column("decision_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["routing_decisions.id"], name=op.f("fk_routing_matches_decision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("rule_id", "day", "decision_id", name=op.f("pk_routing_matches")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_routing_matches_decision",
        "routing_matches",
        ["decision_id"],
        unique=False,
    )
    op.create_table(
        "routing_trials",
        sa.Column("trial", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decision_id", BYTES, nullable=False),
        sa.Column("arm", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["routing_decisions.id"], name=op.f("fk_routing_trials_decision_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("trial", "decision_id", name=op.f("pk_routing_trials")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_routing_trials_at",
        "routing_trials",
        ["trial", "at", "decision_id"],
        unique=False,
    )
    op.create_index(
        "ix_routing_trials_decision",
        "routing_trials",
        ["decision_id"],
        unique=False,
    )


def _intents() -> None:
    op.create_table(
        "intents",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
    )
    op.create_index(
        "uq_intents_name",
        "intents",
        ["name"],
        unique=True,
    )


def _reasons() -> None:
    op.create_table(
        "call_reasons",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("call_id", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("keys", BYTES, nullable=False),
        sa.Column("intent", BYTES, nullable=False),
        sa.Column("guess", BYTES, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("how", BYTES, nullable=False),
        sa.Column("why", BYTES, nullable=False),
        sa.Column("ms", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_reasons")),
    )
    for name, columns in (("call", ["call_id", "at"]), ("figures", ["at", "intent", "how"]), ("newest", ["at", "id"])):
        op.create_index(f"ix_call_reasons_{name}", "call_reasons", columns, unique=False)


def _call_backs() -> None:
    op.create_table(
        "call_backs",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("reason", BYTES, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("first_call", BYTES, nullable=False),
        sa.Column("last_call", BYTES, nullable=True),
        sa.Column("task_id", BYTES, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_call_backs_customer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
    )
    op.create_index(
        "ix_call_backs_customer",
        "call_backs",
        ["customer_id", "made_at"],
        unique=False,
    )
    op.create_index(
        "ix_call_backs_first_call",
        "call_backs",
        ["first_call"],
        unique=False,
    )
    op.create_index(
        "ix_call_backs_last_call",
        "call_backs",
        ["last_call"],
        unique=False,
    )
    op.create_index(
        "ix_call_backs_newest",
        "call_backs",
        ["made_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_call_backs_open",
        "call_backs",
        ["server", "queue", "joined_at", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_call_backs_open_customer",
        "call_backs",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND customer_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND customer_id IS NOT NULL"),
    )
    op.create_index(
        "uq_call_backs_open_number",
        "call_backs",
        ["number"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "call_back_plans",
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("server", "queue", name=op.f("pk_call_back_plans")),
    )


def _accounts() -> None:
    op.create_table(
        "customer_accounts",
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("manager_id", BYTES, nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_accounts_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["users.id"], name=op.f("fk_customer_accounts_manager_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_customer_accounts_manager",
        "customer_accounts",
        ["manager_id"],
        unique=False,
    )


def _merged() -> None:
    """Who was merged into somebody, without those who were not."""
    op.drop_index("ix_customers_merged_into", table_name="customers")
    op.create_index(
        "ix_customers_merged_into",
        "customers",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
