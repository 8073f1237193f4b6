"""CSV files of staffing: UTF-8 with its mark, Latin digits, no cell that could be run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from aiohttp import web

from cxcall.cells import BOM, harmless


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> web.Response:
    """A file to save under a name."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=BOM + text.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)
