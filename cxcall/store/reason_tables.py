"""Table of what callers said or keyed when they were asked why they call."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Table, Text

from cxcall.store.schema import metadata, moment
from cxcall.store.tables import BYTES

call_reasons = Table(
    "call_reasons",
    metadata,
    # Of the stream they were heard by.
    Column("id", BYTES, primary_key=True),
    moment("at", nullable=False),
    # No foreign key: callers say it before the writer has stored the call.
    Column("call_id", BYTES, nullable=False),
    Column("queue", BYTES, nullable=False),
    Column("language", BYTES, nullable=False),
    # Numbers hidden, as in transcripts.
    Column("text", Text, nullable=False),
    Column("keys", BYTES, nullable=False),
    # "" when nothing was understood; `guess` is what was nearest then, or what they said no to.
    Column("intent", BYTES, nullable=False),
    Column("guess", BYTES, nullable=False),
    Column("confidence", Float, nullable=False),
    # sure, confirmed, keyed, refused, none; `why` of the last: silence, late, failed, gone, not_understood.
    Column("how", BYTES, nullable=False),
    Column("why", BYTES, nullable=False),
    # From the end of the voice until it was known.
    Column("ms", Float, nullable=False),
)
_r = call_reasons.c
Index("ix_call_reasons_call", _r.call_id, _r.at)
Index("ix_call_reasons_newest", _r.at, _r.id)
Index("ix_call_reasons_figures", _r.at, _r.intent, _r.how)
