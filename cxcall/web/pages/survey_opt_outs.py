"""/admin/surveys/opt-outs: numbers that are never asked, by their own key or by a person; added and let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.customers.number import fold
from cxcall.store import survey_opt_outs
from cxcall.store.paging import BadCursor
from cxcall.store.survey_opt_outs import OptOut
from cxcall.web.access import Role, needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.survey_loading import done_of, note_act
from cxcall.web.pages.survey_words import PATH as SURVEYS
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

PATH = SURVEYS + "/opt-outs"
ROWS = 50

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutsView:
    rows: Sequence[OptOut]
    older: str | None
    newer: str | None
    typed: str = ""
    error: str = ""


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    return page(request, "survey_opt_outs.html", await _view(request), done=done_of(request))


@routes.post(PATH)
@needs(Role.ADMIN)
async def change(request: web.Request) -> web.StreamResponse:
    """Add a number (`add`) or let one be asked again (`remove`)."""
    form = await request.post()
    written, remove = typed(field(form, "add"))[:40], field(form, "remove")[:40]
    number = fold(written, current().country) if written else None
    if not remove and number is None:
        wrong = _("{value} is not a phone number.").format(value=written or "—")
        return page(request, "survey_opt_outs.html", await _view(request, written, wrong), status=422)
    async with request.app[ENGINE].begin() as conn:
        if remove:
            await survey_opt_outs.remove(conn, remove)
        elif number is not None:
            await survey_opt_outs.add(conn, number, how="person", by=user_of(request).name, at=current().now)
        act = "survey.opt_in" if remove else "survey.opt_out"
        await note_act(request, conn, act, f"number:{remove or number}")
    raise web.HTTPSeeOther(f"{PATH}?done={'opted-in' if remove else 'opted-out'}")


async def _view(request: web.Request, written: str = "", error: str = "") -> OptOutsView:
    async with request.app[ENGINE].connect() as conn:
        try:
            found = await survey_opt_outs.page(conn, limit=ROWS, after=request.query.get("after"))
        except BadCursor:
            found = await survey_opt_outs.page(conn, limit=ROWS)
    older = f"{PATH}?after={found.next}" if found.next else None
    newer = f"{PATH}?after={found.previous}" if found.previous else None
    return OptOutsView(rows=found.rows, older=older, newer=newer, typed=written, error=error)
