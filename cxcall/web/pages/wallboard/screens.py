"""/admin/screens: addresses that show the board on a wall to whoever has them, until they are turned off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.letters import tidy
from cxcall.store import audit, screens
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import CLOCK, ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.wallboard.loading import board_of
from cxcall.web.pages.wallboard.screen import EACH, ROTATE_S, Shown, read
from cxcall.web.pages.wallboard.words import in_language
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/screens"
LONGEST_NAME = 80
GROUP = "group:"
ROTATES = (10, 20, 30, 60)
EACHES = (1, 2, 3, 4, 6, 9)
REVOKED = N_("The screen was turned off. Its address shows nothing any more.")
routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    screen: screens.Screen
    shown: Shown
    queues: Sequence[str]

    @property
    def groups(self) -> list[str]:
        """Names of the groups, as they come."""
        return sorted(set(self.shown.groups.values()), key=str.casefold)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreensView:
    """`address`: of the screen just made, told once. `error`: what is wrong with the form; `name` as it was typed."""

    rows: Sequence[Row]
    off: Sequence[Row]
    choices: Sequence[tuple[str, str]]
    address: str = ""
    error: str = ""
    name: str = ""

    eaches = EACHES
    rotates = ROTATES
    each = EACH
    rotate_s = ROTATE_S


@routes.get(PATH)
@needs(*OVERSEERS)
async def screens_page(request: web.Request) -> web.Response:
    done = Done(text=_(REVOKED)) if request.query.get("done") == "off" else None
    return page(request, "wallboard/screens.html", await _view(request), done=done)


@routes.post(PATH)
@needs(*OVERSEERS)
async def make(request: web.Request) -> web.Response:
    """A new screen: the page that comes back is the only one with its address."""
    form = await request.post()
    name = field(form, "name").strip()[:LONGEST_NAME]
    if not name:
        error = _("Write where the screen hangs, so that it can be told apart.")
        return page(request, "wallboard/screens.html", await _view(request, error=error), status=422)
    async with request.app[ENGINE].begin() as conn:
        screen, secret = await screens.make(
            conn, name=name, body=_body(form), by=user_of(request).name, now=request.app[CLOCK]()
        )
        await audit.add(
            conn, actor=user_of(request).name, act="screen.made", subject=f"screen:{screen.id}",
            address=address_of(request), at=request.app[CLOCK](),
        )  # fmt: skip
    outside = request.app[SETTINGS].web.public_url.rstrip("/") or str(request.url.origin())
    view = await _view(request, address=f"{outside}/wallboard/screen?key={secret}")
    return page(request, "wallboard/screens.html", view)


@routes.post(PATH + "/{id:[0-9a-f]+}/off")
@needs(*OVERSEERS)
async def turn_off(request: web.Request) -> web.StreamResponse:
    screen_id = request.match_info["id"]
    async with request.app[ENGINE].begin() as conn:
        if await screens.revoke(conn, screen_id, now=request.app[CLOCK]()):
            await audit.add(
                conn, actor=user_of(request).name, act="screen.revoked", subject=f"screen:{screen_id}",
                address=address_of(request), at=request.app[CLOCK](),
            )  # fmt: skip
    raise web.HTTPSeeOther(f"{PATH}?done=off")


def _body(form: Form) -> dict[str, object]:
    """What the form says a screen shows; what it can't say is as usual."""
    queues = [value for value in form.getall("queue", []) if isinstance(value, str)][:500]
    groups = {
        name.removeprefix(GROUP): tidy(value)[:LONGEST_NAME]
        for name, value in form.items()
        if name.startswith(GROUP) and isinstance(value, str)
    }
    each, rotate = typed(field(form, "each")), typed(field(form, "rotate_s"))
    language = field(form, "language")
    return {
        "queues": queues,
        "groups": {key: name for key, name in groups.items() if name and (not queues or key in queues)},
        "each": int(each) if each in {str(n) for n in EACHES} else EACH,
        "rotate_s": int(rotate) if rotate in {str(n) for n in ROTATES} else ROTATE_S,
        "language": language if language in ("en", "fa") else "",
    }


async def _view(request: web.Request, *, address: str = "", error: str = "") -> ScreensView:
    board = await board_of(request, everything=False)
    titles = {key: in_language(tile.title, tile.name) for key, tile in board.queues.items()} if board else {}
    async with request.app[ENGINE].connect() as conn:
        kept = await screens.everything(conn)
    rows = [
        Row(screen=screen, shown=shown, queues=[titles.get(key, key.partition(":")[2]) for key in shown.queues])
        for screen in kept
        for shown in (read(screen),)
    ]
    return ScreensView(
        rows=[row for row in rows if row.screen.revoked_at is None],
        off=[row for row in rows if row.screen.revoked_at is not None][:20],
        choices=sorted(titles.items(), key=lambda one: one[1].casefold()),
        address=address,
        error=error,
    )
