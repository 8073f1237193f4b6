"""/admin/routing/versions: what was published, by whom, why; what differs from what holds; and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from cxcall.routing.checking import can_publish
from cxcall.store import rule_sets
from cxcall.store.errors import Conflict
from cxcall.store.rule_sets import NoSuchVersion, Version, VersionLine
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE
from cxcall.web.pages.forms import field
from cxcall.web.pages.routing import loading, words
from cxcall.web.pages.routing.loading import Around, around, done_of, note_act
from cxcall.web.pages.routing.telling import Found, ToldChange, ToldRule, changes_told, found, rule_told
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import gettext as _

PATH = words.PATH + "/versions"
ROWS = 50

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsView:
    """`shown` is the version looked at, `changes` what going back to it would change, `wrong` why it can't hold now."""

    rows: Sequence[VersionLine]
    around: Around
    older: int | None
    shown: Version | None = None
    changes: Sequence[ToldChange] = ()
    told: Sequence[tuple[str, ToldRule]] = ()
    wrong: Sequence[Found] = ()
    message: str = ""

    def who(self, row: VersionLine) -> str:
        return self.around.names.shown(row.by) or "cxcall"

    def why(self, note: str) -> str:
        """The note; cxcall's own in the reader's language."""
        return _(note) if note == words.ENDED_ITSELF else note


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    view = await _view(request, number_in(request.query.get("n", "")))
    return page(request, "routing/versions.html", view, done=done_of(request))


@routes.post(PATH)
@needs(Role.ADMIN)
async def roll_back(request: web.Request) -> web.StreamResponse:
    """That version holds again, as a new one; the draft is left alone."""
    form = await request.post()
    n, base = number_in(field(form, "n")), number_in(field(form, "base"))
    view = await _view(request, n)
    if view.wrong:
        return page(request, "routing/versions.html", await _view(request, n, words.NOT_PUBLISHED), status=422)
    try:
        async with request.app[ENGINE].begin() as conn:
            made = await rule_sets.roll_back(conn, n, base=base, by=user_of(request).name, now=current().now)
            await note_act(request, conn, "routing.restore", version=made.n, restores=n)
    except Conflict:
        return page(request, "routing/versions.html", await _view(request, n, words.OUTDATED), status=409)
    except NoSuchVersion:
        raise web.HTTPNotFound from None
    loading.tell(request, made.n)
    raise web.HTTPSeeOther(f"{PATH}?done=restored")


async def _view(request: web.Request, n: int, message: str = "") -> VersionsView:
    before = number_in(request.query.get("before", ""))
    async with request.app[ENGINE].connect() as conn:
        here = await around(conn)
        rows = await rule_sets.history(conn, limit=ROWS + 1, before=before or None)
        shown = await rule_sets.get(conn, n) if n else None
    if n and shown is None:
        raise web.HTTPNotFound
    older = rows[ROWS - 1].n if len(rows) > ROWS else None
    reader = here.reader
    if shown is None:
        return VersionsView(rows=rows[:ROWS], around=here, older=older)
    problems = here.problems(shown.rules)
    return VersionsView(
        rows=rows[:ROWS],
        around=here,
        older=older,
        shown=shown,
        changes=changes_told(here.published, shown.rules, reader),
        told=[(rule.name or rule.id, rule_told(rule, reader)) for rule in shown.rules.rules],
        wrong=[] if can_publish(problems) else [one for one in found(problems, reader) if one.error],
        message=_(message) if message else "",
    )
