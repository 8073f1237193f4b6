"""How the listener of each Asterisk is doing: connection, pace, what it could not read, last error and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from aiohttp import web

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import COMMANDS, SETTINGS
from cxcall.web.pages.listener_words import said
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

DEADLINE = 2.0
LATE_S = 1.0
"""Lag from which the page warns: a screen-pop is then seen later than it should be."""

STATES: dict[str, tuple[str, str]] = {
    "connected": (N_("Connected"), "good"),
    "connecting": (N_("Connecting"), "warn"),
    "reconnecting": (N_("Reconnecting"), "warn"),
    "waiting": (N_("Waiting for the database"), "warn"),
    "refused": (N_("Login refused"), "bad"),
    "disabled": (N_("Not set up"), ""),
}

routes = web.RouteTableDef()


class Status(Protocol):
    """What a listener tells of itself (`ServerStatus` of the listener, taken by its names)."""

    server: str
    address: str
    state: str
    since: datetime
    asterisk_version: str | None
    ami_version: str | None
    filtered: bool
    events: int
    events_per_second: float
    lag: float | None
    lag_max: float | None
    clock_skew: float | None
    last_event_at: datetime | None
    unreadable: int
    torn: int
    stalls: int
    overflows: int
    inbox_fill: float
    open_calls: int
    calls_waiting: int
    database_error: str | None
    journal_begin: int
    journal_end: int
    journal_committed: int
    journal_bytes: int
    journal_error: str | None
    resynced_at: datetime | None
    gaps: int
    reconnects: int
    last_error: str | None
    last_error_at: datetime | None
    remedy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One card. `faults` are (what is wrong, what to do), the worst first."""

    status: Status
    state: str
    kind: str
    faults: Sequence[tuple[str, str]]

    @property
    def last_error(self) -> tuple[str, str]:
        """The last error, over by now, and its remedy."""
        return said(self.status.last_error or ""), said(self.status.remedy or "")

    @property
    def behind(self) -> int:
        """Bytes of the journal whose calls are not in the database yet."""
        return max(self.status.journal_end - self.status.journal_committed, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskView:
    """`answered`: the listener runs in this process or told us; `named`: servers the settings name."""

    now: datetime
    answered: bool
    named: Sequence[str]
    servers: Sequence[Server]

    @property
    def silent(self) -> Sequence[str]:
        """Servers of the settings no listener speaks for."""
        known = {server.status.server for server in self.servers}
        return [name for name in self.named if name not in known]


@routes.get("/admin/asterisk")
@needs(*OVERSEERS)
async def asterisk_page(request: web.Request) -> web.Response:
    return page(request, "asterisk.html", await _view(request))


@routes.get("/admin/asterisk/servers")
@needs(*OVERSEERS)
async def servers(request: web.Request) -> web.Response:
    """The servers alone, fetched anew every few seconds."""
    return fragment(request, "asterisk_servers.html", await _view(request))


async def _view(request: web.Request) -> AsteriskView:
    named = [server.name for server in request.app[SETTINGS].ami]
    try:
        told = await request.app[COMMANDS].ask("asterisk:status", None, timeout=DEADLINE)
        answered = True
    except (NoAnswer, CommandRefused):
        told, answered = [], False
    statuses = sorted((cast("Status", status) for status in told), key=lambda status: status.server)
    return AsteriskView(
        now=current().now, answered=answered, named=named, servers=[server_view(status) for status in statuses]
    )


def server_view(status: Status) -> Server:
    """The card of one server."""
    text, kind = STATES.get(status.state, (status.state, "warn"))
    return Server(status=status, state=text, kind=kind, faults=_faults(status))


def _faults(status: Status) -> list[tuple[str, str]]:
    """What is wrong now, each with its remedy, in the reader's words."""
    found: list[tuple[str, str]] = []
    if status.database_error:
        found.append((_("Calls can't be written to the database."), status.database_error))
    if status.journal_error:
        found.append((_("The journal can't be written. Make room on its disk."), status.journal_error))
    if status.state != "connected" and status.last_error:
        found.append((said(status.last_error), said(status.remedy or "")))
    if status.lag_max is not None and status.lag_max > LATE_S:
        more = _("This machine or Asterisk's is too busy, or the network is slow.")
        found.append((_("Events come late."), more))
    if status.clock_skew:
        more = _("Set both machines to a time server (chrony or systemd-timesyncd).")
        found.append((_("The clocks of the two machines differ."), more))
    if status.unreadable or status.torn:
        found.append((_("Some events could not be read."), _("They are in the log with their names; calls go on.")))
    return found
