"""The table of categories as CSV that spreadsheets open right, and as XLSX with typed cells."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import xlsxwriter
from aiohttp import web

from cxcall.cells import BOM, harmless
from cxcall.web.pages.speech.category_words import SHORT_KINDS, name_of
from cxcall.web.pages.speech.figures_loading import Figures
from cxcall.web.pages.survey_export import XLSX
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

HEADER = (
    N_("Category"), N_("Kind"), N_("From day"), N_("To day"), N_("Calls"), N_("Calls heard"), N_("Share"),
    N_("Calls before"), N_("Calls heard before"), N_("Share before"), N_("Mean sentiment"), N_("Negative"),
    N_("Neutral"), N_("Positive"),
)  # fmt: skip
Cell = str | float | None


async def send(request: web.Request, read: Figures, *, xlsx: bool) -> web.Response:
    """Answer with the table of a question; days are Gregorian, numbers in Latin digits."""
    made = rows(read)
    day = f"{current().local(current().now):%Y-%m-%d}"
    body = await asyncio.to_thread(_xlsx, made) if xlsx else (BOM + _csv(made)).encode()
    name = f"speech-{day}.{'xlsx' if xlsx else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Total-Count": str(len(made) - 1)}
    if xlsx:
        return web.Response(body=body, content_type=XLSX, headers=headers)
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


def rows(read: Figures) -> list[list[Cell]]:
    """The heading, then a row a category, the most frequent first."""
    before = {one.category_id: one for one in read.before.categories}
    span = read.spans.period
    table: list[list[Cell]] = [[_(word) for word in HEADER]]
    for one in read.counted.categories:
        category, then = read.categories.get(one.category_id), before.get(one.category_id)
        felt = read.moods.get(one.category_id)
        table.append([
            name_of(category), _(SHORT_KINDS[category.kind]) if category else "", str(span.first), str(span.last),
            one.calls, read.counted.heard, one.share, then.calls if then else 0, read.before.heard,
            then.share if then else None, one.mood, *((felt.negative, felt.neutral, felt.positive) if felt else ()),
        ])  # fmt: skip
    return table


def _csv(made: list[list[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[_written(cell) for cell in row] for row in made])
    return text.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else f"{cell:.6g}"


def _xlsx(made: list[list[Cell]]) -> bytes:
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Speech analytics"))
    bold = book.add_format({"bold": True})
    if current().rtl:
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 30)
    for place, row in enumerate(made):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell, bold if place == 0 else None)
            elif cell is not None:
                sheet.write_number(place, column, cell)
    book.close()
    return file.getvalue()
