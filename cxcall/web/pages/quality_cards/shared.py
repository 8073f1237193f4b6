"""What the pages of scorecards share: their addresses, and finding the one that is asked for."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.store import categories
from cxcall.store.quality import scorecards
from cxcall.store.quality.scorecards import KeptScorecard
from cxcall.web.keys import ENGINE
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.words import N_

PATH = "/quality/scorecards"
ONE = PATH + "/{id:[0-9a-f]{20,}}"
RULES = {
    "": N_("by the reviewer"),
    "phrase": N_("yes if this was said"),
    "silence": N_("yes if silence is at most (per cent of the talk)"),
    "interruptions": N_("yes if the agent interrupts at most (times)"),
}
STATES = {"draft": N_("draft"), "published": N_("published"), "retired": N_("retired")}


def state_of(kept: KeptScorecard | None) -> str:
    """draft, published or retired; one that is new is a draft."""
    if kept is None:
        return "draft"
    return "retired" if kept.retired_at else "draft" if kept.published is None else "published"


async def found(request: web.Request) -> KeptScorecard:
    """The scorecard the address names. Raises 404."""
    async with request.app[ENGINE].connect() as conn:
        kept = await scorecards.get(conn, request.match_info.get("id", ""))
    if kept is None:
        raise web.HTTPNotFound
    return kept


async def phrases(conn: AsyncConnection) -> list[tuple[str, str]]:
    """What can have to be said: ids and names of categories."""
    return [(id_, in_language(name) or id_) for id_, name in (await categories.names(conn)).items()]
