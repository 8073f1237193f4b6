"""The call-back of a call, on its page: asked for in it, or made by it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.routing.call_back import CallBack
from cxcall.store import call_backs
from cxcall.web.pages.call_backs.words import STATES, WHY
from cxcall.web.pages.labels import Label
from cxcall.web.words import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackOfCall:
    """`asked`: this is the call in which it was asked for."""

    one: CallBack
    asked: bool

    @property
    def label(self) -> Label:
        return STATES[self.one.state]

    @property
    def why(self) -> str:
        return _(WHY[self.one.reason]) if WHY[self.one.reason] else ""


async def of_call(conn: AsyncConnection, call_id: str) -> CallBackOfCall | None:
    one = await call_backs.of_call(conn, call_id)
    return CallBackOfCall(one=one, asked=one.first_call == call_id) if one is not None else None
