"""/quality/disputes: what agents do not agree with, the eldest first; answered on the evaluation's own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.store.quality import disputes, evaluations
from cxcall.store.quality.disputes import Dispute
from cxcall.store.quality.evaluations import Evaluation
from cxcall.web.access import OVERSEERS, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.quality.shared import PATH, Known, known
from cxcall.web.render import page

ROWS = 100

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputesView:
    rows: Sequence[tuple[Dispute, Evaluation]]
    known: Known
    all: bool


@routes.get(PATH + "/disputes")
@needs(*OVERSEERS)
async def show(request: web.Request) -> web.Response:
    every = request.query.get("which") == "all"
    async with request.app[ENGINE].connect() as conn:
        found = await disputes.listed(conn, open_only=not every, limit=ROWS)
        about = await evaluations.by_ids(conn, [one.evaluation_id for one in found])
        names = await known(conn)
    rows = [(one, about[one.evaluation_id]) for one in found if one.evaluation_id in about]
    return page(request, "quality/disputes.html", DisputesView(rows=rows, known=names, all=every))
