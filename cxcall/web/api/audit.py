"""`/audit`: who did what and when, for administrators."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cxcall.store import audit
from cxcall.web.access import Role
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time

LARGEST_ID = 2**63 - 1

Word = Annotated[str, msgspec.Meta(max_length=200)]


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    after: After | None = None
    actor: Annotated[Word | None, msgspec.Meta(description="Login name of who did it.")] = None
    subject: Annotated[Word | None, msgspec.Meta(description="What it was done to, such as customer:ID.")] = None


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act; `details` depend on its kind."""

    id: int
    at: Time
    actor: str
    act: str
    subject: str
    details: dict[str, Any]
    address: str


class ActList(msgspec.Struct, frozen=True, kw_only=True):
    """Acts, newest first; `next` is null on the last page."""

    items: list[Act]
    next: str | None


async def list_acts(asked: Asked[AuditQuery, None]) -> ActList:
    query = asked.query
    async with asked.engine.connect() as conn:
        found = await audit.page(
            conn, limit=query.limit + 1, before=_before(query.after), actor=query.actor, subject=query.subject
        )
    shown = found[: query.limit]
    items = [Act(**{name: getattr(entry, name) for name in Act.__struct_fields__}) for entry in shown]
    return ActList(items=items, next=str(shown[-1].id) if len(found) > len(shown) else None)


def _before(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdigit()) or int(after) > LARGEST_ID:
        raise bad_cursor()
    return int(after)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/audit", handler=list_acts, summary="Who did what", tag="audit",
        scope=Scope.AUDIT_READ, roles=(Role.ADMIN,), query=AuditQuery, gives=ActList,
    ),
)  # fmt: skip
