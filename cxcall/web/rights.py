"""Rights finer than a role: which calls a person may see, which live channels they may hear."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.record import CallRecord
from cxcall.settings import Settings
from cxcall.store import calls, survey_answers
from cxcall.store.survey_answers import ResponseRow
from cxcall.web.access import OVERSEERS, Role, SignedIn
from cxcall.web.keys import ENGINE


def sees_call(user: SignedIn, record: CallRecord) -> bool:
    """Supervisors and administrators every call, agents those their own phones took part in."""
    if user.oversees:
        return True
    return any(of_phone(leg.channel, extension) for leg in record.legs for extension in user.extensions)


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
    own = row is not None and row.response.agent.casefold() in {phone.casefold() for phone in user.extensions}
    if row is None or not (user.oversees or own):
        raise web.HTTPNotFound
    return row


_UNHIDDEN: dict[str, tuple[Role, ...]] = {"admin": (Role.ADMIN,), "supervisor": OVERSEERS, "nobody": ()}
_OVERSEEN = frozenset({
    "alerts", "asterisk", "call", "calls", "customer", "desk", "speech", "surveys", "tasks", "transcript",
})  # fmt: skip


async def hears(request: web.Request, user: SignedIn, channel: str) -> bool:
    """Whether `user` may listen to the live channel."""
    kind, _, rest = channel.partition(":")
    if user.oversees:
        return kind in _OVERSEEN
    if kind == "tasks":
        return rest == user.id
    if kind == "desk":
        return rest in user.extensions
    if kind in ("call", "transcript"):
        async with request.app[ENGINE].connect() as conn:
            record = await calls.get(conn, rest)
        return record is not None and sees_call(user, record)
    return kind == "customer"
