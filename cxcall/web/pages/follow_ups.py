"""/followups and /surveys/call-backs: what is owed to customers, by whom and until when, and what came of it.

One list with two doors: everybody's follow-ups, and for supervisors those that answers of surveys set off.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from aiohttp import web

from cxcall.store import customers, tasks, users
from cxcall.store.paging import BadCursor
from cxcall.store.tasks import KINDS, Kind, TaskFilter
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.follow_up_view import TABS, FollowUpsView, day_end, grouped, rows
from cxcall.web.render import Done, fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/followups"
CALL_BACKS = "/surveys/call-backs"
ROWS = 50

DONE = {
    "made": N_("The follow-up was made."),
    "saved": N_("The follow-up was saved."),
    "taken": N_("The follow-up is yours."),
    "given": N_("The follow-up was given on."),
    "done": N_("Done: %(title)s"),
    "cancelled": N_("Called off: %(title)s"),
    "open": N_("Open again: %(title)s"),
}

routes = web.RouteTableDef()


@routes.get(PATH)
@needs()
async def list_page(request: web.Request) -> web.Response:
    return page(request, "follow_ups.html", await _view(request, PATH), done=await _done(request))


@routes.get(PATH + "/list")
@needs()
async def list_fragment(request: web.Request) -> web.Response:
    """The list alone, fetched anew when a task changes."""
    return fragment(request, "follow_ups_list.html", await _view(request, PATH))


@routes.get(CALL_BACKS)
@needs(*OVERSEERS)
async def call_backs_page(request: web.Request) -> web.Response:
    return page(request, "follow_ups.html", await _view(request, CALL_BACKS), done=await _done(request))


@routes.get(CALL_BACKS + "/list")
@needs(*OVERSEERS)
async def call_backs_fragment(request: web.Request) -> web.Response:
    return fragment(request, "follow_ups_list.html", await _view(request, CALL_BACKS))


async def _view(request: web.Request, path: str) -> FollowUpsView:
    me, now, query = user_of(request), request.app[CLOCK](), request.query
    usual = "all" if path == CALL_BACKS else "mine"
    allowed = TABS if me.oversees else {"mine": "", "free": ""}
    whose = query.get("whose", usual) if query.get("whose", usual) in allowed else usual
    kind = query.get("kind", "") if query.get("kind") in KINDS else ""
    state = "ended" if query.get("state") == "ended" else "open"
    wanted = TaskFilter(
        owner_id={"mine": me.id, "free": ""}.get(whose),
        state=None if state == "ended" else "open",
        ended=state == "ended",
        kind=cast("Kind | None", kind or None),
        from_survey=path == CALL_BACKS,
    )
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await tasks.page(conn, wanted, limit=ROWS, after=query.get("after"))
        except BadCursor:
            found = await tasks.page(conn, wanted, limit=ROWS)
        counts = await tasks.counts(conn, wanted, now=now, day_ends=day_end(now))
        people = {user.id: user for user in await users.everyone(conn)}
        known = await customers.many(conn, {task.customer_id for task in found.rows if task.customer_id})

    def address(after: str | None = None, **other: str) -> str:
        given = {"whose": whose if whose != usual else "", "kind": kind, "state": state if state != "open" else ""}
        given |= {"after": after or "", **other}
        words = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{words}" if words else path

    return FollowUpsView(
        path=path,
        whose=whose,
        tabs=[(name, address(whose=name if name != usual else "")) for name in allowed],
        kind=kind,
        state=state,
        groups=grouped(rows(found.rows, people, known, me.id, now)),
        counts=counts,
        older=address(found.next) if found.next else None,
        newer=address(found.previous) if found.previous else None,
        here=address(query.get("after")),
        channel="tasks" if me.oversees else f"tasks:{me.id}",
    )


async def _done(request: web.Request) -> Done | None:
    """The sentence for what was just done, with its undo."""
    done, task_id = request.query.get("done", ""), request.query.get("task", "")
    if done not in DONE:
        return None
    async with request.app[ENGINE].connect() as conn:
        task = await tasks.get(conn, task_id)
    if task is None:
        return None
    undo = f"{PATH}/{task.id}/open" if done in ("done", "cancelled") and task.state != "open" else ""
    return Done(text=_(DONE[done]) % {"title": task.title}, undo=undo)
