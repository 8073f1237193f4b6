"""Who reads a call's page: what they may hear, know and change, and where the page opens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from aiohttp import web

from cxcall.calls.record import CallRecord
from cxcall.web.access import user_of
from cxcall.web.keys import SETTINGS
from cxcall.web.rights import hears_recording, knows_hidden
from cxcall.web.unread_recordings import UnhiddenFor

LONGEST_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`at`: the second of the transcript the page opens at; `editing`: the turn being corrected (0: none), `draft` and
    `problem`: what was written in its form and why it was not taken. `opening` names this opening of the page.
    `unhidden_for`: who knows hidden numbers on this site."""

    oversees: bool
    hears: bool
    knows_hidden: bool
    unhidden_for: UnhiddenFor = "admin"
    opening: str = ""
    at: float | None = None
    editing: int = 0
    draft: str = ""
    problem: str = ""


def reader_of(
    request: web.Request, record: CallRecord, *, editing: int | None = None, draft: str = "", problem: str = ""
) -> Reader:
    """The reader of this request; `?t=71` opens at a second, `?edit=3` a turn's form."""
    user, settings = user_of(request), request.app[SETTINGS]
    return Reader(
        oversees=user.oversees,
        hears=hears_recording(settings, user, record),
        knows_hidden=knows_hidden(settings, user),
        unhidden_for=settings.recordings.unhidden_for,
        opening=secrets.token_hex(6),
        at=_number(request.query.get("t", "")),
        editing=int(_number(request.query.get("edit", "")) or 0) if editing is None else editing,
        draft=draft,
        problem=problem,
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= LONGEST_S else None
