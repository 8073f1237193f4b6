"""What the pages of plans share: their addresses, and finding the one that is asked for."""

from __future__ import annotations

from aiohttp import web

from cxcall.store.quality import plans
from cxcall.store.quality.plans import Plan
from cxcall.web.keys import ENGINE

PATH = "/quality/plans"
ONE = PATH + "/{id:[0-9a-f]{20,}}"


async def find(request: web.Request) -> Plan | None:
    """The plan the address names, None: it was deleted, or never was."""
    async with request.app[ENGINE].connect() as conn:
        return await plans.get(conn, request.match_info.get("id", ""))
