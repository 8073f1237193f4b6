"""`cxcall customers import`, `imports`, `undo-import`, `export`: from and to a CSV file; `forget-decisions`."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall import service
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.customers.number import fold
from cxcall.customers.profile import Problem
from cxcall.customers.table_import import (
    EXPORT_HEADER,
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
from cxcall.settings import Settings
from cxcall.store import imports, managers, reasons, routing_forgetting
from cxcall.store.customer_export import export_rows
from cxcall.store.quality import forgetting as quality_forgetting

_BY = "command line"
_AT_ONCE = 100

group = typer.Typer(help="Customers from and to a CSV file, and what is to be forgotten of them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="customers")


@group.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file with a header line.")],
    column: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD, the column by name or number from 1; an empty FIELD leaves it out."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")] = False,
) -> None:
    """Add the customers of a file, and complete those that are known by one of their numbers.

    Exit 1 when a line was not taken (each is named on stderr), 2 when the file can't be read.
    """
    settings = context_of(ctx).settings()
    table = _table(file)
    mapping = _mapping(table.header, column or [])
    named = ", ".join(f"{table.header[n]} → {field}" for n, field in sorted(mapping.items()))
    typer.echo(f"Columns: {named}", err=True)
    names = asyncio.run(_managers(settings)) if "manager" in mapping.values() else {}
    lines = list(read_lines(table.lines, mapping, settings.site.country, names))
    work = _foresee(settings, lines) if dry_run else _take_in(settings, file.name, mapping, lines)
    failed = asyncio.run(work)
    if failed:
        raise Failure(f"{failed} of {len(lines)} lines {'would not be' if dry_run else 'were not'} taken; see above.")


@group.command("imports")
def imports_(ctx: typer.Context) -> None:
    """List the imports of pages, API and command line, the newest first: id, time, file, by whom, how it went."""
    asyncio.run(_list(context_of(ctx).settings()))


@group.command("undo-import")
def undo_import(
    ctx: typer.Context, import_id: Annotated[str, typer.Argument(metavar="ID", help="As `customers imports` says it.")]
) -> None:
    """Take a whole import back; what people changed since stays.

    Exit 1 when something of a line stayed (each is named on stderr), 2 when there is no such import.
    """
    left = asyncio.run(_take_back(context_of(ctx).settings(), import_id))
    if left:
        raise Failure(f"Of {left} lines something stayed; see above.")


@group.command()
def export(ctx: typer.Context) -> None:
    """Write all customers as CSV to stdout, in the form that import reads."""
    settings = context_of(ctx).settings()
    asyncio.run(_export(settings))


@group.command("forget-decisions")
def forget_decisions(
    ctx: typer.Context, number: Annotated[str, typer.Argument(help="A number of theirs, as they would dial it.")]
) -> None:
    """Take away from decisions where to send calls what tells whose calls they were, for all numbers of a customer.

    What they were made from goes, what they said when they were asked why they call, and what was written when their
    calls were reviewed; that a rule held, where a call was sent, what was wanted and what was scored stays counted.
    Exit 2: no number.
    """
    settings = context_of(ctx).settings()
    folded = fold(number, settings.site.country)
    if folded is None:
        raise Failure(f"{number} is not a phone number.", code=2)
    decided, said, scored = asyncio.run(_forget(settings, folded))
    typer.echo(f"Decisions that tell nothing of them any more: {decided}.", err=True)
    typer.echo(f"Calls of which is forgotten what they said when they were asked why they call: {said}.", err=True)
    typer.echo(f"Evaluations without the words reviewers wrote about their calls: {scored}.", err=True)


def _table(file: Path) -> SourceTable:
    try:
        return read_table(file.read_bytes())
    except OSError as error:
        raise Failure(f"The file {file} can't be read: {error.strerror}.", code=2) from error
    except UnreadableTable as error:
        raise Failure(f"{file}: {error}", code=2) from error


def _mapping(header: Sequence[str], asked: Iterable[str]) -> dict[int, Field]:
    """What each column holds: guessed from its name, then as asked for."""
    mapping = guess(header)
    known: dict[str, Field] = {field: field for field in FIELDS}
    for one in asked:
        name, equals, field = one.rpartition("=")
        column = _column(header, name.strip())
        if not equals or column is None:
            raise Failure(f"--map {one}: there is no such column. The columns are: {', '.join(header)}.", code=2)
        mapping.pop(column, None)
        if field.strip():
            if field.strip() not in known:
                raise Failure(f"--map {one}: there is no field {field!r}; there are {', '.join(FIELDS)}.", code=2)
            mapping[column] = known[field.strip()]
    if not {"name", "numbers"} & set(mapping.values()):
        columns = ", ".join(header)
        raise Failure(
            f"No column holds names or numbers. Say which with --map COLUMN=numbers. There are: {columns}.", 2
        )
    return mapping


def _column(header: Sequence[str], name: str) -> int | None:
    if name in header:
        return header.index(name)
    return int(name) - 1 if name.isdecimal() and 1 <= int(name) <= len(header) else None


async def _foresee(settings: Settings, lines: Sequence[Candidate | LineProblems]) -> int:
    """What an import would do; the number of lines that would not be taken."""
    counted = {"created": 0, "updated": 0, "unchanged": 0}
    failed = 0
    async with _database(settings) as engine, engine.connect() as conn:
        for line in lines:
            if isinstance(line, LineProblems):
                failed += 1
                _name(line.line, line.problems)
                continue
            try:
                action, _ = await imports.foresee(conn, line)
                counted[action] += 1
            except imports.Refused as refused:
                failed += 1
                _name(line.line, (refused.problem,))
    _sum("Would be", counted["created"], counted["updated"], counted["unchanged"], failed)
    return failed


async def _take_in(
    settings: Settings, name: str, mapping: dict[int, Field], lines: Sequence[Candidate | LineProblems]
) -> int:
    """Import the lines; the number of those that were not taken."""
    async with _database(settings) as engine:
        async with engine.begin() as conn:
            job = await imports.stage(conn, file=name, by=_BY, mapping=mapping, lines=lines)
        with _bars() as bars:
            bar = bars.add_task("Importing", total=job.lines)
            while job.state == "running":
                async with engine.begin() as conn:
                    job = await imports.run_some(conn, job.id, at_most=_AT_ONCE)
                bars.update(bar, completed=job.done)
        await _name_all(engine, imports.failed_lines, job.id)
    _sum("Were", job.created, job.updated, job.unchanged, job.failed)
    if job.created or job.updated:
        typer.echo(f"It is taken back by: cxcall customers undo-import {job.id}", err=True)
    return job.failed


async def _list(settings: Settings) -> None:
    async with _database(settings) as engine, engine.connect() as conn:
        for job in await imports.newest(conn):
            counts = f"new {job.created}, completed {job.updated}, not taken {job.failed}"
            typer.echo("\t".join((job.id, f"{job.made_at:%Y-%m-%d %H:%M}", job.file, job.by, job.state, counts)))


async def _take_back(settings: Settings, import_id: str) -> int:
    """Undo an import; the number of lines of which something stayed."""
    async with _database(settings) as engine:
        try:
            async with engine.begin() as conn:
                job = await imports.undo(conn, import_id)
        except imports.NoSuchImport as error:
            raise Failure(f"There is no import {import_id}. See: cxcall customers imports", code=2) from error
        with _bars() as bars:
            bar = bars.add_task("Taking back", total=job.created + job.updated)
            while job.state == "undoing":
                async with engine.begin() as conn:
                    job = await imports.undo_some(conn, job.id, at_most=_AT_ONCE)
                bars.update(bar, completed=job.undone + job.kept)
        await _name_all(engine, imports.kept_lines, job.id)
    typer.echo(f"Taken back: {job.undone} lines, something stayed of {job.kept}.", err=True)
    return job.kept


def _bars() -> Progress:
    return Progress(console=Console(stderr=True), transient=True)


async def _name_all(
    engine: AsyncEngine, lines: Callable[..., Awaitable[Sequence[imports.ImportLine]]], import_id: str
) -> None:
    """Name each of the `lines` of an import with what is to be said of it."""
    last = 0
    async with engine.connect() as conn:
        while some := await lines(conn, import_id, after=last):
            for line in some:
                _name(line.line, line.problems)
            last = some[-1].line


async def _forget(settings: Settings, number: str) -> tuple[int, int, int]:
    forgotten, some = 0, 1
    async with _database(settings) as engine:
        while some:
            async with engine.begin() as conn:
                some = await routing_forgetting.forget_caller(conn, number)
            forgotten += some
        async with engine.begin() as conn:
            said = await reasons.forget_caller(conn, number)
            return forgotten, said, await quality_forgetting.forget_caller(conn, number)


async def _managers(settings: Settings) -> dict[str, str]:
    """Who a column of account managers may name."""
    async with _database(settings) as engine, engine.connect() as conn:
        return await managers.by_name(conn)


async def _export(settings: Settings) -> None:
    async with _database(settings) as engine, engine.connect() as conn:
        _write_row(EXPORT_HEADER)
        async for row in export_rows(conn):
            _write_row(row)


def _write_row(row: Sequence[str]) -> None:
    """One line of CSV in UTF-8, whatever the terminal's own letters are."""
    line = io.StringIO()
    csv.writer(line).writerow(row)
    sys.stdout.buffer.write(line.getvalue().encode())


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    try:
        async with service.database(settings) as engine:
            yield engine
    except service.ServiceError as error:
        raise Failure(str(error), code=error.code) from error
    except BrokenPipeError:
        raise  # who read our export has gone; that is no fault of the database
    except (SQLAlchemyError, OSError) as error:
        raise Failure(service.unreachable(settings, error)) from error


def _name(line: int, problems: Sequence[Problem]) -> None:
    typer.echo(f"line {line}: {' '.join(map(str, problems))}", err=True)


def _sum(verb: str, created: int, updated: int, unchanged: int, failed: int) -> None:
    counts = f"new {created}, completed {updated}, as before {unchanged}, not taken {failed}"
    typer.echo(f"{verb}: {counts}.", err=True)
