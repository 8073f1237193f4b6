"""/search: one box for pages, customers and calls; as a page without scripts, as a list for Ctrl K."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from cxcall.web import navigation, render
from cxcall.web.access import needs, user_of
from cxcall.web.digits import typed
from cxcall.web.keys import SEARCHES
from cxcall.web.searches import Group, Hit, Search
from cxcall.web.words import gettext as _

PATIENCE_S = 2.0
LONGEST = 100

routes = web.RouteTableDef()
log = structlog.get_logger("cxcall.web")


@dataclass(frozen=True, slots=True)
class SearchView:
    text: str
    groups: Sequence[Group]


@routes.get("/search")
@needs()
async def show(request: web.Request) -> web.Response:
    text = typed(request.query.get("q", ""))[:LONGEST]
    found = await asyncio.gather(*(_asked(one, request, text) for one in request.app[SEARCHES]))
    view = SearchView(text, [group for group in found if group is not None and group.hits])
    if request.headers.get("X-Fragment"):
        return render.fragment(request, "_found.html", view)
    return render.page(request, "search.html", view)


async def search(request: web.Request, text: str) -> Group | None:
    """Pages of the menu whose name, in either language, has the text in it."""
    role = user_of(request).role
    items = [(item, item.label_for(role)) for item in navigation.menu_of(role)]
    hits = [
        Hit(path=item.path, icon=item.icon, title=_(label))
        for item, label in items
        if text.casefold() in f"{label} {_(label)}".casefold()
    ]
    return Group(title=_("Pages"), hits=hits)


async def _asked(one: Search, request: web.Request, text: str) -> Group | None:
    """A search that is slow or fails leaves its part out; the others are shown."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await one(request, text)
    except Exception as error:
        log.warning("search_failed", search=one.__module__, error=type(error).__name__)
        return None
