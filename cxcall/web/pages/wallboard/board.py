"""/wallboard: queues by need, six figures, calls that may need somebody, agents; follows the channel `board`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from cxcall.bus.board import BOARD, OPEN
from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.store import alerts
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import BUS, CLOCK, ENGINE
from cxcall.web.pages.wallboard.helping import HELPING, Helpers, helpers, phones_of
from cxcall.web.pages.wallboard.loading import board_of, plain, reasons_of, script
from cxcall.web.pages.wallboard.moments import moment
from cxcall.web.pages.wallboard.seats import SORTS, Sort
from cxcall.web.pages.wallboard.view import Floor, floor_view
from cxcall.web.pages.wallboard.words import NEEDS, Mark, day_line, in_language
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.role_rights import NOTHING, Right, rights_of

PATH = "/wallboard"
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpView:
    """Agents (`names`) who were had to help `queue`."""

    id: str
    queue: str
    names: str
    n: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """The page. `floor` None: nobody follows the floor now. `data`: what the browser goes on from."""

    floor: Floor | None
    choices: Sequence[tuple[str, str, bool]]
    table: bool
    sort: Sort
    query: str
    rights: frozenset[Right]
    channel: str
    data: Markup
    banner: Helpers | None
    helps: Sequence[HelpView]
    oversees: bool
    lost: bool
    """Whether queues were asked for and none of them is there (any more): all are shown."""

    @property
    def now(self) -> datetime:
        """The moment of the figures; clocks of the page begin with what they had then."""
        return self.floor.now if self.floor else current().now

    @property
    def pace_ms(self) -> int:
        """How often the board may be fetched anew: the larger, the more it costs to make."""
        rows = len(self.floor.tiles) + len(self.floor.seats) if self.floor else 0
        return max(4000, 20 * rows)

    @property
    def day(self) -> str:
        return day_line(self.now)

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders of agents: address, name, whether it is this one."""
        return [
            (self.with_(sort="" if sort == "need" else sort), name, sort == self.sort) for sort, name in SORTS.items()
        ]

    @property
    def needs(self) -> Mapping[str, Mark]:
        """Every state a queue may be in: the browser shows the one that holds."""
        return {str(need): mark for need, mark in NEEDS.items()}

    @property
    def chosen(self) -> list[str]:
        return [title for _key, title, on in self.choices if on]

    @property
    def here(self) -> str:
        return f"{PATH}?{self.query}" if self.query else PATH

    def with_(self, **changes: str) -> str:
        """This page with something chosen otherwise."""
        kept = {"view": "table" if self.table else "", "sort": "" if self.sort == "need" else self.sort} | changes
        pairs = [("queue", key) for key, _title, on in self.choices if on]
        return f"{PATH}?{urlencode(pairs + [(name, value) for name, value in kept.items() if value])}"


@routes.get(PATH)
@needs()
async def board_page(request: web.Request) -> web.Response:
    return page(request, "wallboard/page.html", await _view(request))


@routes.get(PATH + "/board")
@needs()
async def board_fragment(request: web.Request) -> web.Response:
    """The board alone: what the browser can't make of a patch by itself."""
    return fragment(request, "wallboard/board.html", await _view(request))


@routes.get(PATH + "/banner")
@needs(*OVERSEERS)
async def banner_fragment(request: web.Request) -> web.Response:
    return fragment(request, "wallboard/banner.html", await _view(request))


@routes.get(PATH + "/calls")
@needs(*OVERSEERS)
async def calls_fragment(request: web.Request) -> web.Response:
    return fragment(request, "wallboard/calls.html", await _view(request))


async def _view(request: web.Request) -> BoardView:
    user = user_of(request)
    channel = BOARD if user.oversees else OPEN
    seq = request.app[BUS].seq(channel)
    board = await board_of(request, everything=user.oversees)
    keys = request.query.getall("queue", [])
    chosen = {key for key in keys if board and key in board.queues}
    asked = request.query.get("sort", "")
    sort: Sort = asked if asked in SORTS else "need"
    reasons = await reasons_of(request)
    floor = floor_view(board, chosen, reasons, sort) if board else None
    kept = [(name, value) for name, value in request.query.items() if name in ("queue", "view", "sort")]
    return BoardView(
        floor=floor,
        choices=_choices(board, chosen),
        table=request.query.get("view") == "table",
        sort=sort,
        query=urlencode(kept),
        rights=await rights_of(request) if user.oversees else NOTHING,
        channel=channel,
        data=_data(board, channel, seq, sorted(chosen), reasons, sort),
        banner=await _banner(request, board, floor) if board and floor and user.oversees else None,
        helps=_helps(request, board) if board and user.oversees else (),
        oversees=user.oversees,
        lost=bool(board and board.queues and keys and not chosen),
    )


def _choices(board: BoardSnapshot | None, chosen: set[str]) -> list[tuple[str, str, bool]]:
    named = [(key, in_language(tile.title, tile.name)) for key, tile in (board.queues if board else {}).items()]
    return [(key, title, key in chosen) for key, title in sorted(named, key=lambda one: one[1].casefold())]


def _data(
    board: BoardSnapshot | None, channel: str, seq: int, chosen: list[str], reasons: Mapping[str, str], sort: Sort
) -> Markup:
    if board is None:
        return Markup("null")
    data = {
        "channel": channel, "seq": seq, "chosen": chosen, "reasons": reasons, "sort": sort, "board": plain(board),
        "day": day_line(moment(board.at)),
    }  # fmt: skip
    return Markup(script(data))  # noqa: S704 - JSON, "<" escaped


async def _banner(request: web.Request, board: BoardSnapshot, floor: Floor) -> Helpers | None:
    """The queue that needs help most, unless somebody said that it is known."""
    known, now = request.app[HELPING], request.app[CLOCK]()
    async with request.app[ENGINE].connect() as conn:
        standing = await alerts.of_rules(conn)
        for tile in floor.tiles:
            key = tile.tile.key
            about = [alert for alert in standing if alert.queue == key]
            if tile.tile.state != "act":
                return None
            if known.is_quiet(key, now) or (about and not any(alert.is_heard(now) for alert in about)):
                continue
            return helpers(board, tile, await phones_of(conn, tile.tile.server, tile.tile.name))
    return None


def _helps(request: web.Request, board: BoardSnapshot) -> list[HelpView]:
    """What was done from here lately and can be taken back."""
    between = "، " if current().rtl else ", "
    return [
        HelpView(
            id=one.id,
            queue=in_language(tile.title, tile.name),
            names=between.join(board.agents[key].name for key in one.agents if key in board.agents),
            n=len(one.agents),
            at=one.at,
        )
        for one in request.app[HELPING].standing(board, request.app[CLOCK]())
        if (tile := board.queues.get(one.queue)) is not None
    ]
