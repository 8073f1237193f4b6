"""Customers' profiles: found by number, made, changed; a number belongs to one customer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Table, delete, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.profile import NO_SURVEY, Profile
from cxcall.letters import sort_key
from cxcall.store.errors import Conflict
from cxcall.store.ids import new_id
from cxcall.store.people_tables import users
from cxcall.store.routing_tables import customer_accounts
from cxcall.store.search import words_of
from cxcall.store.speech_tables import transcripts
from cxcall.store.survey_tables import survey_opt_outs, survey_responses
from cxcall.store.tables import calls, customer_emails, customer_numbers, customer_tags, customer_words, customers
from cxcall.store.upsert import insert_into

__all__ = [
    "Conflict",
    "Customer",
    "NoSuchCustomer",
    "NumberTaken",
    "add_number",
    "by_number",
    "change",
    "create",
    "get",
    "remove_number",
]

Origin = Literal["call", "person", "import"]


class NoSuchCustomer(Exception):
    """There is no such customer (any more)."""


class NumberTaken(Exception):
    """This number belongs to another customer: merge the two, or remove it there first."""

    def __init__(self, number: str, owner_id: str, owner_name: str) -> None:
        super().__init__(f"{number} belongs to {owner_name or 'another customer'}. Merge the two, or remove it there.")
        self.number = number
        self.owner_id = owner_id
        self.owner_name = owner_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A profile as it is kept. `version` counts the changes people made, 1 = none yet."""

    id: str
    version: int
    profile: Profile
    origin: Origin
    first_contact_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def first_contact(self) -> bool:
        """Made by a call, and nobody has said yet who it is."""
        return self.origin == "call" and self.version == 1


async def get(conn: AsyncConnection, customer_id: str) -> Customer | None:
    """A customer by id; of one merged into another, the other (its `id` then differs)."""
    return (await many(conn, [customer_id])).get(customer_id)


async def many(conn: AsyncConnection, ids: Collection[str]) -> dict[str, Customer]:
    """Customers by the ids asked for, merged ones as in `get`."""
    account = customer_accounts.c
    query = select(customers, account.value, account.manager_id)
    query = query.outerjoin(customer_accounts, account.customer_id == customers.c.id)
    rows = (await conn.execute(query.where(customers.c.id.in_(sorted(set(ids)))))).all()
    merged = {row.id: row.merged_into for row in rows if row.merged_into}
    direct = [row for row in rows if not row.merged_into]
    lists = await _lists(conn, [row.id for row in direct])
    found = {row.id: _customer(row, lists) for row in direct}
    others = await many(conn, set(merged.values())) if merged else {}
    return found | {id_: others[other] for id_, other in merged.items() if other in others}


async def by_number(conn: AsyncConnection, number: str) -> Customer | None:
    """Whose E.164 number this is."""
    owner = await conn.scalar(select(customer_numbers.c.customer_id).where(customer_numbers.c.number == number))
    return await get(conn, owner) if owner else None


async def create(conn: AsyncConnection, profile: Profile, *, origin: Origin = "person") -> Customer:
    """A new customer; raises `NumberTaken`. Earlier calls of its numbers that had no customer become theirs."""
    now = datetime.now(UTC)
    id_ = new_id()
    await conn.execute(
        customers.insert().values(
            id=id_, version=1, origin=origin, first_contact_at=None, created_at=now, updated_at=now, merged_into=None,
            **_columns(profile),
        )
    )  # fmt: skip
    await _write_lists(conn, id_, Profile(), profile)
    return await _existing(conn, id_)


async def change(conn: AsyncConnection, customer_id: str, profile: Profile, *, version: int | None = None) -> Customer:
    """Replace a profile. With `version`, raises `Conflict` when someone else was faster; also `NumberTaken`,
    `NoSuchCustomer`. Calls of a removed number stay with the customer."""
    known = await _existing(conn, customer_id)
    now = datetime.now(UTC)
    expected = known.version if version is None else version
    done = await conn.execute(
        update(customers)
        .where(customers.c.id == known.id, customers.c.version == expected)
        .values(**_columns(profile), version=expected + 1, updated_at=now)
    )
    if done.rowcount == 0:
        raise Conflict(Conflict.__doc__)
    await _write_lists(conn, known.id, known.profile, profile)
    return await _existing(conn, known.id)


async def add_number(conn: AsyncConnection, customer_id: str, number: str) -> Customer:
    """Give a customer one more E.164 number; raises `NumberTaken`."""
    known = await _existing(conn, customer_id)
    if number in known.profile.numbers:
        return known
    return await change(conn, known.id, replace(known.profile, numbers=(*known.profile.numbers, number)))


async def remove_number(conn: AsyncConnection, customer_id: str, number: str) -> Customer:
    """Take a number from a customer; its next call makes a new profile."""
    known = await _existing(conn, customer_id)
    left = tuple(other for other in known.profile.numbers if other != number)
    return await change(conn, known.id, replace(known.profile, numbers=left))


def _columns(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "name_key": sort_key(profile.name),
        "company": profile.company,
        "city": profile.city,
        "tier": profile.tier,
        "language": profile.language,
    }


async def _existing(conn: AsyncConnection, customer_id: str) -> Customer:
    customer = await get(conn, customer_id)
    if customer is None:
        raise NoSuchCustomer(NoSuchCustomer.__doc__)
    return customer


async def _write_lists(conn: AsyncConnection, customer_id: str, before: Profile, profile: Profile) -> None:
    if before.numbers != profile.numbers:
        await _write_numbers(conn, customer_id, before.numbers, profile.numbers)
    await _replace(conn, customer_emails, "email", customer_id, before.emails, profile.emails)
    await _replace(conn, customer_tags, "tag", customer_id, before.tags, profile.tags)
    if (before.value, before.manager) != (profile.value, profile.manager):
        await _write_account(conn, customer_id, profile)
    await index_words(conn, customer_id, profile)
    if NO_SURVEY in before.tags and NO_SURVEY not in profile.tags:
        await conn.execute(delete(survey_opt_outs).where(survey_opt_outs.c.number.in_(profile.numbers)))


async def _write_numbers(conn: AsyncConnection, customer_id: str, before: Sequence[str], after: Sequence[str]) -> None:
    mine = customer_numbers.c.customer_id == customer_id
    await conn.execute(delete(customer_numbers).where(mine, customer_numbers.c.number.in_(before)))
    if not after:
        return
    # In the order of numbers, as every writer does: none waits for another in a circle.
    rows = sorted((number, n) for n, number in enumerate(after))
    await conn.execute(
        insert_into(conn, customer_numbers).on_conflict_do_nothing(),
        [{"number": number, "customer_id": customer_id, "n": n} for number, n in rows],
    )
    new = sorted(set(after) - set(before))
    await _refuse_taken(conn, customer_id, new)
    for column in (calls.c.party_number, survey_responses.c.number, transcripts.c.number):
        table = column.table
        await conn.execute(
            update(table).where(column.in_(new), table.c.customer_id.is_(None)).values(customer_id=customer_id)
        )


async def _refuse_taken(conn: AsyncConnection, customer_id: str, numbers: Sequence[str]) -> None:
    taken = (
        select(customer_numbers.c.number, customers.c.id, customers.c.name)
        .join(customers, customers.c.id == customer_numbers.c.customer_id)
        .where(customer_numbers.c.number.in_(numbers), customer_numbers.c.customer_id != customer_id)
    )
    row = (await conn.execute(taken)).first()
    if row is not None:
        raise NumberTaken(row.number, row.id, row.name)


async def _replace(
    conn: AsyncConnection, table: Table, column: str, customer_id: str, before: Sequence[str], after: Sequence[str]
) -> None:
    if tuple(before) == tuple(after):
        return
    await conn.execute(delete(table).where(table.c.customer_id == customer_id))
    if after:
        await conn.execute(
            table.insert(), [{"customer_id": customer_id, column: v, "n": n} for n, v in enumerate(after)]
        )


async def _write_account(conn: AsyncConnection, customer_id: str, profile: Profile) -> None:
    """What the customer is worth and who looks after them, where that is still somebody."""
    await conn.execute(delete(customer_accounts).where(customer_accounts.c.customer_id == customer_id))
    manager = await conn.scalar(select(users.c.id).where(users.c.id == profile.manager)) if profile.manager else None
    if profile.value is not None or manager:
        row = {"customer_id": customer_id, "value": profile.value, "manager_id": manager}
        await conn.execute(customer_accounts.insert().values(row))


async def index_words(conn: AsyncConnection, customer_id: str, profile: Profile) -> None:
    """Write the words the customer is found by."""
    texts = (profile.name, profile.company, profile.city, *profile.tags)
    await conn.execute(delete(customer_words).where(customer_words.c.customer_id == customer_id))
    rows = [{"customer_id": customer_id, "word": word} for word in words_of(texts, profile.emails, profile.numbers)]
    if rows:
        await conn.execute(customer_words.insert(), rows)


async def _lists(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Numbers, e-mails and tags by customer, each in its order."""
    sources = (
        ("numbers", customer_numbers.c.number),
        ("emails", customer_emails.c.email),
        ("tags", customer_tags.c.tag),
    )
    query = union_all(
        *(
            select(
                column.table.c.customer_id, literal(field).label("field"), column.label("value"), column.table.c.n
            ).where(column.table.c.customer_id.in_(ids))
            for field, column in sources
        )
    )
    found: dict[str, dict[str, tuple[str, ...]]] = {id_: {} for id_ in ids}
    for row in sorted(await conn.execute(query), key=lambda row: row.n):
        found[row.customer_id][row.field] = (*found[row.customer_id].get(row.field, ()), row.value)
    return found


def _customer(row: Any, lists: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Customer:
    return Customer(
        id=row.id,
        version=row.version,
        profile=Profile(
            name=row.name,
            company=row.company,
            city=row.city,
            tier=row.tier,
            language=row.language,
            value=row.value,
            manager=row.manager_id,
            **lists[row.id],
        ),
        origin=row.origin,
        first_contact_at=row.first_contact_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
