"""Responses with their answers as CSV that spreadsheets open right, and as XLSX with typed cells.

Both are read from the database in pages; the CSV leaves as it is read, the XLSX is written to a file first (a
spreadsheet has its directory at its end) a row at a time, so that neither needs more memory than a page.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.cells import BOM, harmless
from cxcall.store import survey_pages, survey_questions, surveys
from cxcall.store.survey_answers import ResponseRow
from cxcall.store.survey_pages import ResponseFilter
from cxcall.web.keys import ENGINE
from cxcall.web.pages.survey_table import Cell, Columns, width_of
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

AT_ONCE = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_XLSX = 1_048_575
"""Rows a sheet holds below its heading."""


async def send_csv(request: web.Request, wanted: ResponseFilter) -> web.StreamResponse:
    """All responses as CSV, UTF-8 with its mark, sent while they are read; `X-Total-Count` says how many."""
    engine = request.app[ENGINE]
    columns, total = await _columns(engine, wanted)
    response = web.StreamResponse(headers=_headers("csv", total))
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    await response.write((BOM + _lines([columns.header])).encode())
    async for rows in _chunks(engine, wanted):
        await response.write(_lines([columns.cells(row) for row in rows]).encode())
    await response.write_eof()
    return response


async def send_xlsx(request: web.Request, wanted: ResponseFilter) -> web.StreamResponse:
    """All responses as a spreadsheet: numbers as numbers, times as times, the heading frozen."""
    engine = request.app[ENGINE]
    columns, total = await _columns(engine, wanted)
    with tempfile.TemporaryDirectory(prefix="cxcall-export-") as folder:
        path = Path(folder) / "responses.xlsx"
        sheet = await asyncio.to_thread(Sheet, path, columns.header)
        async for rows in _chunks(engine, wanted):
            cells = [columns.cells(row) for row in rows]
            await asyncio.to_thread(sheet.add, cells)
        await asyncio.to_thread(sheet.close)
        response = web.StreamResponse(headers=_headers("xlsx", min(total, MOST_XLSX)))
        response.content_type = XLSX
        response.content_length = path.stat().st_size
        await response.prepare(request)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, 256 * 1024):
                await response.write(piece)
        await response.write_eof()
    return response


class Sheet:
    """A spreadsheet written row by row, each leaving memory at once. Not for the event loop: it writes files."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._book: Any = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._sheet = self._book.add_worksheet(_("Responses"))
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._next = 1
        if current().rtl:
            self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(width_of(header)):
            self._sheet.set_column(column, column, width)
        self._sheet.write_row(0, 0, header, self._book.add_format({"bold": True}))

    def add(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Write rows below the last one; what a sheet can't hold any more is left out."""
        for row in rows[: max(0, MOST_XLSX + 1 - self._next)]:
            for column, cell in enumerate(row):
                self._write(column, cell)
            self._next += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _write(self, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, datetime):
            self._sheet.write_datetime(self._next, column, cell, self._moment)
        elif isinstance(cell, str):
            self._sheet.write_string(self._next, column, cell)
        else:
            self._sheet.write_number(self._next, column, cell)


async def _columns(engine: AsyncEngine, wanted: ResponseFilter) -> tuple[Columns, int]:
    async with engine.connect() as conn:
        questions = await survey_questions.asked(conn, wanted)
        names = {survey.id: survey.name for survey in await surveys.everything(conn, state=None)}
        total = await survey_pages.count(conn, wanted, at_most=10_000_000)
    return Columns(questions=questions, surveys=names), total


async def _chunks(engine: AsyncEngine, wanted: ResponseFilter) -> AsyncIterator[Sequence[ResponseRow]]:
    """All responses in pages; each page on a connection of its own, so that no snapshot is held for long."""
    after: str | None = None
    while True:
        async with engine.connect() as conn:
            found = await survey_pages.page(conn, wanted, limit=AT_ONCE, after=after)
        if found.rows:
            yield found.rows
        after = found.next
        if after is None:
            return


def _headers(kind: str, total: int) -> dict[str, str]:
    name = f"survey-responses-{current().local(current().now):%Y-%m-%d}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "X-Total-Count": str(total)}


def _lines(rows: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[_written(cell) for cell in row] for row in rows])
    return text.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return harmless(cell) if isinstance(cell, str) else f"{cell:g}"
