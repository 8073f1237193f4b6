"""The bar over a live call: who hears the reader now, and what they may do to the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from markupsafe import Markup, escape

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.monitoring import Mode, Monitor
from cxcall.calls.record import CallRecord
from cxcall.store import calls
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import COMMANDS, ENGINE
from cxcall.web.pages.listener_words import said
from cxcall.web.presentation import current
from cxcall.web.render import fragment
from cxcall.web.role_rights import Right, rights_of
from cxcall.web.stepping_in import ASK_S, monitor_of, sides
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to be in a call, as its button shows it. `key`: KeyboardEvent.code."""

    mode: Mode
    name: str
    icon: str
    key: str
    letter: str


WAYS = (
    Way(mode="listen", name=N_("Listen"), icon="ear", key="KeyL", letter="L"),
    Way(mode="whisper", name=N_("Whisper"), icon="whisper", key="KeyW", letter="W"),
    Way(mode="join", name=N_("Join"), icon="barge", key="KeyB", letter="B"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarView:
    """`mine`: how the reader is in this call; `elsewhere`: in which other; `others`: who else is in this one; `failed`:
    why the reader did not come in."""

    now: datetime
    id: str
    ways: Sequence[Way]
    rights: frozenset[Right]
    mine: Monitor | None
    elsewhere: Monitor | None
    others: Sequence[Monitor]
    phones: Sequence[str]
    talks: bool
    failed: Markup
    refused: Markup

    @property
    def since(self) -> datetime | None:
        return None if self.mine is None else datetime.fromtimestamp(self.mine.since, UTC)

    @property
    def heard(self) -> Markup:
        """Who hears the reader, always in words."""
        if self.mine is None:
            return Markup("")
        if self.mine.state == "ringing":
            phone = Markup('<bdi dir="ltr">{}</bdi>').format(self.mine.phone)
            return escape(_("Your phone %(phone)s rings: answer it.")) % {"phone": phone}
        agent = Markup("<bdi>{}</bdi>").format(self.mine.agent_name or self.mine.agent)
        return escape(_(_HEARD[self.mine.mode])) % {"agent": agent}

    @property
    def useful(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.mine or self.others or self.failed or (self.talks and self.rights))


_HEARD: dict[Mode, str] = {
    "listen": N_("Nobody hears you. You hear %(agent)s and the caller."),
    "whisper": N_("You are heard by %(agent)s only"),
    "join": N_("You are heard by %(agent)s and the caller"),
}


@routes.get("/live/{id}/monitor")
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    """The bar alone: fetched by its page when the call or the monitoring changes."""
    async with request.app[ENGINE].connect() as conn:
        record = await calls.get(conn, request.match_info["id"])
    if record is None:
        raise web.HTTPNotFound
    return fragment(request, "floor/bar.html", await bar_view(request, record))


async def bar_view(request: web.Request, record: CallRecord, refused: str = "") -> BarView:
    user, rights = user_of(request), await rights_of(request)
    mine = await monitor_of(request)
    here = await _on(request, record.id)
    agent, _other = sides(record)
    return BarView(
        now=current().now,
        id=record.id,
        ways=tuple(way for way in WAYS if way.mode in rights),
        rights=rights,
        mine=mine if mine is not None and mine.call_id == record.id else None,
        elsewhere=mine if mine is not None and mine.call_id != record.id else None,
        others=tuple(each for each in here if each.user != user.id),
        phones=user.phones,
        talks=record.ended_at is None and agent is not None,
        failed=_told("" if mine else await _why(request, record.id)),
        refused=_told(refused),
    )


async def _on(request: web.Request, call_id: str) -> tuple[Monitor, ...]:
    try:
        found: tuple[Monitor, ...] = await request.app[COMMANDS].ask("monitor:on", call_id, timeout=ASK_S)
    except (NoAnswer, CommandRefused):
        return ()
    return found


async def _why(request: web.Request, call_id: str) -> str:
    """Why the reader's phone did not bring them into this call, "" when it did or nobody knows."""
    try:
        found = await request.app[COMMANDS].ask("monitor:why", user_of(request).id, timeout=ASK_S)
    except (NoAnswer, CommandRefused):
        return ""
    return str(found[1]) if found and found[0] == call_id else ""


def _told(sentence: str) -> Markup:
    return said(sentence) if sentence else Markup("")
