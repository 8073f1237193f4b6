"""What lists of reports share: the words of an address beyond those of reports, files, what categories are called."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.table import Cell, Column, Sheet
from cxcall.speech.category import worded
from cxcall.store import categories
from cxcall.web.pages.reports import asking
from cxcall.web.pages.reports.asking import LONGEST, Asked
from cxcall.web.presentation import current
from cxcall.web.report_files import CSV_TYPE, XLSX_TYPE, csv_bytes, file_name, xlsx_bytes
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

ROWS = 50
MOST_EXPORTED = 50_000
"""Rows of a file that is made while somebody waits."""
CUT = N_("Only the first %(n)s rows of the list are in this file.")
FIGURES = ("by", "measures", "compare")
"""Words that ask for the figures of a report and not for its list."""


def asked_with(request: web.Request, *extra: str) -> Asked:
    """What the address says, with further words that links keep."""
    found = asking.asked(request)
    more = {name: request.query[name][:LONGEST] for name in extra if request.query.get(name)}
    return replace(found, words={**found.words, **more})


def wants_figures(request: web.Request) -> bool:
    """Whether the figures are asked for: the same report as a table of rows."""
    return any(request.query.get(word) for word in FIGURES)


async def file(name: str, asked: Asked, kind: str, made: Sheet) -> web.Response:
    """A list as a file of `kind` csv or xlsx."""
    body = csv_bytes(made) if kind == "csv" else await asyncio.to_thread(xlsx_bytes, made)
    shown = file_name(name, asked.question.span, kind)
    headers = {"Content-Disposition": f'attachment; filename="{shown}"', "Cache-Control": "no-store"}
    return web.Response(body=body, headers=headers, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)


def sheet(title: str, columns: Sequence[Column], rows: Iterable[tuple[Cell, ...]], notes: Sequence[str] = ()) -> Sheet:
    """Rows with the number of them below."""
    several = tuple(rows)
    total: tuple[Cell, ...] = (_("Total"), *(None,) * (len(columns) - 2), float(len(several)))
    return Sheet(
        title=title, about=(), columns=tuple(columns), rows=several, total=total, notes=tuple(notes), meanings=()
    )  # fmt: skip


def cut_notes() -> tuple[str, ...]:
    """What a file says that does not hold all of its list."""
    return (_(CUT) % {"n": f"{MOST_EXPORTED:,}"},)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """What categories are called by who reads, by id. `required`: what agents have to say, which is what no call is
    about."""

    names: Mapping[str, str]
    required: frozenset[str]

    def of(self, found: Iterable[str]) -> list[str]:
        """What calls were about in which these categories were found."""
        return [self.names.get(one, one) for one in found if one not in self.required]


async def topics(conn: AsyncConnection) -> Topics:
    """Of all categories there are."""
    kept = [one.category for one in await categories.everything(conn)]
    return Topics(
        names={one.id: worded(one.name, current().language) or one.id for one in kept},
        required=frozenset(one.id for one in kept if one.kind == "required"),
    )
