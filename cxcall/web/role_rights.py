"""What supervisors and administrators may do to calls and agents, each right apart (/admin/roles).

Both have all of them until an administrator takes one away; agents act on their own calls only and have none. What
differs from that is in the database, and asked anew for every act: a right taken away is gone at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import role_rights
from cxcall.web.access import OVERSEERS, Forbidden, Role, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

Right = Literal[
    "listen", "whisper", "join", "take_over", "transfer", "hang_up", "record", "pause", "log_off", "move", "message"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A right in words: its name, and what somebody with it can do."""

    right: Right
    name: str
    does: str


MEANINGS = (
    Meaning(right="listen", name=N_("Listen"), does=N_("Hears both sides of a call; nobody hears them.")),
    Meaning(right="whisper", name=N_("Whisper"), does=N_("Speaks to the agent; the caller does not hear it.")),
    Meaning(right="join", name=N_("Join"), does=N_("Speaks with agent and caller.")),
    Meaning(right="take_over", name=N_("Take over"), does=N_("Has the caller put through to their own phone.")),
    Meaning(right="transfer", name=N_("Transfer"), does=N_("Sends an agent's caller to another number.")),
    Meaning(right="hang_up", name=N_("End calls"), does=N_("Ends a call of others.")),
    Meaning(right="record", name=N_("Record"), does=N_("Has a call recorded, or ends its recording.")),
    Meaning(right="pause", name=N_("Pause"), does=N_("Pauses an agent, or ends a pause.")),
    Meaning(right="log_off", name=N_("Log off"), does=N_("Takes an agent out of all queues.")),
    Meaning(right="move", name=N_("Move"), does=N_("Puts an agent into a queue, or takes them out of one.")),
    Meaning(right="message", name=N_("Messages"), does=N_("Writes to agents; it stands on their desk until read.")),
)
RIGHTS: tuple[Right, ...] = tuple(meaning.right for meaning in MEANINGS)
NOTHING: frozenset[Right] = frozenset()


def default(role: Role) -> bool:
    """Whether people of `role` have a right that nobody decided about."""
    return role in OVERSEERS


async def rights_in(conn: AsyncConnection, role: Role) -> frozenset[Right]:
    """What people of `role` may do now."""
    if role not in OVERSEERS:
        return NOTHING
    kept = await role_rights.everything(conn)
    return frozenset(right for right in RIGHTS if kept.get((role.value, right), default(role)))


async def rights_of(request: web.Request) -> frozenset[Right]:
    """What whoever sent this request may do: for the buttons of a page."""
    role = user_of(request).role
    if role not in OVERSEERS:
        return NOTHING
    async with request.app[ENGINE].connect() as conn:
        return await rights_in(conn, role)


async def may(request: web.Request, right: Right) -> bool:
    return right in await rights_of(request)


async def require(request: web.Request, *rights: Right) -> frozenset[Right]:
    """All the rights of whoever asks. Raises Forbidden with a sentence unless each of `rights` is among them."""
    has = await rights_of(request)
    if not has.issuperset(rights):
        raise Forbidden(_("Your role has no right to do this. An administrator gives it under Roles."))
    return has


async def put(conn: AsyncConnection, role: Role, allowed: Iterable[Right]) -> list[tuple[Right, bool]]:
    """Let `role` have exactly these rights; what changed by it."""
    before, wanted = await rights_in(conn, role), frozenset(allowed)
    changed = [(right, right in wanted) for right in RIGHTS if (right in before) != (right in wanted)]
    for right, on in changed:
        await role_rights.put(conn, role.value, right, None if on == default(role) else on)
    return changed
