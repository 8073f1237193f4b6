"""Alembic's environment: runs the scripts on the connection that `cxcall.store.migrate` opened."""

from alembic import context

from cxcall.store import people_tables, prompt_tables, tables
from cxcall.store.schema import metadata

assert tables.metadata is people_tables.metadata is prompt_tables.metadata is metadata  # noqa: S101 - they fill it

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, once BEGIN is ours
    compare_type=True,
)
context.run_migrations()
