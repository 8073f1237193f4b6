"""Views of the list of calls: tabs above it, saved from its filters, shared by role, one of them opened first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.letters import tidy
from cxcall.store import saved_views
from cxcall.store.errors import Conflict
from cxcall.store.saved_views import LONGEST_NAME, LONGEST_QUERY, NoSuchView, TooManyViews, View
from cxcall.store.sharing import Reader, Shared, shared_of
from cxcall.web import errors
from cxcall.web.access import needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages import calls_filter
from cxcall.web.pages.agents.shared import CONFLICT, NAME_MISSING, note
from cxcall.web.pages.calls_filter import Asked
from cxcall.web.pages.forms import field as sent
from cxcall.web.pages.own_reports.tabs import SHARED, Tab, Tabs
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

CALLS, LIST = "/calls", "calls"
PATH = CALLS + "/views"
ONE = PATH + "/{id:[0-9a-f]+}"
TOO_MANY = N_("You keep so many views already that they could not be told apart. Delete one first.")
DONE = {
    "view-saved": N_("The view is saved."),
    "view-removed": N_("The view is deleted."),
    "view-restored": N_("The view is back."),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewForm:
    """A view of one's own to change; `now`: filters it could be given in place of its own."""

    view: View
    name: str
    shared: str
    first: bool
    address: str
    choices: list[tuple[str, str]]
    error: str = ""
    message: str = ""


def reader_of(request: web.Request) -> Reader:
    user = user_of(request)
    return Reader(id=user.id, role=user.role.value)


def choices_of(request: web.Request) -> list[tuple[str, str]]:
    """Agents keep views for themselves; overseers share."""
    return [(key, _(word)) for key, word in SHARED.items() if key == "nobody" or user_of(request).oversees]


async def open_first(request: web.Request, path: str) -> None:
    """Lead a reader who asks for the bare list to the view they open it with."""
    if request.query_string:
        return
    async with request.app[ENGINE].connect() as conn:
        view = await saved_views.default_of(conn, LIST, reader_of(request))
    if view is not None and view.query:
        raise web.HTTPSeeOther(f"{path}?{view.query}")


async def tabs(conn: AsyncConnection, request: web.Request, asked: Asked) -> Tabs:
    """The tabs above the list as it is asked for now."""
    reader = reader_of(request)
    kept = await saved_views.listed(conn, LIST, reader)
    first = await saved_views.default_of(conn, LIST, reader)
    query = query_of(asked)
    return Tabs(
        tabs=[
            Tab(
                id=one.id, name=one.name, address=f"{CALLS}?{one.query}", current=one.query == query,
                first=first is not None and first.id == one.id, edit=f"{PATH}/{one.id}",
                owner="" if one.owner_id == reader.id else one.owner,
            )
            for one in kept
        ],
        query=query,
        can_save=bool(query) and all(one.query != query for one in kept),
        choices=choices_of(request),
        all=f"{CALLS}?all=1" if first else CALLS,
        all_current=not query,
    )  # fmt: skip


def query_of(asked: Asked) -> str:
    """The filters as an address has them, always alike."""
    return asked.address("").removeprefix("?")


def done(request: web.Request) -> Done | None:
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    undo = f"{PATH}/{who}/restore" if word == "view-removed" and who.isalnum() else ""
    return Done(text=_(DONE[word]), undo=undo)


@routes.post(PATH)
@needs()
async def keep(request: web.Request) -> web.StreamResponse:
    """Keep the filters of the page under a name."""
    form = await request.post()
    name, query = tidy(sent(form, "name"))[:LONGEST_NAME], _query(sent(form, "query"))
    if not name or not query:
        return errors.answer(request, 422, _(NAME_MISSING))
    user = user_of(request)
    try:
        async with request.app[ENGINE].begin() as conn:
            view = await saved_views.create(
                conn, LIST, name=name, owner_id=user.id, query=query, shared=_shared(request, sent(form, "shared")),
                now=request.app[CLOCK](),
            )  # fmt: skip
            if sent(form, "first"):
                await saved_views.open_first(conn, LIST, user.id, view.id)
            await note(request, conn, "view.create", f"view:{view.id}", name=view.name)
    except TooManyViews:
        return errors.answer(request, 409, _(TOO_MANY))
    raise web.HTTPSeeOther(f"{CALLS}?{urlencode({'done': 'view-saved'})}&{view.query}")


@routes.get(ONE)
@needs()
async def show(request: web.Request) -> web.Response:
    return await _show(request, await _found(request))


@routes.post(ONE)
@needs()
async def change(request: web.Request) -> web.StreamResponse:
    """Name, sharing and being opened first; of a view that was shared only the last."""
    view, form, user = await _found(request), await request.post(), user_of(request)
    name, shared, first = tidy(sent(form, "name")), _shared(request, sent(form, "shared")), bool(sent(form, "first"))
    mine = view.owner_id == user.id
    if mine and not name:
        return await _show(request, view, error=_(NAME_MISSING), name=name, shared=shared, status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            if mine:
                await saved_views.save(
                    conn, view.id, owner_id=user.id, version=_version(sent(form, "version"), view), name=name,
                    shared=shared, query=view.query,
                )  # fmt: skip
            opened = await saved_views.default_of(conn, LIST, reader_of(request))
            if first or (opened is not None and opened.id == view.id):
                await saved_views.open_first(conn, LIST, user.id, view.id if first else None)
            await note(request, conn, "view.change", f"view:{view.id}", name=name or view.name)
    except (Conflict, NoSuchView):
        again = await _found(request)
        return await _show(request, again, message=_(CONFLICT), name=name, shared=shared, status=409)
    raise web.HTTPSeeOther(f"{CALLS}?done=view-saved&{view.query}")


@routes.post(ONE + "/remove")
@needs()
async def remove(request: web.Request) -> web.StreamResponse:
    view, form = await _found(request), await request.post()
    try:
        async with request.app[ENGINE].begin() as conn:
            await saved_views.remove(
                conn, view.id, owner_id=user_of(request).id, version=_version(sent(form, "version"), view),
                now=request.app[CLOCK](),
            )  # fmt: skip
            await note(request, conn, "view.remove", f"view:{view.id}", name=view.name)
    except (Conflict, NoSuchView):
        return await _show(request, view, message=_(CONFLICT), status=409)
    raise web.HTTPSeeOther(f"{CALLS}?all=1&done=view-removed&who={view.id}")


@routes.post(ONE + "/restore")
@needs()
async def restore(request: web.Request) -> web.StreamResponse:
    async with request.app[ENGINE].begin() as conn:
        if not await saved_views.restore(conn, request.match_info["id"], owner_id=user_of(request).id):
            raise web.HTTPNotFound
        await note(request, conn, "view.restore", f"view:{request.match_info['id']}")
    raise web.HTTPSeeOther(f"{CALLS}?all=1&done=view-restored")


async def _found(request: web.Request) -> View:
    async with request.app[ENGINE].connect() as conn:
        view = await saved_views.get(conn, request.match_info["id"], reader_of(request))
    if view is None:
        raise web.HTTPNotFound
    return view


async def _show(
    request: web.Request,
    view: View,
    *,
    name: str | None = None,
    shared: Shared | None = None,
    error: str = "",
    message: str = "",
    status: int = 200,
) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        first = await saved_views.default_of(conn, LIST, reader_of(request))
    form = ViewForm(
        view=view, name=view.name if name is None else name, shared=shared or view.shared,
        first=first is not None and first.id == view.id, address=f"{CALLS}?{view.query}",
        choices=choices_of(request) if view.owner_id == user_of(request).id else [], error=error, message=message,
    )  # fmt: skip
    return page(request, "own_reports/view.html", form, status=status)


def _query(text: str) -> str:
    """The filters of an address, read and written anew, so that nothing else is kept."""
    return query_of(calls_filter.read({key: values[0] for key, values in parse_qs(text[:LONGEST_QUERY]).items()}))


def _shared(request: web.Request, text: str) -> Shared:
    return shared_of(text) if user_of(request).oversees else "nobody"


def _version(text: str, view: View) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else view.version
