"""Queues and their members as CSV: sent out, and taken in after a look at what would change. Only drafts change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from aiohttp import web

from cxcall.cells import BOM
from cxcall.queues import member_tables, tables
from cxcall.queues.csv_table import MOST_BYTES, LineError
from cxcall.queues.definition import QueueDefinition
from cxcall.queues.tables import Import, Row
from cxcall.store import queues
from cxcall.store.errors import Conflict
from cxcall.store.queues import KeptQueue, NoSuchQueue, QueueNameTaken
from cxcall.web.access import Role, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.pages.customer_import_run import drop_upload, keep_upload, read_upload
from cxcall.web.pages.forms import field
from cxcall.web.pages.queues import words
from cxcall.web.pages.queues.loading import Around, around, note_act, server_names
from cxcall.web.presentation import current
from cxcall.web.render import page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

What = Literal["queues", "members"]
PATH = words.PATH + "/import"
UPLOAD = PATH + "/{key:[0-9a-f]{32}}"
SHOWN = 200

STATES: Mapping[str, tuple[str, str]] = {
    "new": (N_("New queue"), "good"),
    "changed": (N_("Changes"), "acc"),
    "same": (N_("As it is"), ""),
}
NO_FILE = N_("Choose a file first.")
TOO_LARGE = N_("The file is larger than 5 MB or has more than 20,000 lines. Split it.")
MEANWHILE = N_("Somebody else changed a queue meanwhile. Look at the preview again.")

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView:
    """Before a file is chosen (`key` ""), and what is in it after that."""

    servers: Sequence[str]
    server: str
    what: What = "queues"
    key: str = ""
    file: str = ""
    found: Import | None = None
    problem: str = ""

    @property
    def rows(self) -> Sequence[Row]:
        return self.found.rows[:SHOWN] if self.found else ()

    @property
    def wrong(self) -> Sequence[LineError]:
        return self.found.errors[:SHOWN] if self.found else ()

    @property
    def changes(self) -> int:
        return sum(row.state != "same" for row in self.found.rows) if self.found else 0

    def state(self, row: Row) -> tuple[str, str]:
        return STATES[row.state]

    def sentence(self, error: LineError) -> str:
        return _(error.sentence).format(**error.values)


@routes.get(words.PATH + "/export.csv")
@needs(Role.ADMIN)
async def export(request: web.Request) -> web.Response:
    """Drafts as they are now; every queue that cxcall writes."""
    server, what = _server(request, request.query.get("server", "")), _what(request.query.get("what", ""))
    here = await around(request, server)
    definitions = [one.draft for one in here.kept if one.draft is not None]
    if what == "members":
        text = member_tables.write_members(definitions, here.people)
    else:
        text = tables.write_queues(definitions, _hours(here))
    headers = {"Content-Disposition": f'attachment; filename="{what}-{server}.csv"'}
    return web.Response(text=BOM + text.removeprefix(BOM), content_type="text/csv", charset="utf-8", headers=headers)


@routes.get(PATH)
@needs(Role.ADMIN)
async def start(request: web.Request) -> web.Response:
    return _start(request, request.query.get("server", ""))


@routes.post(PATH)
@needs(Role.ADMIN)
async def upload(request: web.Request) -> web.StreamResponse:
    """Take a file in and show what is in it; nothing changes yet."""
    form = await request.post()
    sent, server, what = form.get("file"), field(form, "server"), _what(field(form, "what"))
    if not isinstance(sent, web.FileField) or not sent.filename:
        return _start(request, server, NO_FILE, 422)
    data = await asyncio.to_thread(sent.file.read, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        return _start(request, server, TOO_LARGE, 413)
    key = await asyncio.to_thread(keep_upload, _folder(request), sent.filename, data)
    raise web.HTTPSeeOther(f"{PATH}/{key}?server={_server(request, server)}&what={what}")


@routes.get(UPLOAD)
@needs(Role.ADMIN)
async def preview(request: web.Request) -> web.Response:
    view, _kept = await _read(request)
    return page(request, "queues/import.html", view)


@routes.post(UPLOAD)
@needs(Role.ADMIN)
async def decide(request: web.Request) -> web.StreamResponse:
    """Change the drafts as the file says, all or none; or forget the file."""
    do, key = field(await request.post(), "do"), request.match_info["key"]
    view, kept = await _read(request)
    if do == "start" and view.found is not None:
        if view.wrong:
            return page(request, "queues/import.html", view, status=422)
        try:
            await _write(request, view, view.found, kept)
        except (Conflict, NoSuchQueue, QueueNameTaken):
            again, _now = await _read(request, MEANWHILE)
            return page(request, "queues/import.html", again, status=409)
    await asyncio.to_thread(drop_upload, _folder(request), key)
    raise web.HTTPSeeOther(words.PATH + ("?done=imported" if do == "start" else ""))


async def _write(request: web.Request, view: SheetView, found: Import, kept: Mapping[str, KeptQueue]) -> None:
    who, now = user_of(request).name, current().now
    states = {row.queue: row.state for row in found.rows}
    async with request.app[ENGINE].begin() as conn:
        for definition in found.queues:
            known = kept.get(definition.name)
            if known is None:
                await queues.create(conn, view.server, definition, by=who, now=now)
            elif known.draft != definition:
                await queues.save_draft(
                    conn, view.server, definition.name, definition, version=known.version, by=who, now=now
                )
        await note_act(
            request, conn, "queues.import", f"server:{view.server}", file=view.file, what=view.what,
            queues=sorted(name for name, state in states.items() if state != "same")[:200],
        )  # fmt: skip


async def _read(request: web.Request, problem: str = "") -> tuple[SheetView, Mapping[str, KeptQueue]]:
    """The upload of the address against the drafts there are. Raises 404 when it was decided on or is too old."""
    server, what = _server(request, request.query.get("server", "")), _what(request.query.get("what", ""))
    key = request.match_info["key"]
    found = await asyncio.to_thread(read_upload, _folder(request), key)
    if found is None:
        raise web.HTTPNotFound
    here = await around(request, server)
    kept = {one.name: one for one in here.kept if one.kind == "managed"}
    existing: dict[str, QueueDefinition] = {name: one.draft for name, one in kept.items() if one.draft is not None}
    if what == "members":
        read = await asyncio.to_thread(member_tables.read_members, found[1], existing, here.people)
    else:
        read = await asyncio.to_thread(tables.read_queues, found[1], existing, _hours(here))
    view = SheetView(
        servers=server_names(request), server=server, what=what, key=key, file=found[0], found=read,
        problem=_(problem) if problem else "",
    )  # fmt: skip
    return view, kept


def _start(request: web.Request, server: str, problem: str = "", status: int = 200) -> web.Response:
    names = server_names(request)
    chosen = server if server in names else next(iter(names), "")
    view = SheetView(servers=names, server=chosen, problem=_(problem) if problem else "")
    return page(request, "queues/import.html", view, status=status)


def _hours(here: Around) -> dict[str, str]:
    return {id_: calendar.name for id_, calendar in here.calendars.items()}


def _what(text: str) -> What:
    return cast("What", text) if text in get_args(What) else "queues"


def _server(request: web.Request, wanted: str) -> str:
    if wanted not in server_names(request):
        raise web.HTTPNotFound
    return wanted


def _folder(request: web.Request) -> Path:
    return request.app[SETTINGS].data_dir / "uploads"
