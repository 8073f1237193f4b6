"""/quality/scorecards/ID/versions: what was published when, and each version as it was."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from cxcall.store.quality import scorecards
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.pages.quality_cards import form as forms
from cxcall.web.pages.quality_cards.shared import ONE, found, phrases
from cxcall.web.pages.quality_cards.view import VersionsView
from cxcall.web.render import page

routes = web.RouteTableDef()


@routes.get(ONE + "/versions")
@needs(*OVERSEERS)
async def versions(request: web.Request) -> web.Response:
    return page(request, "quality_cards/versions.html", await _versions(request))


@routes.get(ONE + "/versions/{n:[0-9]{1,8}}")
@needs(*OVERSEERS)
async def version(request: web.Request) -> web.Response:
    """One version as it was published."""
    view, n = await _versions(request), int(request.match_info["n"])
    async with request.app[ENGINE].connect() as conn:
        card = await scorecards.published(conn, view.kept.id, n)
    if card is None:
        raise web.HTTPNotFound
    return page(request, "quality_cards/versions.html", replace(view, n=n, shown=forms.of_card(card, n)))


async def _versions(request: web.Request) -> VersionsView:
    kept = await found(request)
    async with request.app[ENGINE].connect() as conn:
        published = await scorecards.versions(conn, kept.id)
        known = dict(await phrases(conn))
    return VersionsView(kept=kept, title=in_language(kept.draft.title), versions=published, phrases=known)
