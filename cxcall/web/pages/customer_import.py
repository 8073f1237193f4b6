"""Customers from a CSV file: upload, look at what would happen, start, watch, take back."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.cells import BOM, harmless
from cxcall.customers.profile import Problem
from cxcall.customers.table_import import (
    FIELDS,
    Candidate,
    Field,
    LineProblems,
    SourceTable,
    UnreadableTable,
    guess,
    read_lines,
    read_table,
)
from cxcall.store import audit, imports, managers
from cxcall.store.imports import Import
from cxcall.web.access import OVERSEERS, needs, user_of
from cxcall.web.keys import ENGINE, SETTINGS
from cxcall.web.observe import address_of
from cxcall.web.pages.customer_import_run import RUNNER, drop_upload, keep_upload, read_upload
from cxcall.web.pages.forms import Form, field
from cxcall.web.pages.labels import Label
from cxcall.web.presentation import current
from cxcall.web.render import fragment, page
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/customers/import"
UPLOAD = PATH + "/upload/{key:[0-9a-f]{32}}"
JOB = PATH + "/{id:[0-9a-f]{26}}"
MOST_BYTES = 20 * 1024 * 1024
SHOWN = 8
WRONG_SHOWN = 10

FIELD_NAMES: dict[Field, str] = {
    "name": N_("Name"), "numbers": N_("Number"), "emails": N_("E-mail"), "company": N_("Company"), "city": N_("City"),
    "tier": N_("Tier"), "language": N_("Language"), "tags": N_("Tags"), "value": N_("Customer value"),
    "manager": N_("Account manager"), "note": N_("Note"),
}  # fmt: skip
ACTIONS: dict[str, Label] = {
    "created": Label(text=N_("New customer"), kind="good", icon="plus"),
    "updated": Label(text=N_("Completes a profile"), kind="acc", icon="user"),
    "unchanged": Label(text=N_("Already there"), icon="check"),
    "failed": Label(text=N_("Can't be taken"), kind="bad", icon="alert"),
}
STATES: dict[str, Label] = {
    "running": Label(text=N_("Running"), kind="acc", icon="clock"),
    "done": Label(text=N_("Done"), kind="good", icon="check"),
    "undoing": Label(text=N_("Being taken back"), kind="warn", icon="clock"),
    "undone": Label(text=N_("Taken back"), icon="back"),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartView:
    history: Sequence[Import]
    problem: str = ""

    @property
    def states(self) -> Mapping[str, Label]:
        return STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    line: int
    cells: tuple[str, ...]
    label: Label
    problems: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """`mapping`: column → field as chosen; `good` and `wrong` count lines of the whole file."""

    key: str
    file: str
    header: Sequence[str]
    mapping: Mapping[int, Field]
    rows: Sequence[PreviewRow]
    wrong_rows: Sequence[PreviewRow]
    good: int
    wrong: int
    problem: str = ""

    @property
    def fields(self) -> Sequence[tuple[Field, str]]:
        return [(name, FIELD_NAMES[name]) for name in FIELDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    job: Import
    wrong: Sequence[PreviewRow]
    kept: Sequence[PreviewRow]

    @property
    def state(self) -> Label:
        return STATES[self.job.state]

    @property
    def going_on(self) -> bool:
        return self.job.state in ("running", "undoing")


@routes.get(PATH)
@needs(*OVERSEERS)
async def start_page(request: web.Request) -> web.Response:
    return await _start(request)


@routes.post(PATH)
@needs(*OVERSEERS)
async def upload(request: web.Request) -> web.StreamResponse:
    """Take a file in and show what is in it; nothing is written to customers yet."""
    sent = (await request.post()).get("file")
    if not isinstance(sent, web.FileField) or not sent.filename:
        return await _start(request, _("Choose a file first."), status=422)
    data = await asyncio.to_thread(sent.file.read, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        return await _start(request, _("The file is larger than 20 MB. Split it and import the parts."), status=413)
    try:
        await asyncio.to_thread(read_table, data)
    except UnreadableTable as error:
        return await _start(request, _(str(error)), status=422)
    key = await asyncio.to_thread(keep_upload, _folder(request), sent.filename, data)
    raise web.HTTPSeeOther(f"{PATH}/upload/{key}")


@routes.get(UPLOAD)
@needs(*OVERSEERS)
async def preview(request: web.Request) -> web.Response:
    file, table = await _table(request)
    return await _preview(request, file, table, guess(table.header))


@routes.post(UPLOAD)
@needs(*OVERSEERS)
async def decide(request: web.Request) -> web.StreamResponse:
    """Show the preview with the columns as chosen now, or start the import with them."""
    form = await request.post()
    file, table = await _table(request)
    mapping = _mapping(form, len(table.header))
    if field(form, "do") == "cancel":
        await asyncio.to_thread(drop_upload, _folder(request), request.match_info["key"])
        raise web.HTTPSeeOther(PATH)
    if field(form, "do") != "start":
        return await _preview(request, file, table, mapping)
    if not {"name", "numbers"} & set(mapping.values()):
        problem = _("Say which column holds the name or the number.")
        return await _preview(request, file, table, mapping, problem, status=422)
    lines = await _lines(request, table, mapping)
    async with request.app[ENGINE].begin() as conn:
        job = await imports.stage(conn, file=file, by=user_of(request).name, mapping=mapping, lines=lines)
        await _note(request, conn, "customers.import", job)
    request.app[RUNNER].go(job.id)
    await asyncio.to_thread(drop_upload, _folder(request), request.match_info["key"])
    raise web.HTTPSeeOther(f"{PATH}/{job.id}")


@routes.get(JOB)
@needs(*OVERSEERS)
async def job_page(request: web.Request) -> web.Response:
    return page(request, "customer_import_job.html", await _job(request))


@routes.get(JOB + "/progress")
@needs(*OVERSEERS)
async def progress(request: web.Request) -> web.Response:
    """How far it is, fetched every second while it runs."""
    return fragment(request, "customer_import_progress.html", await _job(request))


@routes.get(JOB + "/errors.csv")
@needs(*OVERSEERS)
async def errors(request: web.Request) -> web.Response:
    """The lines that were not taken, each with the reasons, as CSV."""
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow([_("Line"), _("Why not"), _("What the line says")])
    after = 0
    async with request.app[ENGINE].connect() as conn:
        job = await _opened(conn, request)
        while lines := await imports.failed_lines(conn, job.id, after=after, limit=1000):
            for line in lines:
                reasons = " ".join(_say(problem) for problem in line.problems)
                out.writerow([line.line, harmless(reasons), *(harmless(cell) for cell in line.cells)])
            after = lines[-1].line
    headers = {"Content-Disposition": f'attachment; filename="import-{job.id[:8]}-errors.csv"'}
    return web.Response(text=BOM + text.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


@routes.post(JOB + "/undo")
@needs(*OVERSEERS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the whole import back; what people changed since stays and is listed."""
    async with request.app[ENGINE].begin() as conn:
        job = await imports.undo(conn, (await _opened(conn, request)).id)
        await _note(request, conn, "customers.import.undo", job)
    request.app[RUNNER].go(job.id)
    raise web.HTTPSeeOther(f"{PATH}/{job.id}")


async def _start(request: web.Request, problem: str = "", *, status: int = 200) -> web.Response:
    async with request.app[ENGINE].connect() as conn:
        history = await imports.newest(conn)
    return page(request, "customer_import.html", StartView(history=history, problem=problem), status=status)


async def _table(request: web.Request) -> tuple[str, SourceTable]:
    """The upload of the address, read. Raises 404 when it was decided on or is too old."""
    found = await asyncio.to_thread(read_upload, _folder(request), request.match_info["key"])
    if found is None:
        raise web.HTTPNotFound
    return found[0], await asyncio.to_thread(read_table, found[1])


async def _lines(
    request: web.Request, table: SourceTable, mapping: Mapping[int, Field]
) -> list[Candidate | LineProblems]:
    async with request.app[ENGINE].connect() as conn:
        names = await managers.by_name(conn)
    return await asyncio.to_thread(lambda: list(read_lines(table.lines, mapping, current().country, names)))


async def _preview(
    request: web.Request, file: str, table: SourceTable, mapping: Mapping[int, Field], problem: str = "", *,
    status: int = 200,
) -> web.Response:  # fmt: skip
    lines = await _lines(request, table, mapping)
    wrong = [line for line in lines if isinstance(line, LineProblems)]
    cells = dict(table.lines)
    async with request.app[ENGINE].connect() as conn:
        rows = [await _foreseen(conn, line, cells[line.line]) for line in lines[:SHOWN]]
    view = PreviewView(
        key=request.match_info["key"],
        file=file,
        header=table.header,
        mapping=mapping,
        rows=rows,
        wrong_rows=[_wrong(line) for line in wrong[:WRONG_SHOWN]],
        good=len(lines) - len(wrong),
        wrong=len(wrong),
        problem=problem,
    )
    return page(request, "customer_import_preview.html", view, status=status)


async def _foreseen(conn: AsyncConnection, line: Candidate | LineProblems, cells: tuple[str, ...]) -> PreviewRow:
    """What would become of a line."""
    if isinstance(line, LineProblems):
        return _wrong(line)
    try:
        action, _customer = await imports.foresee(conn, line)
    except imports.Refused as refused:
        return PreviewRow(line=line.line, cells=cells, label=ACTIONS["failed"], problems=[_say(refused.problem)])
    return PreviewRow(line=line.line, cells=cells, label=ACTIONS[action], problems=())


def _wrong(line: LineProblems) -> PreviewRow:
    reasons = [_say(problem) for problem in line.problems]
    return PreviewRow(line=line.line, cells=line.cells, label=ACTIONS["failed"], problems=reasons)


async def _job(request: web.Request) -> JobView:
    async with request.app[ENGINE].connect() as conn:
        job = await _opened(conn, request)
        wrong = await imports.failed_lines(conn, job.id, limit=WRONG_SHOWN)
        kept = await imports.kept_lines(conn, job.id, limit=WRONG_SHOWN)
    if job.state in ("running", "undoing"):
        request.app[RUNNER].go(job.id)  # after a restart it goes on as soon as somebody looks
    return JobView(job=job, wrong=[_kept_row(line) for line in wrong], kept=[_kept_row(line) for line in kept])


def _kept_row(line: imports.ImportLine) -> PreviewRow:
    reasons = [_say(problem) for problem in line.problems]
    return PreviewRow(line=line.line, cells=line.cells, label=ACTIONS["failed"], problems=reasons)


async def _opened(conn: AsyncConnection, request: web.Request) -> Import:
    job = await imports.get(conn, request.match_info["id"])
    if job is None:
        raise web.HTTPNotFound
    return job


def _mapping(form: Form, columns: int) -> dict[int, Field]:
    chosen = {column: field(form, f"column{column}") for column in range(columns)}
    return {column: name for column, name in chosen.items() if name in FIELDS}


def _say(problem: Problem) -> str:
    return _(problem.sentence).format(value=problem.value[:60])


def _folder(request: web.Request) -> Path:
    return request.app[SETTINGS].data_dir / "uploads"


async def _note(request: web.Request, conn: AsyncConnection, act: str, job: Import) -> None:
    await audit.add(
        conn, actor=user_of(request).name, act=act, subject=f"import:{job.id}", details={"file": job.file},
        address=address_of(request), at=current().now,
    )  # fmt: skip
