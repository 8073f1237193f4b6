"""Calls that turned out to be part of another one: the rows go, their ids stay as other names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import transcript_merges
from cxcall.store.call_back_tables import call_backs
from cxcall.store.first_contact import forget_strangers
from cxcall.store.quality import merged_reviews
from cxcall.store.reason_tables import call_reasons
from cxcall.store.routing_tables import routing_decisions
from cxcall.store.survey_tables import survey_calls, survey_responses
from cxcall.store.tables import call_aliases, call_notes, calls
from cxcall.store.upsert import insert_into


async def survivors(conn: AsyncConnection, ids: Iterable[str]) -> dict[str, str]:
    """For each of `ids` that is only another name: the call it belongs to."""
    asked = sorted(set(ids))
    rows = await conn.execute(
        select(call_aliases.c.alias, call_aliases.c.call_id).where(call_aliases.c.alias.in_(asked))
    )
    return {row.alias: row.call_id for row in rows}


async def merge_away(conn: AsyncConnection, merges: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Turn merged calls (key) into names of the call they belong to (value); returns name → call.

    `known` are the names that exist; a name always points to a call, never to another name.
    """
    new = {alias: call for alias in merges if (call := _end(alias, merges, known)) not in (alias, known.get(alias))}
    if not new:
        return {}
    gone = sorted(new)
    insert = insert_into(conn, call_aliases)
    await conn.execute(
        insert.on_conflict_do_update(index_elements=["alias"], set_={"call_id": insert.excluded.call_id}),
        [{"alias": alias, "call_id": new[alias]} for alias in gone],
    )
    for alias in gone:
        await conn.execute(update(call_aliases).where(call_aliases.c.call_id == alias).values(call_id=new[alias]))
    await _move_notes(conn, new)
    await _move_surveys(conn, new)
    await _move_routing(conn, new)
    await merged_reviews.move(conn, new)
    for alias in gone:
        await transcript_merges.move(conn, alias, new[alias])
    tied = calls.c.customer_id.is_not(None)
    made_for = (await conn.scalars(select(calls.c.customer_id).where(calls.c.id.in_(gone), tied))).all()
    await conn.execute(delete(calls).where(calls.c.id.in_(gone)))
    await forget_strangers(conn, (customer_id for customer_id in made_for if customer_id))
    return new


def _end(alias: str, merges: Mapping[str, str], known: Mapping[str, str]) -> str:
    """Follow names to the call, stopping where a circle would begin."""
    seen = {alias}
    call = merges[alias]
    while call not in seen:
        seen.add(call)
        call = merges.get(call) or known.get(call) or call
    return call


async def _move_notes(conn: AsyncConnection, new: Mapping[str, str]) -> None:
    """Notes typed on a merged call go to the call that stays; two by one author become one."""
    notes = (await conn.execute(select(call_notes).where(call_notes.c.call_id.in_(sorted(new))))).all()
    for note in notes:
        insert = insert_into(conn, call_notes)
        await conn.execute(
            insert.on_conflict_do_update(
                index_elements=["call_id", "author"],
                set_={
                    "text": call_notes.c.text + "\n" + insert.excluded.text,
                    "version": call_notes.c.version + 1,
                    "saved_at": insert.excluded.saved_at,
                },
            ),
            {**note._asdict(), "call_id": new[note.call_id]},
        )
    await conn.execute(delete(call_notes).where(call_notes.c.call_id.in_(sorted(new))))


async def _move_surveys(conn: AsyncConnection, new: Mapping[str, str]) -> None:
    """Responses and survey calls of a merged call go to the call that stays; it is rung only once."""
    for alias, call in new.items():
        mine = survey_responses.c.call_id == alias
        await conn.execute(update(survey_responses).where(mine).values(call_id=call))
        planned = survey_calls.alias()
        has_one = exists().where(planned.c.for_call_id == call)
        theirs = survey_calls.c.for_call_id == alias
        await conn.execute(update(survey_calls).where(theirs, ~has_one).values(for_call_id=call))
        waits = (theirs, survey_calls.c.state == "waiting")
        await conn.execute(update(survey_calls).where(*waits).values(state="cancelled", reason="merged"))


async def _move_routing(conn: AsyncConnection, new: Mapping[str, str]) -> None:
    """What was decided for or said in a merged call, and its call-backs, name the call that stays."""
    for alias, call in new.items():
        theirs = (routing_decisions.c.call_id, call_reasons.c.call_id, call_backs.c.first_call, call_backs.c.last_call)
        for column in theirs:
            await conn.execute(update(column.table).where(column == alias).values({column.name: call}))
