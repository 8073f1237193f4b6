"""Speech: transcripts and what is searched in them, recordings, jobs, categories and what they found, articles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, TSVECTOR

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.BigInteger().with_variant(TIMESTAMP(timezone=True), "postgresql")
BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text().with_variant(TSVECTOR(), "postgresql")

FTS5 = (
    "CREATE VIRTUAL TABLE speech_found USING fts5(customer, agent, other, about, content='speech_texts',"
    " content_rowid='id', tokenize=\"unicode61 remove_diacritics 0\")",
    "CREATE TRIGGER speech_found_added AFTER INSERT ON speech_texts BEGIN INSERT INTO speech_found (rowid, customer,"
    " agent, other, about) VALUES (new.id, new.customer, new.agent, new.other, new.about); END",
    "CREATE TRIGGER speech_found_removed AFTER DELETE ON speech_texts BEGIN INSERT INTO speech_found (speech_found,"
    " rowid, customer, agent, other, about) VALUES ('delete', old.id, old.customer, old.agent, old.other,"
    " old.about); END",
    "CREATE TRIGGER speech_found_changed AFTER UPDATE ON speech_texts BEGIN INSERT INTO speech_found (speech_found,"
    " rowid, customer, agent, other, about) VALUES ('delete', old.id, old.customer, old.agent, old.other,"
    " old.about); INSERT INTO speech_found (rowid, customer, agent, other, about) VALUES (new.id, new.customer,"
    " new.agent, new.other, new.about); END",
)


def upgrade() -> None:
    _transcripts()
    _search()
    _recordings()
    _categories()
    _articles()


def _search() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_speech_texts_words ON speech_texts USING gin (customer, agent, other, about)")
        for name in ("customer", "agent", "other", "about"):
            op.execute(f"ALTER TABLE speech_texts ALTER COLUMN {name} SET STATISTICS 1000")
    else:
        for statement in FTS5:
            op.execute(statement)


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("customer_id", BYTES, nullable=True),
        sa.Column("number", BYTES, nullable=False),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("engine", BYTES, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("source", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.Column("trend", sa.Float(), nullable=True),
        sa.Column("figures", sa.Text(), nullable=True),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("consent", BYTES, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_transcripts_customer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    op.create_index("ix_transcripts_agent", "transcripts", ["agent", "began_at", "id"], unique=False)
    op.create_index("ix_transcripts_call", "transcripts", ["call_id"], unique=False)
    op.create_index("ix_transcripts_customer", "transcripts", ["customer_id", "began_at", "id"], unique=False)
    op.create_index(
        "ix_transcripts_figures",
        "transcripts",
        ["kind", "began_at", "queue", "agent", "sentiment", "state"],
        unique=False,
    )
    op.create_index("ix_transcripts_newest", "transcripts", ["began_at", "id"], unique=False)
    op.create_index("ix_transcripts_queue", "transcripts", ["queue", "began_at", "id"], unique=False)
    op.create_index(
        "ix_transcripts_state",
        "transcripts",
        ["state", "began_at", "id"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index("uq_transcripts_subject", "transcripts", ["kind", "subject"], unique=True)
    op.create_table(
        "turns",
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("speaker", BYTES, nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("corrected", sa.Text(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("channel", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.Column("felt", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("corrected_by", sa.Text(), nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_turns_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transcript_id", "n", name=op.f("pk_turns")),
    )
    op.create_table(
        "speech_texts",
        sa.Column("id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("customer", WORDS, nullable=False),
        sa.Column("agent", WORDS, nullable=False),
        sa.Column("other", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_speech_texts_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_texts")),
    )
    op.create_index("uq_speech_texts_transcript", "speech_texts", ["transcript_id"], unique=True)


def _recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("server", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("unique_id", BYTES, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("pauses", sa.Text(), nullable=False),
        sa.Column("consent", BYTES, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("keep_until", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
    )
    op.create_index("ix_recordings_call", "recordings", ["call_id", "began_at"], unique=False)
    op.create_index(
        "ix_recordings_keep_until",
        "recordings",
        ["keep_until"],
        unique=False,
        sqlite_where=sa.text("state = 'kept' AND keep_until IS NOT NULL"),
        postgresql_where=sa.text("state = 'kept' AND keep_until IS NOT NULL"),
    )
    op.create_index("ix_recordings_newest", "recordings", ["began_at", "id"], unique=False)
    op.create_index(
        "ix_recordings_open",
        "recordings",
        ["began_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('recording', 'waiting')"),
        postgresql_where=sa.text("state IN ('recording', 'waiting')"),
    )
    op.create_index("ix_recordings_unique_id", "recordings", ["server", "unique_id"], unique=False)
    op.create_index("uq_recordings_name", "recordings", ["server", "name"], unique=True)
    op.create_table(
        "speech_jobs",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("transcript_id", BYTES, nullable=True),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("engine", BYTES, nullable=False),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("position", sa.Float(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_jobs")),
    )
    op.create_index("ix_speech_jobs_newest", "speech_jobs", ["made_at", "id"], unique=False)
    op.create_index(
        "ix_speech_jobs_running",
        "speech_jobs",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index("ix_speech_jobs_state", "speech_jobs", ["state", "made_at", "id"], unique=False)
    op.create_index("ix_speech_jobs_transcript", "speech_jobs", ["transcript_id"], unique=False)
    op.create_index(
        "ix_speech_jobs_waiting",
        "speech_jobs",
        ["rank", "made_at", "id", "next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("uq_speech_jobs_subject", "speech_jobs", ["kind", "subject"], unique=True)
    op.create_table(
        "speech_uploads",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("engine", BYTES, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speech_uploads")),
    )
    op.create_index("ix_speech_uploads_newest", "speech_uploads", ["at", "id"], unique=False)
    op.create_table(
        "speech_settings",
        sa.Column("server", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("listening", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("server", "queue", name=op.f("pk_speech_settings")),
    )


def _categories() -> None:
    op.create_table(
        "categories",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_key", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
    )
    op.create_index("uq_categories_name_key", "categories", ["name_key"], unique=True)
    op.create_table(
        "category_hits",
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("category_id", BYTES, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("spans", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_category_hits_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transcript_id", "category_id", "place", name=op.f("pk_category_hits")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "category_calls",
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("category_id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_category_calls_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transcript_id", "category_id", name=op.f("pk_category_calls")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_category_calls_figures",
        "category_calls",
        ["kind", "category_id", "began_at", "queue", "agent", "sentiment"],
        unique=False,
    )
    op.create_index(
        "ix_category_calls_newest", "category_calls", ["category_id", "began_at", "transcript_id"], unique=False
    )
    op.create_table(
        "required_checks",
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("category_id", BYTES, nullable=False),
        sa.Column("said", sa.Boolean(), nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("agent", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_required_checks_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("transcript_id", "category_id", name=op.f("pk_required_checks")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_required_checks_figures",
        "required_checks",
        ["kind", "began_at", "category_id", "said", "queue", "agent"],
        unique=False,
    )
    op.create_table(
        "hints",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("transcript_id", BYTES, nullable=False),
        sa.Column("call_id", BYTES, nullable=True),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("category_id", BYTES, nullable=False),
        sa.Column("article_id", BYTES, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("shown_to", BYTES, nullable=False),
        sa.Column("queue", BYTES, nullable=False),
        sa.Column("shown_at", MOMENT, nullable=False),
        sa.Column("outcome", BYTES, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["transcript_id"], ["transcripts.id"], name=op.f("fk_hints_transcript_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hints")),
    )
    op.create_index("ix_hints_call", "hints", ["call_id", "shown_at", "id"], unique=False)
    op.create_index(
        "ix_hints_figures",
        "hints",
        ["shown_at", "kind", "category_id", "article_id", "outcome", "queue", "shown_to"],
        unique=False,
    )
    op.create_index("ix_hints_transcript", "hints", ["transcript_id", "shown_at", "id"], unique=False)


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", BYTES, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("phrases", sa.Text(), nullable=False),
        sa.Column("queues", sa.Text(), nullable=False),
        sa.Column("language", BYTES, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index("ix_articles_title", "articles", ["title_key", "id"], unique=False)
    op.create_table(
        "article_words",
        sa.Column("article_id", BYTES, nullable=False),
        sa.Column("word", BYTES, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_words_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "word", name=op.f("pk_article_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_words_word", "article_words", ["word", "article_id"], unique=False)
