"""Tables of calls, customers and their imports. People, sessions and the log of acts are in `people_tables`.

Keys of everything that comes from a switch carry its `server`. Text that must sort or be searched by range is
kept in a folded form and in byte order (collation `C`), so both databases agree on what comes first.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text, text

from cxcall.store.schema import metadata, moment

BYTES = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte: ids, numbers, folded words."""

customers = Table(
    "customers",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", BYTES, nullable=False),
    Column("company", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("tier", Text),
    Column("language", Text),
    Column("origin", Text, nullable=False),
    moment("first_contact_at"),
    moment("created_at", nullable=False),
    moment("updated_at", nullable=False),
    Column("merged_into", BYTES, ForeignKey("customers.id")),
)
Index("ix_customers_list", customers.c.name_key, customers.c.id, sqlite_where=text("merged_into IS NULL"),
      postgresql_where=text("merged_into IS NULL"))  # fmt: skip
Index("ix_customers_newest", customers.c.created_at, customers.c.id, sqlite_where=text("merged_into IS NULL"),
      postgresql_where=text("merged_into IS NULL"))  # fmt: skip
# Only those that were merged: among nothing but NULLs SQLite would rather read the whole table.
Index("ix_customers_merged_into", customers.c.merged_into, sqlite_where=text("merged_into IS NOT NULL"),
      postgresql_where=text("merged_into IS NOT NULL"))  # fmt: skip

customer_numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", BYTES, primary_key=True),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_customer_numbers_customer", customer_numbers.c.customer_id, customer_numbers.c.n)

customer_emails = Table(
    "customer_emails",
    metadata,
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("email", BYTES, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_customer_emails_email", customer_emails.c.email)

customer_tags = Table(
    "customer_tags",
    metadata,
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", BYTES, primary_key=True),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_customer_tags_tag", customer_tags.c.tag, customer_tags.c.customer_id)

customer_words = Table(
    "customer_words",
    metadata,
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("word", BYTES, primary_key=True),
    sqlite_with_rowid=False,
)
Index("ix_customer_words_word", customer_words.c.word, customer_words.c.customer_id)

customer_notes = Table(
    "customer_notes",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("customer_id", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    moment("written_at", nullable=False),
)
Index("ix_customer_notes_customer", customer_notes.c.customer_id, customer_notes.c.written_at)

customer_merges = Table(
    "customer_merges",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("kept", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("gone", BYTES, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("by", Text, nullable=False),
    moment("merged_at", nullable=False),
    moment("undone_at"),
    Column("moved", Text, nullable=False),
)
Index("ix_customer_merges_kept", customer_merges.c.kept, customer_merges.c.merged_at)
Index("ix_customer_merges_gone", customer_merges.c.gone)

calls = Table(
    "calls",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("server", BYTES, nullable=False),
    Column("revision", Integer, nullable=False),
    moment("started_at", nullable=False),
    moment("answered_at"),
    moment("ended_at"),
    Column("direction", BYTES, nullable=False),
    Column("outcome", BYTES, nullable=False),
    Column("ended_by", Text, nullable=False),
    Column("caller_number", BYTES),
    Column("caller_name", Text),
    Column("caller_key", BYTES),
    Column("called", BYTES),
    Column("party_number", BYTES),
    Column("customer_id", BYTES, ForeignKey("customers.id")),
    Column("queue", Text),
    Column("agent", Text),
    Column("wait", Float),
    Column("talk", Float, nullable=False),
    # How many rows the call has in `call_legs` and `call_visits`.
    Column("legs", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
)
Index("ix_calls_newest", calls.c.started_at, calls.c.id)
Index("ix_calls_customer", calls.c.customer_id, calls.c.started_at, calls.c.id)
Index("ix_calls_outcome", calls.c.outcome, calls.c.started_at, calls.c.id)
Index("ix_calls_direction", calls.c.direction, calls.c.started_at, calls.c.id)
Index("ix_calls_server", calls.c.server, calls.c.started_at, calls.c.id)
Index("ix_calls_party_number", calls.c.party_number, calls.c.started_at, calls.c.id)
Index("ix_calls_caller_number", calls.c.caller_number, calls.c.started_at, calls.c.id)
Index("ix_calls_caller_key", calls.c.caller_key)
Index("ix_calls_called", calls.c.called)
Index("ix_calls_in_progress", calls.c.started_at, calls.c.id, sqlite_where=text("ended_at IS NULL"),
      postgresql_where=text("ended_at IS NULL"))  # fmt: skip

# Apart from `calls`: a list or a sum over many calls then reads rows a tenth of the size.
call_records = Table(
    "call_records",
    metadata,
    Column("call_id", BYTES, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("record", Text, nullable=False),
)
# Calls of which a part was not heard: few of millions, found by their record. SQLite knows the index by its text.
recovered = text("record LIKE '%\"gaps\":[{%'")
Index("ix_call_records_recovered", call_records.c.call_id, sqlite_where=recovered, postgresql_where=recovered)

call_aliases = Table(
    "call_aliases",
    metadata,
    Column("alias", BYTES, primary_key=True),
    Column("call_id", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_call_aliases_call", call_aliases.c.call_id)

call_legs = Table(
    "call_legs",
    metadata,
    Column("call_id", BYTES, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("server", BYTES, nullable=False),
    moment("started_at", nullable=False),
    Column("role", Text, nullable=False),
    Column("channel", BYTES, nullable=False),
    Column("unique_id", BYTES, nullable=False),
    Column("device", BYTES, nullable=False),
    Column("number", BYTES),
    Column("name", Text),
    Column("agent", BYTES),
    moment("rang_at"),
    moment("answered_at"),
    moment("ended_at"),
    Column("result", Text),
    Column("hangup_cause", Integer),
    # The device and the agent once a call, and only where they took part: the lists read these.
    Column("list_device", BYTES),
    Column("list_agent", BYTES),
    sqlite_with_rowid=False,
)
Index("ix_call_legs_device", call_legs.c.list_device, call_legs.c.started_at, call_legs.c.call_id,
      sqlite_where=text("list_device IS NOT NULL"), postgresql_where=text("list_device IS NOT NULL"))  # fmt: skip
Index("ix_call_legs_agent", call_legs.c.list_agent, call_legs.c.started_at, call_legs.c.call_id,
      sqlite_where=text("list_agent IS NOT NULL"), postgresql_where=text("list_agent IS NOT NULL"))  # fmt: skip

call_visits = Table(
    "call_visits",
    metadata,
    Column("call_id", BYTES, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("server", BYTES, nullable=False),
    moment("started_at", nullable=False),
    Column("queue", BYTES, nullable=False),
    moment("joined_at"),
    moment("left_at"),
    Column("position", Integer),
    Column("result", Text),
    Column("agent", BYTES),
    Column("interface", BYTES),
    Column("wait", Float),
    Column("ring", Float, nullable=False),
    Column("talk", Float, nullable=False),
    Column("hold", Float, nullable=False),
    Column("list_queue", BYTES),
    # The queue's targets when the visit was written, in seconds: answered within, an abandonment shorter than. NULL in
    # rows older than this column: 20 and 5.
    Column("target", Integer),
    Column("short", Integer),
    sqlite_with_rowid=False,
)
Index("ix_call_visits_queue", call_visits.c.list_queue, call_visits.c.started_at, call_visits.c.call_id,
      sqlite_where=text("list_queue IS NOT NULL"), postgresql_where=text("list_queue IS NOT NULL"))  # fmt: skip
# Who was not answered, of all queues: few, and asked for by how it ended.
Index("ix_call_visits_lost", call_visits.c.result, call_visits.c.started_at, call_visits.c.call_id,
      sqlite_where=text("result <> 'answered'"), postgresql_where=text("result <> 'answered'"))  # fmt: skip
# The day of the floor: who joined since midnight.
Index("ix_call_visits_joined", call_visits.c.joined_at, sqlite_where=text("joined_at IS NOT NULL"),
      postgresql_where=text("joined_at IS NOT NULL"))  # fmt: skip

call_notes = Table(
    "call_notes",
    metadata,
    # No foreign key: a note may be typed before the writer has stored the call.
    Column("call_id", BYTES, primary_key=True),
    Column("author", BYTES, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    moment("saved_at", nullable=False),
)

journal_positions = Table(
    "journal_positions",
    metadata,
    Column("server", BYTES, primary_key=True),
    Column("position", BigInteger, nullable=False),
    moment("saved_at", nullable=False),
)

customer_imports = Table(
    "customer_imports",
    metadata,
    Column("id", BYTES, primary_key=True),
    Column("file", Text, nullable=False),
    Column("by", Text, nullable=False),
    moment("made_at", nullable=False),
    moment("ended_at"),
    moment("undone_at"),
    Column("state", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("undone", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
)
Index("ix_customer_imports_newest", customer_imports.c.made_at)

import_lines = Table(
    "import_lines",
    metadata,
    Column("import_id", BYTES, ForeignKey("customer_imports.id", ondelete="CASCADE"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("candidate", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("customer_id", BYTES),
    Column("before", Text),
    Column("after", Text),
    sqlite_with_rowid=False,
)
Index("ix_import_lines_state", import_lines.c.import_id, import_lines.c.state, import_lines.c.line)
