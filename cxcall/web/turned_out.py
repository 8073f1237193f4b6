"""Somebody may not sign in any more: what they had open ends, what they hear ends, and queues no longer ask for them.

The database is the caller's: by the time of `turn_out_of_all` it says so already. Asterisk may be away; then the rest
is done, and it is told that queues may still ring the phone.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.floor import AgentLogOut
from cxcall.store import queues, sign_ins
from cxcall.store.users import User
from cxcall.web.keys import COMMANDS, LIVE, SETTINGS
from cxcall.web.pages.desk_member import duty_of
from cxcall.web.pages.desk_shift import floor_changed
from cxcall.web.stepping_in import turn_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A phone where somebody's calls come, on one server; `written`: queues there whose definition is cxcall's."""

    server: str
    phones: tuple[str, ...]
    written: frozenset[str]


async def places_of(conn: AsyncConnection, request: web.Request, user: User) -> tuple[Place, ...]:
    """Where somebody answers now; to be asked before they are disabled."""
    return tuple(
        [
            Place(
                server=server.name,
                phones=await sign_ins.phones(conn, user.id, server.name),
                written=frozenset(
                    queue.name for queue in await queues.of_server(conn, server.name) if queue.applied is not None
                ),
            )
            for server in request.app[SETTINGS].ami
        ]
    )


async def turn_out_of_all(request: web.Request, user: User, places: tuple[Place, ...]) -> bool:
    """End sessions, listening and memberships of somebody who was disabled.

    Members that somebody else's file names stay: they are the phone's. Whether Asterisk did all of it.
    """
    request.app[LIVE].end_user(user.id)
    await turn_out(request, [user.id])
    done = True
    for place in places:
        if place.phones:
            done = await _log_out(request, place) and done
    await floor_changed(request)
    return done


async def _log_out(request: web.Request, place: Place) -> bool:
    duty = await duty_of(request.app[COMMANDS], [place.server], place.phones)
    if not duty.known:
        return False
    try:
        for _server, seat in duty.seats:
            for queue in seat.logged_in:
                if queue not in seat.static or queue in place.written:
                    wish = AgentLogOut(server=place.server, device=seat.device, queue=queue)
                    await request.app[COMMANDS].ask("agents:log_out", wish)
    except (NoAnswer, CommandRefused):
        return False
    return True
