"""Versions of what cxcall wrote to an Asterisk: who, when, how it ended, what differs; and the way back to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.queues.differences import Diff
from cxcall.queues.line import read_files
from cxcall.store import queue_versions, users
from cxcall.store.queue_versions import VersionLine
from cxcall.web.access import Role, needs
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.listener_words import said
from cxcall.web.pages.queues import applying, words
from cxcall.web.pages.queues.lines import back
from cxcall.web.pages.queues.loading import around, done_of, server_names
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.render import page
from cxcall.web.words import gettext as _

PATH = words.PATH + "/history"
ROWS = 50

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """`n` is the version looked at, `diff` what going back to it would change; `standing` is what Asterisk has."""

    server: str
    queue: str
    rows: Sequence[VersionLine]
    names: Mapping[str, str]
    standing: int | None
    older: int | None
    n: int = 0
    diff: Sequence[Diff] = ()
    problem: str = ""
    conflict: Sequence[Diff] = ()

    def state(self, row: VersionLine) -> tuple[str, str]:
        return words.VERSIONS.get(row.state, (row.state, "warn"))

    def why(self, row: VersionLine) -> str:
        return said(row.problem) if row.problem else ""


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    server = _server(request, request.query.get("server", ""))
    return page(request, "queues/history.html", await _view(request, server), done=done_of(request))


@routes.post(PATH)
@needs(Role.ADMIN)
async def roll_back(request: web.Request) -> web.StreamResponse:
    """Give Asterisk that version again; drafts nobody edited since follow it."""
    form = await request.post()
    server, n = _server(request, field(form, "server")), number_in(field(form, "n"))
    async with request.app[ENGINE].connect() as conn:
        if await queue_versions.get(conn, server, n) is None:
            raise web.HTTPNotFound
    outcome = await applying.roll_back(request, server, n)
    if outcome.done:
        raise web.HTTPSeeOther(f"{PATH}?server={server}&done={outcome.done}")
    view = await _view(request, server, problem=outcome.problem, conflict=outcome.diff)
    return page(request, "queues/history.html", view, status=409)


async def _view(request: web.Request, server: str, *, problem: str = "", conflict: Sequence[Diff] = ()) -> HistoryView:
    wanted, before = number_in(request.query.get("n", "")), number_in(request.query.get("before", ""))
    here = await around(request, server)
    async with request.app[ENGINE].connect() as conn:
        rows = await queue_versions.history(conn, server, limit=ROWS + 1, before=before or None)
        names = {user.name: user.display_name or user.name for user in await users.everyone(conn)}
        version = await queue_versions.get(conn, server, wanted) if wanted else None
    if wanted and version is None:
        raise web.HTTPNotFound
    return HistoryView(
        server=server, queue=request.query.get("queue", "")[:80], rows=rows[:ROWS], names=names, standing=here.version,
        older=rows[ROWS - 1].n if len(rows) > ROWS else None, n=wanted,
        diff=back(here, read_files(version.text), version.definitions) if version else (),
        problem=problem, conflict=conflict,
    )  # fmt: skip


def _server(request: web.Request, wanted: str) -> str:
    names = server_names(request)
    if wanted not in names:
        raise web.HTTPNotFound(text=_(words.NO_SERVER))
    return wanted
