"""Customers: profiles, numbers, words to find them by, notes, merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("first_contact_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("merged_into", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["customers.id"], name=op.f("fk_customers_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    op.create_index(
        "ix_customers_list",
        "customers",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"], unique=False)
    op.create_index(
        "ix_customers_newest",
        "customers",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_table(
        "customer_emails",
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("email", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_emails_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "email", name=op.f("pk_customer_emails")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_emails_email", "customer_emails", ["email"], unique=False)
    op.create_table(
        "customer_merges",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kept", BYTES, nullable=False),
        sa.Column("gone", BYTES, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["kept"], ["customers.id"], name=op.f("fk_customer_merges_kept"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gone"], ["customers.id"], name=op.f("fk_customer_merges_gone"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    op.create_index("ix_customer_merges_gone", "customer_merges", ["gone"], unique=False)
    op.create_index("ix_customer_merges_kept", "customer_merges", ["kept", "merged_at"], unique=False)
    op.create_table(
        "customer_notes",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index("ix_customer_notes_customer", "customer_notes", ["customer_id", "written_at"], unique=False)
    op.create_table(
        "customer_numbers",
        sa.Column("number", BYTES, nullable=False),
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_numbers_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer_numbers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_numbers_customer", "customer_numbers", ["customer_id", "n"], unique=False)
    op.create_table(
        "customer_tags",
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("tag", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_tags_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "tag", name=op.f("pk_customer_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_tags_tag", "customer_tags", ["tag", "customer_id"], unique=False)
    op.create_table(
        "customer_words",
        sa.Column("customer_id", BYTES, nullable=False),
        sa.Column("word", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_words_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "word", name=op.f("pk_customer_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_customer_words_word", "customer_words", ["word", "customer_id"], unique=False)
