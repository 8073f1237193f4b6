"""`/me`: whom the session or token of this request belongs to, and what it may do."""

from __future__ import annotations

from typing import Literal

import msgspec

from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.scopes import SCOPES, Scope


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """`scopes` is null with a session: everything the role may."""

    id: str
    name: str
    display_name: str
    role: Literal["agent", "supervisor", "admin"]
    extensions: list[str]
    scopes: list[str] | None


async def who_am_i(asked: Asked[None, None]) -> Me:
    who = asked.who
    return Me(
        id=who.id,
        name=who.name,
        display_name=who.shown_name,
        role=who.role.value,
        extensions=list(who.extensions),
        scopes=None if who.scopes is None else sorted(who.scopes & set(SCOPES)),
    )


ENDPOINTS = (
    Endpoint(
        method="GET", path="/me", handler=who_am_i, summary="Who am I", tag="me", scope=Scope.ANY, gives=Me,
    ),
)  # fmt: skip
