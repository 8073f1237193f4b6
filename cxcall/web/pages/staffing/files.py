"""CSV files of staffing: UTF-8 with its mark, Latin digits, no cell that could be run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from aiohttp import web

from cxcall.web.pages.calls_export import BOM, safe


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> web.Response:
    """A file to save under a name."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=BOM + text.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


def _cell(cell: str) -> str:
    """Numbers stay numbers, also those below 0."""
    return cell if _is_number(cell) else safe(cell)


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdigit()
