"""Two profiles of one person made one: find the other, look at both, confirm; and take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.customers.merge import merged
from cxcall.customers.profile import Profile
from cxcall.store import calls, customer_merges, customer_pages, managers
from cxcall.store.calls import CallFilter
from cxcall.store.customer_merges import CannotMerge
from cxcall.store.customer_pages import CustomerFilter, CustomerRow
from cxcall.store.customers import Customer
from cxcall.web.access import Forbidden, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE
from cxcall.web.pages.customer_profile import ONE, PATH, note_act, opened, tell
from cxcall.web.pages.customer_view import NAMES, number_title, read_of
from cxcall.web.render import page
from cxcall.web.words import gettext as _

MOST = 20

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSearchView:
    customer: Customer
    title: str
    text: str
    rows: Sequence[CustomerRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLine:
    """One field of both profiles and of the one they become."""

    name: str
    kept: str
    gone: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeView:
    kept: Customer
    gone: Customer
    kept_title: str
    gone_title: str
    lines: Sequence[MergeLine]
    kept_calls: int
    gone_calls: int


@routes.get(ONE + "/merge")
@needs()
async def find(request: web.Request) -> web.Response:
    """Search for the other profile of this person."""
    text = typed(request.query.get("q", ""))[:200]
    async with request.app[ENGINE].connect() as conn:
        customer = await opened(conn, request)
        wanted = text or customer.profile.name
        found = (await customer_pages.page(conn, CustomerFilter(text=wanted), limit=MOST)).rows if wanted else []
    rows = [row for row in found if row.id != customer.id]
    title = customer.profile.name or number_title(customer)
    return page(request, "customer_merge.html", MergeSearchView(customer=customer, title=title, text=text, rows=rows))


@routes.get(ONE + "/merge/{other:[0-9a-f]+}")
@needs()
async def preview(request: web.Request) -> web.Response:
    """Both profiles, and the one they would become."""
    async with request.app[ENGINE].connect() as conn:
        kept, gone = await opened(conn, request), await opened(conn, request, "other")
        if kept.id == gone.id:
            raise web.HTTPFound(f"{PATH}/{kept.id}")
        view = MergeView(
            kept=kept,
            gone=gone,
            kept_title=kept.profile.name or number_title(kept),
            gone_title=gone.profile.name or number_title(gone),
            lines=_lines(kept.profile, gone.profile, await managers.shown(conn)),
            kept_calls=await calls.count(conn, CallFilter(customer_id=kept.id)),
            gone_calls=await calls.count(conn, CallFilter(customer_id=gone.id)),
        )
    return page(request, "customer_merge_preview.html", view)


@routes.post(ONE + "/merge/{other:[0-9a-f]+}")
@needs()
async def confirm(request: web.Request) -> web.StreamResponse:
    try:
        async with request.app[ENGINE].begin() as conn:
            kept, gone = await opened(conn, request), await opened(conn, request, "other")
            done = await customer_merges.merge(conn, kept.id, gone.id, by=user_of(request).name)
            await note_act(request, conn, "customer.merge", kept.id, gone=gone.id)
    except CannotMerge as error:
        raise Forbidden(_(str(error))) from error
    tell(request, kept.id)
    tell(request, gone.id)
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done=merged&who={done.id}")


@routes.post(ONE + "/merges/{merge:[0-9a-f]+}/undo")
@needs()
async def undo(request: web.Request) -> web.StreamResponse:
    try:
        async with request.app[ENGINE].begin() as conn:
            kept, gone, _stays = await customer_merges.undo_merge(conn, request.match_info["merge"])
            await note_act(request, conn, "customer.unmerge", kept.id, gone=gone.id)
    except CannotMerge as error:
        raise Forbidden(_(str(error))) from error
    tell(request, kept.id)
    raise web.HTTPSeeOther(f"{PATH}/{kept.id}?done=unmerged")


def _lines(kept: Profile, gone: Profile, people: Mapping[str, str]) -> list[MergeLine]:
    mine, theirs, result = (read_of(profile, people) for profile in (kept, gone, merged(kept, gone)))
    return [
        MergeLine(name=name, kept=mine[key], gone=theirs[key], result=result[key])
        for key, name in NAMES.items()
        if mine[key] or theirs[key]
    ]
