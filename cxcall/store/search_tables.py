"""What full-text search reads: the words of each transcript by speaker, and facts about it, folded by `speech_words`.

In PostgreSQL the four columns are tsvectors under one GIN index. In SQLite they are words with spaces between, and
`speech_found` (FTS5) indexes them without keeping them a second time; triggers keep it in step. `id` grows with the
time the talk began, so that the newest are found first and a period is a range of it.

A tsvector knows 16,383 places and 256 of each word: of a speaker's two hours all words are found, but phrases of its
end may not be.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Index, Integer, Table, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR

from cxcall.store.schema import metadata
from cxcall.store.tables import BYTES

WORDS = Text().with_variant(TSVECTOR(), "postgresql")
COLUMNS = ("customer", "agent", "other", "about")
"""What the customer, the agents and speakers we can't tell apart said; facts as words."""

speech_texts = Table(
    "speech_texts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("transcript_id", BYTES, ForeignKey("transcripts.id", ondelete="CASCADE"), nullable=False),
    *(Column(name, WORDS, nullable=False) for name in COLUMNS),
)
Index("uq_speech_texts_transcript", speech_texts.c.transcript_id, unique=True)

_LIST = ", ".join(COLUMNS)
_OLD, _NEW = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("old", "new"))
_DELETE = f"INSERT INTO speech_found (speech_found, rowid, {_LIST}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608 - names of our own columns
_INSERT = f"INSERT INTO speech_found (rowid, {_LIST}) VALUES (new.id, {_NEW});"  # noqa: S608 - as above

FTS5 = (
    f"CREATE VIRTUAL TABLE speech_found USING fts5({_LIST}, content='speech_texts', content_rowid='id',"
    ' tokenize="unicode61 remove_diacritics 0")',
    f"CREATE TRIGGER speech_found_added AFTER INSERT ON speech_texts BEGIN {_INSERT} END",
    f"CREATE TRIGGER speech_found_removed AFTER DELETE ON speech_texts BEGIN {_DELETE} END",
    f"CREATE TRIGGER speech_found_changed AFTER UPDATE ON speech_texts BEGIN {_DELETE} {_INSERT} END",
)
GIN = (
    f"CREATE INDEX ix_speech_texts_words ON speech_texts USING gin ({_LIST})",
    # Or a rare word counts as far more frequent than it is, and the newest talks are read one by one in vain.
    *(f"ALTER TABLE speech_texts ALTER COLUMN {name} SET STATISTICS 1000" for name in COLUMNS),
)


def _create(target: Table, connection: Connection, **_: Any) -> None:
    for statement in GIN if connection.dialect.name == "postgresql" else FTS5:
        connection.exec_driver_sql(statement)


def _drop(target: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE IF EXISTS speech_found")


event.listen(speech_texts, "after_create", _create)
event.listen(speech_texts, "before_drop", _drop)
