"""Tables of what is found in talks: categories, where they were found, what had to be said, hints to agents.

`category_calls` has a row for each transcript a category was found in; it and `required_checks` repeat when, queue and
agent, so that counts by day, queue or agent read one index. `category_hits` are the places themselves.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

categories = Table(
    "categories",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name_key", BYTES, nullable=False),
    Column("body", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("updated_by", Text, nullable=False),
)
Index("uq_categories_name_key", categories.c.name_key, unique=True)

category_hits = Table(
    "category_hits",
    metadata,
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True),
    # No foreign key: what was found stays when the category is removed.
    Column("category_id", BYTES, primary_key=True),
    # Which hit of this category it is; `n` is the turn.
    Column("place", Integer, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("start", Float, nullable=False),
    Column("quote", Text, nullable=False),
    # Pieces of the turn's text: [[from, to], …] as JSON.
    Column("spans", Text, nullable=False),
    sqlite_with_rowid=False,
)

category_calls = Table(
    "category_calls",
    metadata,
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", BYTES, primary_key=True),
    Column("kind", BYTES, nullable=False),
    moment("began_at", nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    Column("hits", Integer, nullable=False),
    # Seconds at which it was found first.
    Column("start", Float, nullable=False),
    # The mood of the call, for the mood of those calls.
    Column("sentiment", Float),
    sqlite_with_rowid=False,
)
_c = category_calls.c
Index("ix_category_calls_newest", _c.category_id, _c.began_at, _c.transcript_id)
# One category after the other: grouping a year by category would sort it.
Index("ix_category_calls_figures", _c.kind, _c.category_id, _c.began_at, _c.queue, _c.agent, _c.sentiment)

required_checks = Table(
    "required_checks",
    metadata,
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True),
    Column("category_id", BYTES, primary_key=True),
    Column("said", Boolean, nullable=False),
    Column("kind", BYTES, nullable=False),
    moment("began_at", nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("agent", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
_q = required_checks.c
Index("ix_required_checks_figures", _q.kind, _q.began_at, _q.category_id, _q.said, _q.queue, _q.agent)

hints = Table(
    "hints",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), nullable=False),
    Column("call_id", BYTES),
    Column("kind", BYTES, nullable=False),
    Column("category_id", BYTES, nullable=False),
    Column("article_id", BYTES, nullable=False),
    # Seconds of the transcript.
    Column("at", Float, nullable=False),
    Column("title", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("quote", Text, nullable=False),
    # What the hint was about, the agent's interface.
    Column("shown_to", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    moment("shown_at", nullable=False),
    Column("outcome", BYTES, nullable=False),
    Column("by", Text, nullable=False),
    moment("decided_at"),
)
_h = hints.c
Index("ix_hints_transcript", _h.transcript_id, _h.shown_at, _h.id)
Index("ix_hints_call", _h.call_id, _h.shown_at, _h.id)
Index("ix_hints_figures", _h.shown_at, _h.kind, _h.category_id, _h.article_id, _h.outcome, _h.queue, _h.shown_to)
