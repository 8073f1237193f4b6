"""/routing/call-backs: who was promised a call, at which place, what came of it; called off, or tried now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.bus import CommandRefused, NoAnswer
from cxcall.bus.call_backs import CANCEL, NOW, PLACES, CancelCallBack, TryCallBack
from cxcall.routing.call_back import CallBack
from cxcall.store import audit, call_backs, customers, lists, users
from cxcall.store.paging import BadCursor, Slice
from cxcall.web.access import OVERSEERS, Role, needs, user_of
from cxcall.web.keys import CLOCK, COMMANDS, ENGINE
from cxcall.web.observe import address_of
from cxcall.web.pages.call_backs.words import DONE, PATH, STATES, WHY
from cxcall.web.pages.desk_loading import midnight
from cxcall.web.pages.forms import field
from cxcall.web.pages.labels import Label
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.login import local
from cxcall.web.presentation import current
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import gettext as _

ROWS = 50
ASK_S = 5.0
TABS = ("open", "ended")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call-back; `place` None where it stands nowhere or nobody can tell; `by`: who ended it, as people know them."""

    one: CallBack
    customer: str
    place: int | None
    by: str

    @property
    def label(self) -> Label:
        return STATES[self.one.state]

    @property
    def why(self) -> str:
        """Why it waits or ended; "" where there is nothing to say."""
        return _(WHY[self.one.reason]) if WHY[self.one.reason] else ""

    @property
    def later(self) -> bool:
        """Whether it waits for a time, and not in the queue."""
        return self.one.state == "waiting" and not self.one.line and self.one.next_at > current().now

    @property
    def may_cancel(self) -> bool:
        return self.one.state in ("waiting", "calling")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """`counts`: how many are open, and how those promised today ended."""

    rows: Sequence[Row]
    tab: str
    queue: str
    queues: Sequence[str]
    counts: Mapping[str, int]
    here: str
    older: str | None
    newer: str | None
    admin: bool
    told: bool
    error: str = ""

    @property
    def query(self) -> str:
        return self.here.removeprefix(PATH)

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        return [(tab, _address(tab, self.queue), _("Open") if tab == "open" else _("Ended")) for tab in TABS]


@routes.get(PATH)
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    done = request.query.get("done", "")
    return page(
        request, "call_backs/list.html", await _view(request), done=Done(text=_(DONE[done])) if done in DONE else None
    )


@routes.get(PATH + "/list")
@needs(*OVERSEERS)
async def lines(request: web.Request) -> web.Response:
    """The list alone, fetched anew when a call-back changes."""
    return fragment(request, "call_backs/lines.html", await _view(request))


@routes.post(PATH + "/{id:[0-9a-f]+}/now")
@needs(*OVERSEERS)
async def try_now(request: web.Request) -> web.StreamResponse:
    one = await _asked_for(request)
    return await _act(request, one, NOW, TryCallBack(id=one.id, by=user_of(request).name), "now")


@routes.post(PATH + "/{id:[0-9a-f]+}/cancel")
@needs()
async def cancel(request: web.Request) -> web.StreamResponse:
    """By a supervisor, or by the agent who has it on the telephone."""
    one, user = await _asked_for(request), user_of(request)
    own = one.agent.casefold() in {phone.casefold() for phone in user.phones}
    if not (user.oversees or (own and one.state == "calling")):
        raise web.HTTPForbidden
    act = CancelCallBack(id=one.id, why="supervisor" if user.oversees else "agent", by=user.name)
    return await _act(request, one, CANCEL, act, "cancelled")


async def _asked_for(request: web.Request) -> CallBack:
    async with request.app[ENGINE].connect() as conn:
        one = await call_backs.get(conn, request.match_info["id"])
    if one is None:
        raise web.HTTPNotFound
    return one


async def _act(request: web.Request, one: CallBack, name: str, act: object, done: str) -> web.StreamResponse:
    form = await request.post()
    back = local(field(form, "here")) if field(form, "here") else PATH
    problem = ""
    try:
        await request.app[COMMANDS].ask(name, act, timeout=ASK_S)
    except NoAnswer:
        problem = _("Nobody listens to this Asterisk now.")
    except CommandRefused as error:
        problem = said(str(error))
    if problem:
        if not user_of(request).oversees:
            raise web.HTTPSeeOther(back)
        return page(request, "call_backs/list.html", await _view(request, error=problem), status=409)
    async with request.app[ENGINE].begin() as conn:
        await audit.add(
            conn, actor=user_of(request).name, act=f"call_back.{done}", subject=f"call_back:{one.id}",
            address=address_of(request), at=request.app[CLOCK](),
        )  # fmt: skip
    raise web.HTTPSeeOther(f"{back}{'&' if '?' in back else '?'}done={done}" if back.startswith(PATH) else back)


async def _view(request: web.Request, *, error: str = "") -> ListView:
    query = request.query
    tab = query.get("tab", "") if query.get("tab") in TABS else "open"
    queue = query.get("queue", "")[:128]
    try:
        places: dict[str, int] | None = await request.app[COMMANDS].ask(PLACES, None, timeout=2.0)
    except (NoAnswer, CommandRefused):
        places = None
    async with request.app[ENGINE].connect() as conn:
        found = await _page(conn, tab, queue, query.get("after"))
        counts = await call_backs.counts(conn, since=midnight(current()))
        known = await customers.many(conn, {one.customer_id for one in found.rows if one.customer_id})
        queues = await lists.queues(conn)
        people = {one.name: one.display_name for one in await users.everyone(conn)}
    rows = [
        Row(
            one=one,
            customer=known[one.customer_id].profile.name if one.customer_id in known else one.name,
            place=(places or {}).get(one.id),
            by=people.get(one.ended_by, one.ended_by),
        )
        for one in found.rows
    ]
    if tab == "open":
        rows.sort(key=_turn)
    return ListView(
        rows=rows,
        tab=tab,
        queue=queue,
        queues=queues,
        counts=counts,
        here=_address(tab, queue, query.get("after")),
        older=_address(tab, queue, found.next) if found.next else None,
        newer=_address(tab, queue, found.previous) if found.previous else None,
        admin=user_of(request).role is Role.ADMIN,
        told=places is not None,
        error=error,
    )


def _turn(row: Row) -> tuple[str, bool, bool, int, datetime]:
    """By queue, those on the telephone first, then by place, then who waits for a time."""
    return row.one.queue, row.one.state == "waiting", row.later, row.place or 0, row.one.joined_at


async def _page(conn: AsyncConnection, tab: str, queue: str, after: str | None) -> Slice[CallBack]:
    over = tab != "open"
    try:
        return await call_backs.page(conn, over=over, queue=queue, limit=ROWS, after=after)
    except BadCursor:
        return await call_backs.page(conn, over=over, queue=queue, limit=ROWS)


def _address(tab: str, queue: str, after: str | None = None) -> str:
    given = {"tab": tab if tab != "open" else "", "queue": queue, "after": after or ""}
    words = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{words}" if words else PATH
