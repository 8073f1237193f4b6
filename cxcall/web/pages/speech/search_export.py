"""What a search over transcripts found, a turn a line: CSV that spreadsheets open right, or XLSX with typed cells."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterable, Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter
from aiohttp import web

from cxcall.cells import BOM, harmless
from cxcall.store.speech_search import FoundTalk
from cxcall.web.pages.speech.search_view import SIDES
from cxcall.web.pages.survey_export import XLSX
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

HEADER = (
    N_("Call"), N_("Started"), N_("Queue"), N_("Agent"), N_("Number"), N_("Mood of the call"), N_("Categories"),
    N_("Second"), N_("Speaker"), N_("What was said"), N_("Sentiment"),
)  # fmt: skip
Cell = str | float | None


async def send(
    request: web.Request, chunks: AsyncIterable[Sequence[FoundTalk]], categories: Mapping[str, str], *, xlsx: bool
) -> web.StreamResponse:
    """Answer with all turns; times on the site's clock, numbers and dates in Latin digits."""
    name = f"said-{current().local(current().now):%Y-%m-%d}"
    if xlsx:
        rows = [row async for found in chunks for row in _rows(found, categories)]
        body = await asyncio.to_thread(_xlsx, [[_(word) for word in HEADER], *rows], current().rtl)
        headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
        return web.Response(body=body, content_type=XLSX, headers=headers)
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})
    response.content_type = "text/csv"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write((BOM + _lines([[_(word) for word in HEADER]])).encode())
    async for found in chunks:
        lines = _lines(list(_rows(found, categories)))
        if lines:
            await response.write(lines.encode())
    await response.write_eof()
    return response


def _rows(found: Sequence[FoundTalk], categories: Mapping[str, str]) -> Iterator[list[Cell]]:
    for talk in found:
        of = talk.transcript
        began = f"{current().local(of.began_at):%Y-%m-%d %H:%M:%S}"
        names = ", ".join(categories[id_] for id_ in talk.categories if id_ in categories)
        for turn in talk.turns:
            yield [
                of.call_id or "", began, of.queue, of.agent_name or of.agent, of.number, of.sentiment, names,
                round(turn.start, 1), _(SIDES[turn.speaker]), turn.shown, turn.sentiment,
            ]  # fmt: skip


def _lines(rows: Sequence[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[_written(cell) for cell in row] for row in rows])
    return text.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else f"{cell:.6g}"


def _xlsx(rows: Sequence[Sequence[Cell]], rtl: bool) -> bytes:
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("cxcall")
    bold = book.add_format({"bold": True})
    if rtl:
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    sheet.set_column(9, 9, 80)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell[:32_000], bold if place == 0 else None)
            elif cell is not None:
                sheet.write_number(place, column, cell)
    book.close()
    return file.getvalue()
