"""Tables of what callers hear: prompts with their texts, and for each language the sounds made of them.

The sounds themselves are files, named by their content (`cxcall.store.prompt_files`).
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

prompts = Table(
    "prompts",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
    # {language: text} as JSON
    Column("texts", Text, nullable=False),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
    # Deleted ones can be brought back for some days.
    moment("deleted_at"),
)
Index("uq_prompts_name_key", prompts.c.name_key, unique=True, sqlite_where=text("deleted_at IS NULL"),
      postgresql_where=text("deleted_at IS NULL"))  # fmt: skip
prompt_variants = Table(
    "prompt_variants",
    metadata,
    Column("prompt_id", BYTES, ForeignKey("prompts.id", ondelete="CASCADE"), primary_key=True),
    Column("language", BYTES, primary_key=True),
    # `current` is what callers hear, `draft` what was made and nobody put to use yet, `previous` what undo brings back
    Column("slot", BYTES, primary_key=True),
    Column("sha", BYTES, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("loudness", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("engine", Text, nullable=False),
    # what was spoken, when it was made from text
    Column("text", Text, nullable=False),
    moment("made_at", nullable=False),
    Column("by", Text, nullable=False),
)
