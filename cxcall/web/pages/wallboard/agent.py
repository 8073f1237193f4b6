"""/wallboard/agent: what may be done about one agent of the board; opened below their row, a page without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from cxcall.calls.board_shapes import BoardSnapshot, Seat
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.pages.wallboard.loading import board_of, reasons_of
from cxcall.web.pages.wallboard.moments import moment
from cxcall.web.pages.wallboard.seats import SeatView, seat_view
from cxcall.web.pages.wallboard.words import title_of
from cxcall.web.render import fragment, page
from cxcall.web.role_rights import Right, rights_of

PATH = "/wallboard/agent"
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """`inside`: queues they are logged in to, `others` those of their Asterisk they are not; names with titles."""

    row: SeatView
    now: datetime
    rights: frozenset[Right]
    reasons: Mapping[str, str]
    inside: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]

    @property
    def seat(self) -> Seat:
        return self.row.seat

    @property
    def paused(self) -> bool:
        """Whether a pause, or a wrap-up, can be ended."""
        return self.seat.state in ("paused", "wrap_up") or bool(self.seat.after)


@routes.get(PATH)
@needs(*OVERSEERS)
async def agent(request: web.Request) -> web.Response:
    board = await board_of(request, everything=True)
    seat = board.agents.get(request.query.get("agent", "")) if board else None
    if board is None or seat is None:
        raise web.HTTPNotFound
    view = await _view(request, board, seat)
    if request.headers.get("X-Fragment"):
        return fragment(request, "wallboard/agent_acts.html", view)
    return page(request, "wallboard/agent.html", view)


async def _view(request: web.Request, board: BoardSnapshot, seat: Seat) -> AgentView:
    titles = {key: title_of(tile) for key, tile in board.queues.items()}
    reasons = await reasons_of(request)
    here = sorted(
        ((tile.name, titles[key]) for key, tile in board.queues.items() if tile.server == seat.server),
        key=lambda one: one[1].casefold(),
    )
    return AgentView(
        row=seat_view(seat, titles, reasons, board.at),
        now=moment(board.at),
        rights=await rights_of(request),
        reasons={key: name for key, name in reasons.items() if key != seat.reason},
        inside=[one for one in here if one[0] in seat.queues],
        others=[one for one in here if one[0] not in seat.queues],
    )
