"""/admin/routing/text: the draft as text, and text as the draft; what can't be read is named with line and column."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from cxcall.routing.text import from_text, to_text
from cxcall.store.errors import Conflict
from cxcall.web.access import Role, needs
from cxcall.web.digits import digits
from cxcall.web.pages.forms import field
from cxcall.web.pages.routing import loading, words
from cxcall.web.pages.routing.loading import around_of, new_rule_id
from cxcall.web.pages.survey_loading import number_in
from cxcall.web.render import page
from cxcall.web.words import gettext as _

PATH = words.PATH + "/text"
LONGEST = 500_000
MOST_ERRORS = 30

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What can't be read, and where; both from 1."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    text: str
    version: int
    errors: Sequence[Wrong] = ()
    message: str = ""

    @property
    def rows(self) -> int:
        return min(max(self.text.count("\n") + 3, 16), 40)


@routes.get(PATH)
@needs(Role.ADMIN)
async def show(request: web.Request) -> web.Response:
    around = await around_of(request)
    text = await asyncio.to_thread(to_text, around.draft.rules, around.names.logins)
    return page(request, "routing/text.html", TextView(text=text, version=around.draft.version))


@routes.post(PATH)
@needs(Role.ADMIN)
async def save(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    text = field(form, "text").replace("\r\n", "\n").replace("\0", "")[:LONGEST]
    around = await around_of(request)
    found = await asyncio.to_thread(from_text, text, around.names.logins, new_id=new_rule_id)
    if found.rules is None:
        wrong = [
            Wrong(
                line=one.line, column=one.column,
                text=_(one.sentence).format(**{name: digits(value) for name, value in one.values.items()}),
            )
            for one in found.errors[:MOST_ERRORS]
        ]  # fmt: skip
        view = TextView(text=text, version=number_in(field(form, "version")), errors=wrong, message=_(words.NOT_READ))
        return page(request, "routing/text.html", view, status=422)
    based_on = replace(around.draft, version=number_in(field(form, "version")))
    try:
        await loading.save(request, based_on, found.rules)
    except Conflict:
        version = (await around_of(request)).draft.version
        return page(request, "routing/text.html", TextView(text=text, version=version, message=_(words.CONFLICT)),
                    status=409)  # fmt: skip
    raise web.HTTPSeeOther(f"{words.PATH}?done=saved")
