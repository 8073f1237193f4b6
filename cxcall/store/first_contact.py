"""Whose number this is, asked for a whole batch; who calls for the first time gets a profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import search_key, sort_key, tidy
from cxcall.store.bulk import BulkWrite
from cxcall.store.ids import new_id
from cxcall.store.search import words_of
from cxcall.store.tables import calls, customer_notes, customer_numbers, customer_words, customers
from cxcall.store.upsert import insert_into

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An E.164 number seen in a call, the name that came with it, and when it was seen."""

    number: str
    name: str | None
    at: datetime


async def owners(conn: AsyncConnection, numbers: Iterable[str]) -> dict[str, str]:
    """Customer by number, for those that have one."""
    asked = sorted(set(numbers))
    if not asked:
        return {}
    found = await conn.execute(
        select(customer_numbers.c.number, customer_numbers.c.customer_id).where(customer_numbers.c.number.in_(asked))
    )
    return {row.number: row.customer_id for row in found}


async def welcome(conn: AsyncConnection, contacts: Sequence[Contact]) -> dict[str, str]:
    """Make a profile for each number no one has; returns number → customer for the profiles made.

    Where another writer was first, its profile stays and ours goes: the number's key decides.
    """
    if not contacts:
        return {}
    # Always in the order of numbers: two writers then never wait for each other in a circle.
    made = {contact.number: (new_id(), contact) for contact in sorted(contacts, key=lambda contact: contact.number)}
    await _write_profiles(conn, [_profile(id_, contact) for id_, contact in made.values()])
    await _write_numbers(
        conn,
        [{"number": number, "customer_id": id_, "n": 0} for number, (id_, _) in made.items()],
    )
    now_theirs = await owners(conn, made)
    ours = {number: id_ for number, (id_, _) in made.items() if now_theirs.get(number) == id_}
    too_late = [id_ for number, (id_, _) in made.items() if number not in ours]
    if too_late:
        await conn.execute(delete(customers).where(customers.c.id.in_(too_late)))
    spelled = [
        {"customer_id": id_, "word": word}
        for number, id_ in ours.items()
        for word in words_of([real_name(made[number][1])], [], [number])
    ]
    await _write_words(conn, spelled)
    return ours


async def forget_strangers(conn: AsyncConnection, ids: Iterable[str]) -> None:
    """Remove those profiles that one call made by mistake (its number was corrected) and no one touched since."""
    asked = sorted(set(ids))
    if asked:
        await conn.execute(
            delete(customers).where(
                customers.c.id.in_(asked),
                customers.c.origin == "call",
                customers.c.version == 1,
                customers.c.merged_into.is_(None),
                ~exists().where(calls.c.customer_id == customers.c.id),
                ~exists().where(customer_notes.c.customer_id == customers.c.id),
            )
        )


def real_name(contact: Contact) -> str:
    """The caller's name when it is one: it has letters, and is no word of the network; else empty."""
    name = tidy(contact.name or "")[:_LONGEST_NAME]
    known = search_key(name)
    return name if any(letter.isalpha() for letter in name) and known not in _NO_NAMES else ""


_NO_NAMES = frozenset({
    "anonymous", "unknown", "unavailable", "private", "restricted", "withheld", "asterisk", "cid unknown",
    "no name", "out of area", "wireless caller", "cell phone", "toll free call", "not provided", "none", "null",
})  # fmt: skip


_write_profiles = BulkWrite(lambda conn: insert_into(conn, customers))
_write_numbers = BulkWrite(lambda conn: insert_into(conn, customer_numbers).on_conflict_do_nothing())
_write_words = BulkWrite(lambda conn: insert_into(conn, customer_words))


def _profile(id_: str, contact: Contact) -> dict[str, object]:
    name = real_name(contact)
    return {
        "id": id_,
        "version": 1,
        "name": name,
        "name_key": sort_key(name),
        "company": "",
        "city": "",
        "tier": None,
        "language": None,
        "origin": "call",
        "first_contact_at": contact.at,
        "created_at": contact.at,
        "updated_at": contact.at,
        "merged_into": None,
    }
