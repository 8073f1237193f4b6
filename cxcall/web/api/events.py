"""`/calls/{id}/events`: the raw events a call was made from, as Asterisk sent them, for administrators."""

from __future__ import annotations

import asyncio

import msgspec

from cxcall.web import keys
from cxcall.web.access import Role
from cxcall.web.api.calls import found_call
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import PageQuery, part
from cxcall.web.api.scopes import Scope
from cxcall.web.pages.call_events import JournalGone, events_of
from cxcall.web.problems import Problem


class RawEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the manager interface, headers in the order they came; `n` counts from 1 within the call."""

    n: int
    headers: list[tuple[str, str]]


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    """Events, oldest first; `next` is null on the last page."""

    items: list[RawEvent]
    next: str | None


async def list_call_events(asked: Asked[PageQuery, None]) -> EventList:
    """Read back from the journal of the listener; 404 when it no longer reaches back to the call."""
    record = await found_call(asked)
    folder = asked.request.app[keys.SETTINGS].data_dir / "journal" / record.server
    try:
        messages = await asyncio.to_thread(events_of, record, folder)
    except (JournalGone, OSError) as error:
        raise Problem(404, "The events of this call are not kept here any more.") from error
    shown, following = part(list(enumerate(messages, 1)), asked.query, lambda numbered: str(numbered[0]))
    return EventList(items=[RawEvent(n=n, headers=_headers(text)) for n, text in shown], next=following)


def _headers(message: str) -> list[tuple[str, str]]:
    lines = (line.partition(":") for line in message.split("\n") if line)
    return [(name, value.removeprefix(" ")) for name, _, value in lines]


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls/{id}/events", handler=list_call_events, summary="Raw events of a call",
        tag="calls", scope=Scope.CALLS_READ, roles=(Role.ADMIN,), query=PageQuery, gives=EventList,
    ),
)  # fmt: skip
