"""/quality/scorecards: the list; a scorecard is retired, used again, copied."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store.errors import Conflict
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import CLOCK, ENGINE
from cxcall.web.pages.agents.shared import note
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_cards.shared import ONE, PATH, found
from cxcall.web.pages.quality_cards.view import Line, ListView
from cxcall.web.pages.quality_kept import undone_by, version_sent
from cxcall.web.render import Done, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

DONE = {
    "saved": N_("The draft is saved."),
    "published": N_("Published. Calls are scored by it from now on."),
    "retired": N_("The scorecard is retired. What was scored by it stays."),
    "restored": N_("The scorecard is in use again."),
    "copied": N_("This is the copy. Change it as you like."),
}
routes = web.RouteTableDef()


@routes.get(PATH)
@needs(*OVERSEERS)
async def list_page(request: web.Request) -> web.Response:
    return page(request, "quality_cards/list.html", await list_of(request), done=done_of(request))


@routes.post(ONE + "/{act:retire|restore}")
@needs(*OVERSEERS)
async def retire(request: web.Request) -> web.StreamResponse:
    """409 when somebody else changed it since the page was made. To take a retirement back no version is needed."""
    kept, act = await found(request), request.match_info["act"]
    form = await request.post()
    version = kept.version if act == "restore" and "version" not in form else version_sent(form)
    do = scorecards.retire if act == "retire" else scorecards.restore
    try:
        async with request.app[ENGINE].begin() as conn:
            await do(conn, kept.id, version=version, by=user_of(request).name, now=request.app[CLOCK]())
            await note(request, conn, f"scorecard.{act}", f"scorecard:{kept.id}", name=in_language(kept.draft.title))
    except Conflict:
        latest = await found(request)
        message = undone_by(in_language(latest.draft.title), latest.updated_by, latest.updated_at)
        return page(request, "quality_cards/list.html", await list_of(request, message), status=409)
    raise web.HTTPSeeOther(f"{PATH}?done={'retired' if act == 'retire' else 'restored'}&who={kept.id}")


@routes.post(ONE + "/copy")
@needs(*OVERSEERS)
async def copy(request: web.Request) -> web.StreamResponse:
    kept = await found(request)
    async with request.app[ENGINE].begin() as conn:
        made = await scorecards.copy(conn, kept.id, by=user_of(request).name, now=request.app[CLOCK]())
        await note(request, conn, "scorecard.copy", f"scorecard:{made.id}", of=kept.id)
    raise web.HTTPSeeOther(f"{PATH}/{made.id}?done=copied")


def done_of(request: web.Request) -> Done | None:
    """What was just done, with the way back of a retirement."""
    word, who = request.query.get("done", ""), request.query.get("who", "")
    if word not in DONE:
        return None
    return Done(text=_(DONE[word]), undo=f"{PATH}/{who}/restore" if word == "retired" and who.isalnum() else "")


async def list_of(request: web.Request, message: Markup | str = "") -> ListView:
    """The list, with why something was not done."""
    async with request.app[ENGINE].connect() as conn:
        lines = [await _line(conn, kept) for kept in await scorecards.everything(conn)]
    return ListView(lines=sorted(lines, key=lambda line: line.state == "retired"), message=message)


async def _line(conn: AsyncConnection, kept: KeptScorecard) -> Line:
    ahead = kept.published is not None and await scorecards.published(conn, kept.id, kept.published) != kept.draft
    return Line(kept=kept, title=in_language(kept.draft.title), ahead=ahead)
