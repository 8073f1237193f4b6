"""`cxcall report`: a report on the command line, the same figures as on its page."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall import service
from cxcall.commands.context import context_of
from cxcall.commands.failure import Failure
from cxcall.reports.answer import Answer
from cxcall.reports.checking import BadReport
from cxcall.reports.period import CalendarName
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import Cell, Column, Sheet, sheet
from cxcall.settings import Settings
from cxcall.store import own_reports
from cxcall.store.own_reports import OwnReport
from cxcall.web import presentation, report_files, report_words
from cxcall.web.api.reports_shapes import shown
from cxcall.web.api.wire import plain
from cxcall.web.digits import number_text
from cxcall.web.presentation import Presentation
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_found import FoundReport, SeveralReports, find_report
from cxcall.web.report_making import answer, calendar_of, clock_of, question, word_of
from cxcall.web.report_reading import Question

Format = Literal["table", "csv", "json", "xlsx"]
FORMATS: tuple[str, ...] = get_args(Format)
TEXTS = ("text", "date", "moment")
MOST_S = 600.0
"""Seconds a report may take; then something is wrong with the database."""


def register(app: typer.Typer) -> None:
    app.command("report")(report)


def report(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A ready-made report, or name or id of a saved one; see --list.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day, in either calendar.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day, included.")] = "",
    when: Annotated[str, typer.Option(help="In place of days: today, yesterday, last_week, month …")] = "",
    by: Annotated[str, typer.Option(help="Kinds of rows: queue, agent, day, hour … ; total for none.")] = "",
    measures: Annotated[str, typer.Option(help="Figures, by their names with commas between them.")] = "",
    queue: Annotated[list[str] | None, typer.Option(help="Only this queue; may be given several times.")] = None,
    agent: Annotated[list[str] | None, typer.Option(help="Only this agent; may be given several times.")] = None,
    server: Annotated[list[str] | None, typer.Option(help="Only this server; may be given several times.")] = None,
    did: Annotated[list[str] | None, typer.Option(help="Only calls to this number.")] = None,
    direction: Annotated[str, typer.Option(help="inbound, outbound, internal.")] = "",
    short: Annotated[str, typer.Option(help="Whether short abandons count: in or out.")] = "",
    compare: Annotated[str, typer.Option(help="before, year, goal, or queue:NAME.")] = "",
    calendar: Annotated[str, typer.Option(help="gregorian or jalali, for weeks and months.")] = "",
    format_: Annotated[str, typer.Option("--format", help="table, csv, json or xlsx.")] = "table",
    output: Annotated[Path | None, typer.Option(help="Write to this file in place of standard output.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Name the reports there are, also the saved ones.")] = False,
) -> None:
    """Print a report: its figures of a period, as its page has them.

    Saved reports, whoever made them, have days of their own where none are given. Exit 2 when it can't be made as it is
    asked for, 1 when the database can't be read.
    """
    if list_:
        _list(ctx)
        return
    _refuse(name, format_, output)
    settings = context_of(ctx).settings()
    said = {
        "from": first, "to": last, "when": when, "by": by, "measures": measures, "direction": direction,
        "short": short, "compare": compare, "calendar": calendar,
        **{key: ",".join(values or ()) for key, values in
           (("queue", queue), ("agent", agent), ("server", server), ("did", did))},
    }  # fmt: skip
    if name in READY_MADE and not (first or last or when):
        raise Failure("Say which days: --from 2026-11-01 --to 2026-11-30, or --when last_month.", code=2)
    _present(settings, calendar_of(settings.site))
    found, made, wanted = asyncio.run(_make(settings, name, said))
    _present(settings, wanted.calendar)
    _write(found, made, wanted, settings, format_, output)


def _list(ctx: typer.Context) -> None:
    """A line each: what it is asked for by, and what it is. Ready-made ones are told without a database."""
    for name in READY_MADE:
        typer.echo(f"{name}\t{report_words.report_sentence(name)}")
    for one in asyncio.run(_saved(context_of(ctx).settings())):
        typer.echo(f"{one.id}\t{one.name} ({one.owner})")


async def _saved(settings: Settings) -> list[OwnReport]:
    async with _database(settings) as conn:
        return await own_reports.listed(conn, None)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AsyncConnection]:
    """Raises Failure where it can't be read."""
    try:
        async with asyncio.timeout(MOST_S), service.database(settings) as engine, engine.connect() as conn:
            yield conn
    except service.ServiceError as error:
        raise Failure(str(error), code=error.code) from error
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Failure(service.unreachable(settings, error)) from error


def _refuse(name: str, format_: str, output: Path | None) -> None:
    """What can't be done is said before any database is asked. Raises Failure."""
    if not name:
        raise Failure(f"Say which report. There are: {', '.join(READY_MADE)}; --list names saved ones too.", code=2)
    if format_ not in FORMATS:
        raise Failure(f"There is no format {format_}. There are: {', '.join(FORMATS)}.", code=2)
    if format_ == "xlsx" and output is None and sys.stdout.isatty():
        raise Failure("A spreadsheet is nothing for a terminal: name a file with --output report.xlsx.", code=2)


async def _make(settings: Settings, name: str, said: dict[str, str]) -> tuple[FoundReport, Answer, Question]:
    now = datetime.now(UTC)
    try:
        if name in READY_MADE:  # what is wrong with the words is said before the database is asked
            question(READY_MADE[name], said, site=settings.site, now=now)
        async with _database(settings) as conn:
            found = await _find(conn, name)
            wanted = question(found.definition, found.said(said), site=settings.site, now=now)
            return found, await answer(conn, wanted, site=settings.site, now=now), wanted
    except BadReport as error:
        told = " ".join(f"--{word_of(one)}: {report_words.problem_text(one)}" for one in error.problems)
        raise Failure(told, code=2) from error


async def _find(conn: AsyncConnection, name: str) -> FoundReport:
    try:
        found = await find_report(conn, name, None)
    except SeveralReports as error:
        raise Failure(str(error), code=2) from error
    if found is None:
        told = f"There is no report {name}. There are: {', '.join(READY_MADE)}; --list names saved ones too."
        raise Failure(told, code=2)
    return found


def _present(settings: Settings, calendar: CalendarName) -> None:
    """English words and Latin digits, the site's clock, the calendar asked for."""
    shown_as = Presentation(
        calendar=calendar, zone=ZoneInfo(settings.site.timezone), country=settings.site.country,
        now=datetime.now(UTC),
    )  # fmt: skip
    presentation.use(shown_as)


def _write(
    found: FoundReport, made: Answer, wanted: Question, settings: Settings, format_: str, output: Path | None
) -> None:
    if format_ == "json":
        text = msgspec.json.format(msgspec.json.encode(plain(shown(found.name, made, wanted.calendar))))
        _put(text + b"\n", output)
        return
    clock = clock_of(settings.site, wanted.calendar)
    words = FileWords(ids=format_ in ("csv", "xlsx"))
    table = sheet(made, found.title, words=words, zone=clock.zone, calendar=clock.calendar)
    if format_ == "csv":
        _put(report_files.csv_bytes(table), output)
    elif format_ == "xlsx":
        _put(report_files.xlsx_bytes(table), output)
    else:
        _print(table, output)


def _put(data: bytes, output: Path | None) -> None:
    """To standard output, or whole to a file or not at all."""
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    beside = output.with_name(f".{output.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Failure(f"The file {output} can't be written: {error.strerror}.", code=2) from error


def _print(table: Sheet, output: Path | None) -> None:
    """The table for people, with of how many a figure was made behind it; what there is to say of it goes to stderr."""
    shown_table = Table(title=table.title, caption=" · ".join(f"{label}: {value}" for label, value in table.about))
    places = [n for n, column in enumerate(table.columns) if not column.id.endswith((".n", ".before_n"))]
    for n in places:
        column = table.columns[n]
        shown_table.add_column(column.title, justify="left" if column.kind in TEXTS else "right")
    for row in table.rows:
        shown_table.add_row(*(_text(row, n, table.columns) for n in places))
    shown_table.add_section()
    shown_table.add_row(*(_text(table.total, n, table.columns) for n in places), style="bold")
    width = None if sys.stdout.isatty() and output is None else 40 + 16 * len(places)
    text = io.StringIO()
    Console(width=width, file=text, force_terminal=False).print(shown_table)
    _put(text.getvalue().encode(), output)
    for note in table.notes:
        typer.echo(note, err=True)


def _text(row: Sequence[Cell], n: int, columns: Sequence[Column]) -> str:
    """A cell; a share or a mean as 81.3% of 120."""
    cell, column = row[n], columns[n]
    if column.kind in TEXTS:
        return report_files.written(cell)
    text = report_words.figure_text(column.kind, cell if isinstance(cell, (int, float)) else None)
    after = columns[n + 1] if n + 1 < len(columns) else None
    made_of = row[n + 1] if after is not None and after.id in (f"{column.id}.n", f"{column.id}_n") else None
    return text if cell is None or not isinstance(made_of, (int, float)) else f"{text} ({number_text(made_of)})"
