"""Rights finer than a role: which calls a person may see, which live channels they may hear."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus.board import OPEN
from cxcall.calls.record import CallRecord
from cxcall.settings import Settings
from cxcall.store import calls, survey_answers
from cxcall.store.survey_answers import ResponseRow
from cxcall.web.access import OVERSEERS, Role, SignedIn
from cxcall.web.keys import ENGINE


def sees_call(user: SignedIn, record: CallRecord) -> bool:
    """Supervisors and administrators every call, agents those that phones took part in while they were theirs."""
    if user.oversees:
        return True
    if not user.held:
        return any(of_phone(leg.channel, phone) for leg in record.legs for phone in user.extensions)
    for leg in record.legs:
        at = leg.answered_at or leg.rang_at or record.started_at
        if at is not None and any(
            of_phone(leg.channel, one.phone) and one.covers(record.server, at) for one in user.held
        ):
            return True
    return False


def of_phone(channel: str, extension: str) -> bool:
    """Whether `PJSIP/1001-00000007` is a channel of the phone `PJSIP/1001`."""
    return channel.rpartition("-")[0].casefold() == extension.casefold()


def hears_recording(settings: Settings, user: SignedIn, record: CallRecord) -> bool:
    """Supervisors and administrators every recording; agents those of their own calls, where the site lets them."""
    return user.oversees or (settings.recordings.agents and sees_call(user, record))


def knows_hidden(settings: Settings, user: SignedIn) -> bool:
    """Whether `user` may read and hear the numbers that are hidden from others (recordings.unhidden_for)."""
    return user.role in _UNHIDDEN[settings.recordings.unhidden_for]


async def hears_comment(conn: AsyncConnection, user: SignedIn, response_id: str) -> ResponseRow:
    """The response whose spoken comments `user` may hear: overseers all, agents those about their own calls.

    Raises HTTPNotFound for any other, so that nobody can tell which there are.
    """
    row = await survey_answers.get(conn, response_id)
    own = row is not None and await had(conn, user, row)
    if row is None or not (user.oversees or own):
        raise web.HTTPNotFound
    return row


async def had(conn: AsyncConnection, user: SignedIn, row: ResponseRow) -> bool:
    """Whether the call that a response is about was this person's."""
    response = row.response
    if not user.held:
        return response.agent.casefold() in {phone.casefold() for phone in user.extensions}
    record = await calls.get(conn, response.call_id) if response.call_id else None
    return record is not None and any(
        of_phone(leg.channel, response.agent) and sees_call(user, replace(record, legs=(leg,))) for leg in record.legs
    )


_UNHIDDEN: dict[str, tuple[Role, ...]] = {"admin": (Role.ADMIN,), "supervisor": OVERSEERS, "nobody": ()}
_OVERSEEN = frozenset({
    "agents", "alerts", "asterisk", "board", "call", "call_backs", "calls", "customer", "desk", "speech", "surveys",
    "tasks", "transcript",
})  # fmt: skip


async def hears(request: web.Request, user: SignedIn, channel: str) -> bool:
    """Whether `user` may listen to the live channel."""
    kind, _, rest = channel.partition(":")
    if kind in ("messages", "monitor"):
        return rest == user.id
    if channel == OPEN:
        return True
    if kind == "told":
        return rest in user.phones
    if user.oversees:
        return kind in _OVERSEEN
    if kind == "tasks":
        return rest == user.id
    if kind == "desk":
        return rest in user.phones
    if kind in ("call", "transcript"):
        async with request.app[ENGINE].connect() as conn:
            record = await calls.get(conn, rest)
        return record is not None and sees_call(user, record)
    return kind == "customer"
