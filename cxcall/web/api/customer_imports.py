"""`/customers/import`, `/customers/imports`: a CSV file taken in line by line, watched, taken back as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.customers.profile import Problem as LineProblem
from cxcall.customers.table_import import Candidate, Field, LineProblems, UnreadableTable, guess, read_lines, read_table
from cxcall.store import imports, managers
from cxcall.store.imports import Import, ImportLine
from cxcall.web.access import OVERSEERS
from cxcall.web.api.acts import note_act
from cxcall.web.api.endpoint import ROOT, Answer, Asked, Endpoint
from cxcall.web.api.handle import read_at_most
from cxcall.web.api.paging import After, Limit, bad_cursor
from cxcall.web.api.scopes import Scope
from cxcall.web.api.wire import Time
from cxcall.web.pages.customer_import_run import RUNNER
from cxcall.web.problems import Problem

MOST_BYTES = 20 * 1024 * 1024
SHOWN = 100
LARGEST_LINE = 2**31 - 1


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How the file is taken."""

    file: Annotated[
        Annotated[str, msgspec.Meta(max_length=200)], msgspec.Meta(description="Its name, for the list of imports.")
    ] = "api.csv"


class ErrorQuery(msgspec.Struct, frozen=True, kw_only=True):
    limit: Limit = 50
    after: After | None = None


class LineError(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file (1 is the header) that is not taken, and why."""

    line: int
    cells: list[str]
    problems: list[str]


class LineErrorList(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that were not taken, in the order of the file; `next` is null on the last page."""

    items: list[LineError]
    next: str | None


class CustomerImport(msgspec.Struct, frozen=True, kw_only=True):
    """An import and how far it is: `done` of `lines`.

    `columns` says what each column (from 0) was read as. `errors` are the first lines that were not taken.
    `kept` counts lines an undo left, because people changed their customer since.
    """

    id: str
    file: str
    by: str
    state: Literal["running", "done", "undoing", "undone"]
    made_at: Time
    ended_at: Time | None
    columns: dict[str, str]
    lines: int
    done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    undone: int
    kept: int
    errors: list[LineError]


class ImportCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What an import of the file would not take; nothing was written. `errors` are the first of `failed` lines."""

    columns: dict[str, str]
    lines: int
    failed: int
    errors: list[LineError]


async def check_customer_import(asked: Asked[None, None]) -> ImportCheck:
    """Says what is wrong with a file, so that it can be put right before the import."""
    columns, lines = await _sent(asked)
    wrong = [line for line in lines if isinstance(line, LineProblems)]
    return ImportCheck(
        columns={str(column): field for column, field in columns.items()},
        lines=len(lines),
        failed=len(wrong),
        errors=[_error(line.line, line.cells, line.problems) for line in wrong[:SHOWN]],
    )


async def import_customers(asked: Asked[ImportQuery, None]) -> Answer:
    """A customer is found by number, else by e-mail, and completed; other lines make new ones.

    Columns are told by their headers, in English or Persian. A line is taken whole or not at all. Give `Location`
    a look now and then until `state` is `done`.
    """
    columns, lines = await _sent(asked)
    async with asked.engine.begin() as conn:
        job = await imports.stage(conn, file=asked.query.file, by=asked.who.name, mapping=columns, lines=lines)
        await note_act(asked, conn, "customers.import", f"import:{job.id}", {"file": job.file})
        shown = _shown(job, await imports.failed_lines(conn, job.id, limit=SHOWN))
    asked.request.app[RUNNER].go(job.id)
    return Answer(value=shown, headers={"Location": f"{ROOT}/customers/imports/{job.id}"})


async def get_customer_import(asked: Asked[None, None]) -> CustomerImport:
    """Progress of an import."""
    async with asked.engine.connect() as conn:
        job = await _found(asked, conn)
        failed = await imports.failed_lines(conn, job.id, limit=SHOWN)
    if job.state in ("running", "undoing"):
        asked.request.app[RUNNER].go(job.id)  # after a restart it goes on as soon as somebody asks
    return _shown(job, failed)


async def list_import_errors(asked: Asked[ErrorQuery, None]) -> LineErrorList:
    query = asked.query
    async with asked.engine.connect() as conn:
        job = await _found(asked, conn)
        lines = await imports.failed_lines(conn, job.id, after=_line(query.after), limit=query.limit + 1)
    shown = lines[: query.limit]
    following = str(shown[-1].line) if len(lines) > len(shown) else None
    return LineErrorList(items=[_error(line.line, line.cells, line.problems) for line in shown], next=following)


async def undo_customer_import(asked: Asked[None, None]) -> CustomerImport:
    """Takes back what the import did; what people changed since stays."""
    async with asked.engine.begin() as conn:
        job = await imports.undo(conn, (await _found(asked, conn)).id)
        await note_act(asked, conn, "customers.import.undo", f"import:{job.id}", {"file": job.file})
        failed = await imports.failed_lines(conn, job.id, limit=SHOWN)
    asked.request.app[RUNNER].go(job.id)
    return _shown(job, failed)


async def _sent(asked: Asked[Any, None]) -> tuple[dict[int, Field], list[Candidate | LineProblems]]:
    """Columns and lines of the file in the body. Raises Problem 413, 415, 422."""
    if asked.request.content_type != "text/csv":
        raise Problem(415, "Send the file as text/csv.")
    data = await read_at_most(asked.request, MOST_BYTES)
    async with asked.engine.connect() as conn:
        names = await managers.by_name(conn)
    return await asyncio.to_thread(_read, data, asked.country, names)


def _read(
    data: bytes, country: str, names: Mapping[str, str]
) -> tuple[dict[int, Field], list[Candidate | LineProblems]]:
    """Columns and lines of the file. Raises Problem 422. Takes a second for 20 MB: call it in a thread."""
    try:
        table = read_table(data)
    except UnreadableTable as error:
        raise Problem(422, str(error)) from error
    columns = guess(table.header)
    if not {"name", "numbers"} & set(columns.values()):
        raise Problem(422, "No column is named as one for names or numbers: name, phone, نام, شماره …")
    return columns, list(read_lines(table.lines, columns, country, names))


async def _found(asked: Asked[Any, Any], conn: AsyncConnection) -> Import:
    job = await imports.get(conn, asked.path["id"])
    if job is None:
        raise Problem(404, "There is no such import.")
    return job


def _line(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdigit()) or int(after) > LARGEST_LINE:
        raise bad_cursor()
    return int(after)


def _error(line: int, cells: Sequence[str], problems: Sequence[LineProblem]) -> LineError:
    return LineError(line=line, cells=list(cells), problems=[str(problem) for problem in problems])


def _shown(job: Import, failed: Sequence[ImportLine]) -> CustomerImport:
    return CustomerImport(
        id=job.id,
        file=job.file,
        by=job.by,
        state=job.state,
        made_at=job.made_at,
        ended_at=job.ended_at,
        columns={str(column): field for column, field in job.mapping.items()},
        lines=job.lines,
        done=job.done,
        created=job.created,
        updated=job.updated,
        unchanged=job.unchanged,
        failed=job.failed,
        undone=job.undone,
        kept=job.kept,
        errors=[_error(line.line, line.cells, line.problems) for line in failed],
    )


ENDPOINTS = (
    Endpoint(
        method="POST", path="/customers/import/check", handler=check_customer_import,
        summary="Look at a CSV file before its import", tag="customers", scope=Scope.CUSTOMERS_WRITE,
        roles=OVERSEERS, body=str, body_type="text/csv", gives=ImportCheck,
    ),
    Endpoint(
        method="POST", path="/customers/import", handler=import_customers, summary="Import customers from CSV",
        tag="customers", scope=Scope.CUSTOMERS_WRITE, roles=OVERSEERS, query=ImportQuery, body=str,
        body_type="text/csv", gives=CustomerImport, status=202, gives_headers=("Location",),
    ),
    Endpoint(
        method="GET", path="/customers/imports/{id}", handler=get_customer_import, summary="Progress of an import",
        tag="customers", scope=Scope.CUSTOMERS_READ, roles=OVERSEERS, gives=CustomerImport,
    ),
    Endpoint(
        method="GET", path="/customers/imports/{id}/errors", handler=list_import_errors,
        summary="Lines that were not taken", tag="customers", scope=Scope.CUSTOMERS_READ, roles=OVERSEERS,
        query=ErrorQuery, gives=LineErrorList,
    ),
    Endpoint(
        method="POST", path="/customers/imports/{id}/undo", handler=undo_customer_import,
        summary="Take a whole import back", tag="customers", scope=Scope.CUSTOMERS_WRITE, roles=OVERSEERS,
        gives=CustomerImport, status=202,
    ),
)  # fmt: skip
