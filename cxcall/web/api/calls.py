"""`/calls`: the list and one call's record. Agents see the calls of their own phones."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cxcall.calls.record import CallId, CallRecord, Direction, EndedBy, Outcome
from cxcall.customers.number import fold
from cxcall.store import calls
from cxcall.store.calls import CallFilter, CallRow
from cxcall.store.held import Phones
from cxcall.store.paging import BadCursor
from cxcall.web.access import SignedIn
from cxcall.web.api.endpoint import Asked, Endpoint
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.problems import Problem
from cxcall.web.rights import sees_call

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e7)]
Word = Annotated[str, msgspec.Meta(max_length=200)]


def _about(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class CallQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the list; all that are given must fit. Newest calls come first."""

    limit: Limit = 50
    after: After | None = None
    since: Annotated[Time | None, _about("Started at this time or later.")] = None
    until: Annotated[Time | None, _about("Started before this time.")] = None
    queue: Annotated[Word | None, _about("Waited in this queue.")] = None
    agent: Annotated[Word | None, _about("This agent (the queue's member name) took part.")] = None
    outcome: Annotated[Outcome | None, _about("How the call went.")] = None
    direction: Annotated[Direction | None, _about("As seen from the house.")] = None
    number: Annotated[Word | None, _about("Caller's or called number, in any usual way of writing it.")] = None
    customer_id: Annotated[Word | None, _about("Calls of this customer.")] = None
    extension: Annotated[Word | None, _about("This phone took part, as Asterisk names it: PJSIP/1001.")] = None
    server: Annotated[Word | None, _about("Calls of this Asterisk.")] = None
    text: Annotated[Word | None, _about("Words or digits in names and numbers.")] = None
    min_talk: Annotated[Seconds | None, _about("Talked at least so long.")] = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since must not be later than until")

    def filter(self, who: SignedIn, country: str) -> CallFilter:
        """What is asked for, narrowed to what `who` may see; numbers without a country code are of `country`."""
        return CallFilter(
            text=self.text or "",
            since=self.since,
            until=self.until,
            queue=self.queue,
            agent=self.agent,
            outcome=self.outcome,
            direction=self.direction,
            number=self.number and (fold(self.number, country) or self.number),
            customer_id=self.customer_id,
            extension=phones_of(who, self.extension),
            server=self.server,
            min_talk=self.min_talk,
        )


def phones_of(who: SignedIn, asked: str | None = None) -> str | Phones | None:
    """Overseers see the calls of any phone, agents those of phones while they were theirs."""
    if who.oversees:
        return asked
    if who.held:
        return tuple(one for one in who.held if asked in (None, one.phone))
    return tuple(phone for phone in who.extensions if asked in (None, phone))


class ListedCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call in a list; `/calls/{id}` has all of it. `wait` and `talk` are seconds."""

    id: str
    server: str
    started_at: Time | None
    answered_at: Time | None
    ended_at: Time | None
    direction: Direction
    caller_number: str | None
    caller_name: str | None
    customer_id: str | None
    customer_name: str | None
    called: str | None
    queue: str | None
    agent: str | None
    wait: float | None
    talk: float | None
    outcome: Outcome
    ended_by: EndedBy


class CallList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of calls, newest first; `next` is null on the last one."""

    items: list[ListedCall]
    next: str | None


async def list_calls(asked: Asked[CallQuery, None]) -> CallList:
    """Agents get the calls their own phones placed or answered."""
    wanted = asked.query.filter(asked.who, asked.country)
    return await listed(asked, wanted, asked.query.limit, asked.query.after)


async def listed(asked: Asked[Any, Any], wanted: CallFilter, limit: int, after: str | None) -> CallList:
    """A page of the calls that fit `wanted`."""
    try:
        async with asked.engine.connect() as conn:
            found = await calls.page(conn, wanted, limit=limit, after=after)
    except BadCursor as error:
        raise bad_cursor() from error
    return CallList(items=[_listed(row) for row in found.rows], next=found.next)


def _listed(row: CallRow) -> ListedCall:
    return ListedCall(**{name: getattr(row, name) for name in ListedCall.__struct_fields__})


async def get_call(asked: Asked[None, None]) -> CallRecord:
    """The whole record. The id of a call that was merged into another one gives that one."""
    return await found_call(asked)


async def found_call(asked: Asked[Any, Any]) -> CallRecord:
    """The call of the path, when whoever asks may see it. Raises Problem 404: an agent can't tell which calls exist."""
    async with asked.engine.connect() as conn:
        record = await calls.get(conn, CallId(asked.path["id"]))
    if record is None or not sees_call(asked.who, record):
        raise Problem(404, "There is no such call.")
    return record


ENDPOINTS = (
    Endpoint(
        method="GET", path="/calls", handler=list_calls, summary="List calls", tag="calls",
        scope=Scope.CALLS_READ, query=CallQuery, gives=CallList,
    ),
    Endpoint(
        method="GET", path="/calls/{id}", handler=get_call, summary="One call as it truly was", tag="calls",
        scope=Scope.CALLS_READ, gives=CallRecord,
    ),
)  # fmt: skip
