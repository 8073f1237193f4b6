"""/wallboard/screen: the board on a wall, large and dark, one group of queues after the other, with nothing to press.

Whoever is signed in may open it, and whoever has an address made under /admin/screens (`?key=…`). The page asks
/wallboard/screen/now every second with the key in the header X-Screen-Key; it never tells who calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import aiohttp_jinja2
import msgspec
from aiohttp import web

from cxcall.calls.board_shapes import BoardSnapshot
from cxcall.store import screens
from cxcall.store.screens import Screen
from cxcall.web import preferences
from cxcall.web.access import maybe_user_of, public
from cxcall.web.digits import digits
from cxcall.web.keys import CLOCK, ENGINE, SETTINGS
from cxcall.web.pages.home import sign_in_first
from cxcall.web.pages.wallboard.loading import board_of, plain
from cxcall.web.pages.wallboard.view import Floor, floor_view
from cxcall.web.pages.wallboard.words import NEEDS, Mark, in_language
from cxcall.web.presentation import Language, current, use
from cxcall.web.render import shell_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/wallboard/screen"
KEY_HEADER = "X-Screen-Key"
EACH = 6
ROTATE_S = 20
GONE = N_("This screen was turned off.")
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a screen shows: the queues in order of their names (none: all), so many at once, for so many seconds.

    `groups`: queues that are shown together, by the name of their group; those without one come last.
    """

    name: str = ""
    queues: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    each: int = EACH
    rotate_s: int = ROTATE_S
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Keys of queues that are shown at once, and what they are called together."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Queues that are shown at once. `name`: of their group, with which part of it this is; `part`: which of all, ""
    where there is one."""

    name: str
    keys: str
    floor: Floor
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenView:
    """`gone`: why there is nothing to show; `shut`: differs when only a new page can tell what changed."""

    name: str
    now: datetime
    groups: Sequence[GroupView]
    rotate_s: int
    shut: str
    gone: str = ""
    waits: bool = False
    """Whether there will be something by itself."""

    @property
    def needs(self) -> Mapping[str, Mark]:
        return {str(need): mark for need, mark in NEEDS.items()}


@routes.get(PATH)
@public
async def screen_page(request: web.Request) -> web.StreamResponse:
    key = request.query.get("key", "")
    if not key and maybe_user_of(request) is None:
        return sign_in_first(request)
    shown = await _shown(request, key)
    chosen = shown.language if shown and shown.language else None
    wanted = replace_language(request, cast("Language | None", chosen))
    if shown is None:
        view = ScreenView(
            name="", now=request.app[CLOCK](), groups=(), rotate_s=ROTATE_S, shut="", gone=_(GONE),
        )  # fmt: skip
        return _page(request, view, wanted, 404)
    board = await board_of(request, everything=False)
    return _page(request, screen_view(board, shown, request.app[CLOCK]()), wanted, 200)


@routes.get(PATH + "/now")
@public
async def screen_now(request: web.Request) -> web.StreamResponse:
    """The floor now as JSON, for a screen that is open."""
    key = request.headers.get(KEY_HEADER, "")
    if not key and maybe_user_of(request) is None:
        raise web.HTTPUnauthorized
    shown = await _shown(request, key)
    if shown is None:
        raise web.HTTPNotFound
    board = await board_of(request, everything=False)
    if board is None:
        raise web.HTTPServiceUnavailable
    body = msgspec.json.encode({"board": nameless(plain(board)), "shut": shut_of(board, shown)})
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


def nameless(floor: dict[str, Any]) -> dict[str, Any]:
    """The floor without who the agents are: a wall counts them."""
    nobody = {"name": "", "user_id": "", "device": "", "interfaces": [], "reason": ""}
    agents = [{**seat, **nobody, "key": str(n)} for n, seat in enumerate(floor["agents"].values())]
    return {**floor, "agents": {seat["key"]: seat for seat in agents}}


def screen_view(board: BoardSnapshot | None, shown: Shown, now: datetime) -> ScreenView:
    """What hangs on the wall; without a board it says that it waits."""
    if board is None:
        why = _("Nobody follows the floor now. The board comes by itself.")
        return ScreenView(name=shown.name, now=now, groups=(), rotate_s=shown.rotate_s, shut="", gone=why, waits=True)
    parts = parts_of(board, shown)
    groups = [
        GroupView(
            name=part.name,
            keys=msgspec.json.encode(part.keys).decode(),
            floor=floor_view(board, part.keys, {}),
            part=f"{n} / {len(parts)}" if len(parts) > 1 else "",
        )
        for n, part in enumerate(parts, 1)
    ]
    return ScreenView(
        name=shown.name, now=now, groups=groups, rotate_s=shown.rotate_s, shut=shut_of(board, shown),
        gone="" if groups else _("No queues yet."), waits=not groups,
    )  # fmt: skip


def parts_of(board: BoardSnapshot, shown: Shown) -> list[Part]:
    """What is shown one after the other: the named groups by their names, then the rest."""
    wanted = [key for key in board.queues if not shown.queues or key in shown.queues]
    wanted.sort(key=lambda key: (in_language(board.queues[key].title, board.queues[key].name).casefold(), key))
    names = sorted({shown.groups.get(key, "") for key in wanted}, key=lambda name: (not name, name.casefold()))
    parts: list[Part] = []
    for name in names:
        keys = [key for key in wanted if shown.groups.get(key, "") == name]
        cut = [tuple(keys[first : first + shown.each]) for first in range(0, len(keys), shown.each)]
        for n, part in enumerate(cut, 1):
            which = digits(f" {n}/{len(cut)}") if name and len(cut) > 1 else ""
            parts.append(Part(name=name + which, keys=part))
    return parts


def shut_of(board: BoardSnapshot, shown: Shown) -> str:
    """A short sign of everything a screen can't write by itself: its queues, their titles, when closed ones open."""
    tiles = [[board.queues[key] for key in part.keys] for part in parts_of(board, shown)]
    facts = [[(tile.key, tile.title, tile.closed and (tile.closed, tile.seats)) for tile in part] for part in tiles]
    servers = [(name, life.live) for name, life in board.servers.items()]
    return hashlib.sha256(msgspec.json.encode((facts, servers, shown))).hexdigest()[:16]


def read(screen: Screen) -> Shown:
    """What was chosen for a screen; what can't be read is as usual."""
    body = {**screen.body, "queues": screen.body.get("queues", ()), "name": screen.name}
    try:
        return msgspec.convert(body, Shown)
    except msgspec.ValidationError:
        return Shown(name=screen.name)


async def _shown(request: web.Request, key: str) -> Shown | None:
    if not key:
        return Shown()
    async with request.app[ENGINE].begin() as conn:
        screen = await screens.find(conn, key)
        if screen is None:
            return None
        await screens.seen(conn, screen.id, now=request.app[CLOCK]())
    return read(screen)


def replace_language(request: web.Request, language: Language | None) -> preferences.Preferences:
    """Dark, in the screen's language: who looks at a wall chose nothing."""
    user = maybe_user_of(request)
    own = user.preferences if user is not None else preferences.Preferences()
    wanted = msgspec.structs.replace(own, theme="dark", language=language or own.language)
    use(preferences.presentation(wanted, request.app[SETTINGS].site, request.app[CLOCK]()))
    return wanted


def _page(request: web.Request, view: ScreenView, wanted: preferences.Preferences, status: int) -> web.StreamResponse:
    shell = replace(shell_of(request), user=None, preferences=wanted, presentation=current())
    context = {"view": view, "shell": shell, "done": None}
    text = aiohttp_jinja2.render_string("wallboard/screen.html", request, context)
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
