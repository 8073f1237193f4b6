"""What the pages of agents share: the tabs, what is said when something was done or refused, the log of acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.queues.presence import AgentState
from cxcall.store import audit
from cxcall.web import render
from cxcall.web.access import user_of
from cxcall.web.keys import CLOCK, COMMANDS
from cxcall.web.observe import address_of
from cxcall.web.pages.desk_member import DEADLINE
from cxcall.web.removed import undo_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH, TEAMS, SKILLS, PAUSES = "/admin/agents", "/admin/teams", "/admin/skills", "/admin/pauses"
CONFLICT = N_("Somebody else changed this meanwhile. Look at it and save again.")
NAME_MISSING = N_("Give it a name.")
NAME_TAKEN = N_("There is one of this name already.")
DONE: Mapping[str, str] = {
    "saved": N_("Saved."),
    "added": N_("Added."),
    "removed": N_("Removed."),
    "restored": N_("It is back."),
    "left": N_("They were signed out of the phone."),
}
LONGEST_NAME = 100


async def states(request: web.Request) -> dict[str, AgentState] | None:
    """What everybody known does now, by user id; None while Asterisk is not listened to."""
    try:
        told = await request.app[COMMANDS].ask("agents:all", None, timeout=DEADLINE)
    except (NoAnswer, CommandRefused):
        return None
    found = [msgspec.convert(state, AgentState) for state in told]
    # Of two servers the one that has them in a queue counts.
    return {state.user_id: state for state in sorted(found, key=lambda one: len(one.queues)) if state.user_id}


async def note(request: web.Request, conn: AsyncConnection, act: str, subject: str, **details: Any) -> None:
    """Write down what the reader did."""
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=subject, details=details,
        address=address_of(request), at=request.app[CLOCK](),
    )  # fmt: skip


def done(request: web.Request, path: str = "") -> render.Done | None:
    """The sentence for what was just done; of the list at `path` with the way back where something was removed."""
    word = DONE.get(request.query.get("done", ""))
    return render.Done(text=_(word), undo=undo_of(request, path) if path else "") if word else None
