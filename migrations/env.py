"""Alembic's environment: runs the scripts on the connection that `cxcall.store.migrate` opened."""

from alembic import context

from cxcall.store import (
    agent_tables,
    call_back_tables,
    category_tables,
    floor_tables,
    follow_up_tables,
    people_tables,
    prompt_tables,
    queue_tables,
    reason_tables,
    report_tables,
    rfm_tables,
    roster_tables,
    routing_tables,
    search_tables,
    speech_tables,
    survey_tables,
    tables,
)
from cxcall.store.quality import tables as quality_tables
from cxcall.store.reporting import kept_tables
from cxcall.store.reporting import tables as rollup_tables
from cxcall.store.schema import metadata

for module in (
    tables,
    people_tables,
    prompt_tables,
    survey_tables,
    follow_up_tables,
    speech_tables,
    category_tables,
    search_tables,
    queue_tables,
    agent_tables,
    floor_tables,
    routing_tables,
    reason_tables,
    call_back_tables,
    report_tables,
    rfm_tables,
    roster_tables,
    quality_tables,
    rollup_tables,
    kept_tables,
):  # they fill it
    assert module.metadata is metadata  # noqa: S101 - a module left out would be a table left out

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can, once BEGIN is ours
    compare_type=True,
)
context.run_migrations()
