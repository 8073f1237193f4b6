"""`/customers/{id}/notes`: what people wrote about a customer; each note stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from cxcall.store import customer_notes, users
from cxcall.store.customer_notes import LONGEST, CustomerNote
from cxcall.web.api.customers import found_customer, told
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem

NEWEST = 2_000
"""Notes of a customer that are listed at most."""


class NewCustomerNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note to write. It is not changed afterwards; who wrote it may remove it."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


class ShownCustomerNote(msgspec.Struct, frozen=True, kw_only=True):
    """What `author` (user id, or `import:ID`) wrote; `author_name` is null for imports and users who are gone."""

    id: str
    author: str
    author_name: str | None
    text: str
    written_at: Time


class CustomerNoteList(msgspec.Struct, frozen=True, kw_only=True):
    """Notes on a customer, newest first; `next` is null on the last page."""

    items: list[ShownCustomerNote]
    next: str | None


async def list_customer_notes(asked: Asked[PageQuery, None]) -> CustomerNoteList:
    """Those of a customer that was merged into another one are among that one's."""
    async with asked.engine.connect() as conn:
        customer = await found_customer(asked, conn)
        found = await customer_notes.of_customer(conn, customer.id, limit=NEWEST)
        names = {user.id: user.display_name for user in await users.everyone(conn)} if found else {}
    page, following = part(found, asked.query, lambda note: note.id)
    return CustomerNoteList(items=[_shown(note, names) for note in page], next=following)


async def add_customer_note(asked: Asked[None, NewCustomerNote]) -> ShownCustomerNote:
    """Everyone who may see the customer reads it."""
    if not asked.body.text.replace("\0", "").strip():
        where = {"detail": "Write something.", "pointer": "#/text"}
        raise Problem(422, "The note is empty.", errors=[where])
    async with asked.engine.begin() as conn:
        customer = await found_customer(asked, conn)
        note = await customer_notes.add(conn, customer.id, asked.who.id, asked.body.text)
    told(asked, customer.id)
    return _shown(note, {asked.who.id: asked.who.shown_name})


async def remove_customer_note(asked: Asked[None, None]) -> None:
    """Only one's own: 404 for a note of somebody else."""
    async with asked.engine.begin() as conn:
        customer = await found_customer(asked, conn)
        if not await customer_notes.remove(conn, customer.id, asked.path["note"], author=asked.who.id):
            raise Problem(404, "There is no such note of yours on this customer.")
    told(asked, customer.id)


def _shown(note: CustomerNote, names: Mapping[str, str]) -> ShownCustomerNote:
    return ShownCustomerNote(
        id=note.id,
        author=note.author,
        author_name=names.get(note.author),
        text=note.text,
        written_at=note.written_at,
    )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/customers/{id}/notes", handler=list_customer_notes, summary="Notes on a customer",
        tag="customers", scope=Scope.CUSTOMERS_READ, query=PageQuery, gives=CustomerNoteList,
    ),
    Endpoint(
        method="POST", path="/customers/{id}/notes", handler=add_customer_note, summary="Write a note on a customer",
        tag="customers", scope=Scope.CUSTOMERS_WRITE, body=NewCustomerNote, gives=ShownCustomerNote, status=201,
    ),
    Endpoint(
        method="DELETE", path="/customers/{id}/notes/{note}", handler=remove_customer_note,
        summary="Remove one's own note on a customer", tag="customers", scope=Scope.CUSTOMERS_WRITE, status=204,
    ),
)  # fmt: skip
