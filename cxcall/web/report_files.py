"""Tables of reports as CSV that spreadsheets open right, and as XLSX with real dates, durations and shares.

In CSV times are seconds and shares parts of one, without rounding that would be seen; a formula can't hide in a cell.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import xlsxwriter

from cxcall.cells import BOM, harmless
from cxcall.reports.period import Span
from cxcall.reports.table import Cell, Kind, Sheet
from cxcall.web.presentation import current
from cxcall.web.words import gettext as _

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

DAY_S = 86400
"""Spreadsheets count time in days."""

FORMATS: dict[Kind, str] = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "count": "#,##0",
    "share": "0.0%",
    "seconds": "[h]:mm:ss",
    "points": "+0;-0;0",
    "score": "+0.00;-0.00;0.00",
    "mean": "0.00",
    "per_minute": "0.0",
}


def csv_bytes(sheet: Sheet) -> bytes:
    """A heading line, a line a row, the total last; UTF-8 with its mark."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([harmless(column.title) for column in sheet.columns])
    for row in (*sheet.rows, sheet.total):
        lines.writerow([written(cell) for cell in row])
    return (BOM + text.getvalue()).encode()


def written(cell: Cell) -> str:
    """A cell of a text file."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else f"{round(cell, 6):.12g}"


def xlsx_bytes(sheet: Sheet) -> bytes:
    """A workbook: the table under what it is about, and what its figures mean. Takes a while: not for the event
    loop."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    _Table(book, sheet).write()
    _meanings(book, sheet)
    book.close()
    return file.getvalue()


class _Table:
    """The first sheet."""

    def __init__(self, book: Any, sheet: Sheet) -> None:
        self._sheet = sheet
        self._page = book.add_worksheet(_("Report"))
        self._bold = book.add_format({"bold": True})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._formats = {kind: book.add_format({"num_format": text}) for kind, text in FORMATS.items()}
        self._totals = {
            kind: book.add_format({"num_format": text, "bold": True, "top": 1}) for kind, text in FORMATS.items()
        }
        if current().rtl:
            self._page.right_to_left()

    def write(self) -> None:
        sheet, page = self._sheet, self._page
        page.write_string(0, 0, sheet.title, self._title)
        place = 1
        for label, value in sheet.about:
            page.write_string(place, 0, label)
            page.write_string(place, 1, value)
            place += 1
        for note in sheet.notes:
            page.write_string(place, 0, note)
            place += 1
        place += 1
        for n, column in enumerate(sheet.columns):
            page.write_string(place, n, column.title, self._bold)
            page.set_column(n, n, 24 if column.kind == "text" else max(12, min(len(column.title) + 2, 28)))
        page.freeze_panes(place + 1, 1)
        for row in sheet.rows:
            place += 1
            self._row(place, row, self._formats)
        self._row(place + 1, sheet.total, self._totals)

    def _row(self, place: int, row: tuple[Cell, ...], formats: dict[Kind, Any]) -> None:
        for n, (cell, column) in enumerate(zip(row, self._sheet.columns, strict=True)):
            form = formats[column.kind]
            if isinstance(cell, str):
                self._page.write_string(place, n, cell, form)
            elif isinstance(cell, date):  # also moments
                self._page.write_datetime(place, n, cell, form)
            elif cell is not None:
                self._page.write_number(place, n, cell / DAY_S if column.kind == "seconds" else cell, form)
            elif formats is self._totals:
                self._page.write_blank(place, n, None, form)


def _meanings(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(_("What the figures mean"))
    if current().rtl:
        page.right_to_left()
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True})
    for n, (width, heading) in enumerate(((24, _("Name")), (30, _("Figure")), (100, _("Meaning")))):
        page.set_column(n, n, width)
        page.write_string(0, n, heading, bold)
    for place, meaning in enumerate(sheet.meanings, start=1):
        for n, text in enumerate((meaning.measure, meaning.title, meaning.sentence)):
            page.write_string(place, n, text, wrapped)


def file_name(report: str, span: Span, kind: str) -> str:
    """`queues_2026-11-01_2026-11-30.csv`: days are Gregorian, in letters any system takes."""
    return f"{report}_{span.first}_{span.last}.{kind}"
