"""The same figure everywhere: page, API, CSV, XLSX and command line show for each measure what the engine found."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cxcall.cli import main
from cxcall.reports.definition import Definition
from cxcall.reports.measures import MEASURES, find
from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.table import unit_of
from cxcall.store.reporting.run import SiteClock, run
from cxcall.web import presentation
from cxcall.web.presentation import Presentation
from cxcall.web.report_files import DAY_S
from cxcall.web.report_words import figure_text
from tests.store.report_day import DAY, NOW, fill
from tests.support.call_centre import CallCentre
from tests.web.reading import Browser

TEHRAN = ZoneInfo("Asia/Tehran")
ASKED = {"from": "2026-11-21", "to": "2026-11-21", "by": "queue"}
NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}  # a name of the format, nothing is fetched

BY_REPORT = {
    "queues": ("queue", tuple(name for name, one in MEASURES.items() if one.families == {"visits"})),
    "agents": ("queue", tuple(name for name, one in MEASURES.items() if one.families == {"parts"})),
}
"""Kind of rows and measures, by the report they are asked of."""

Figures = dict[str, dict[str, float | None]]
"""By the row's first key and by measure; the total by `total`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A report as every surface is asked for it."""

    report: str
    by: str
    measures: tuple[str, ...]

    @property
    def words(self) -> dict[str, str]:
        return {"from": str(DAY), "to": str(DAY), "by": self.by, "measures": ",".join(self.measures)}


async def of_engine(centre: CallCentre, asking: Asking) -> Figures:
    definition = msgspec.structs.replace(READY_MADE[asking.report], by=(asking.by,), measures=asking.measures)
    return await _run(centre, definition)


async def of_api(browser: Browser, asking: Asking) -> Figures:
    body = msgspec.json.decode(await _get(browser, asking, "json"))
    lines = {line["keys"][0]["value"]: line for line in body["lines"]} | {"total": body["total"]}
    return {
        key: {name: figure["value"] for name, figure in line["figures"].items()} for key, line in lines.items()
    }  # fmt: skip


async def of_csv(browser: Browser, asking: Asking) -> Figures:
    return read_csv(await _get(browser, asking, "csv"), asking)


async def of_xlsx(browser: Browser, asking: Asking) -> Figures:
    return read_xlsx(await _get(browser, asking, "xlsx"), asking)


async def of_page(browser: Browser, asking: Asking) -> list[list[str]]:
    """The figures as the page writes them, row by row, the total last."""
    page = await browser.page("leila", f"/reports/{asking.report}?{urlencode(asking.words)}")
    (table,) = page.all("section[aria-labelledby=figures] table")
    rows = [*table.all("tbody tr"), *table.all("tfoot tr")]
    return [[cell.all("bdi")[0].text for cell in row.all("td")] for row in rows]


def written(figures: Figures) -> list[list[str]]:
    """What a page is to write."""
    presentation.use(Presentation(zone=TEHRAN, now=NOW))
    return [
        [figure_text(unit_of(measure), value) for measure, value in row.items()]
        for row in figures.values()
    ]  # fmt: skip


async def of_command(centre: CallCentre, asking: Asking, kind: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What `cxcall report` writes to a file."""
    file = centre.folder / f"report.{kind}"
    words = [word for name, value in asking.words.items() for word in (f"--{name}", value)]
    for name in [name for name in os.environ if name.startswith("CXCALL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CXCALL_DATA__DIR", str(centre.folder))
    monkeypatch.setenv("CXCALL_SITE__TIMEZONE", "Asia/Tehran")
    monkeypatch.chdir(centre.folder)
    monkeypatch.setattr(
        sys, "argv", ["cxcall", "report", asking.report, *words, "--format", kind, "--output", str(file)]
    )
    assert await asyncio.to_thread(_main) == 0
    return file.read_bytes()


def read_csv(body: bytes, asking: Asking) -> Figures:
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    return {row[asking.by]: {name: float(row[name]) if row[name] else None for name in asking.measures} for row in rows}


def read_xlsx(body: bytes, asking: Asking) -> Figures:
    """The table of the first sheet; durations are parts of a day there."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        strings = [
            "".join(part.text or "" for part in one.iter(f"{{{NS['m']}}}t"))
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = [
        {str(cell.get("r")).rstrip("0123456789"): _cell(cell, strings) for cell in row}
        for row in page.iterfind("m:sheetData/m:row", NS)
    ]
    begin = next(n for n, row in enumerate(rows) if asking.by in row.values())
    columns = {str(title): letters for letters, title in rows[begin].items()}
    found: Figures = {}
    for row in rows[begin + 1 :]:
        figures = {name: _number(row.get(columns[name]), name) for name in asking.measures}
        found[str(row[columns[asking.by]])] = figures
    return found


def _cell(cell: ElementTree.Element, strings: list[str]) -> str | float | None:
    value = cell.findtext("m:v", namespaces=NS)
    if value is None:
        return None
    return strings[int(value)] if cell.get("t") == "s" else float(value)


def _number(cell: str | float | None, measure: str) -> float | None:
    if cell is None:
        return None
    return float(cell) * (DAY_S if unit_of(measure) == "seconds" else 1)


async def _get(browser: Browser, asking: Asking, kind: str) -> bytes:
    page = await browser.get("leila", f"/api/v1/reports/{asking.report}", params={**asking.words, "format": kind})
    assert page.status == 200, await page.text()
    return await page.read()


async def _run(centre: CallCentre, definition: Definition) -> Figures:
    from cxcall.reports.period import span_of

    site = SiteClock(zone=TEHRAN, calendar="gregorian", country="IR")
    async with centre.engine.connect() as conn:
        answer = await run(conn, definition, span_of(DAY, DAY, TEHRAN), site=site, now=NOW)
    lines = {line.keys[0].value: line for line in answer.lines} | {"total": answer.total}
    return {key: {name: one.value for name, one in line.figures.items()} for key, line in lines.items()}


def _main() -> int:
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def near(figures: Figures) -> dict[str, dict[str, object]]:
    """The same but for what a file rounds away."""
    return {
        key: {name: value if value is None else pytest.approx(value, abs=1e-5) for name, value in row.items()}
        for key, row in figures.items()
    }


@pytest.mark.parametrize("report", BY_REPORT)
async def test_every_surface_shows_the_same_figures(
    centre: CallCentre, browser: Browser, report: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await fill(centre.engine, zone=TEHRAN)
    by, measures = BY_REPORT[report]
    asking = Asking(report=report, by=by, measures=measures)
    found = await of_engine(centre, asking)
    assert found["total"][measures[0]], "there is something to compare"
    expected = near(found)
    assert await of_api(browser, asking) == expected
    assert await of_page(browser, asking) == written(found)
    assert await of_csv(browser, asking) == expected
    assert await of_xlsx(browser, asking) == expected
    assert read_csv(await of_command(centre, asking, "csv", monkeypatch), asking) == expected
    assert read_xlsx(await of_command(centre, asking, "xlsx", monkeypatch), asking) == expected


def test_at_least_twenty_figures_are_compared() -> None:
    names = {name for _, measures in BY_REPORT.values() for name in measures}
    assert len(names) >= 20
    assert all(find(name) for name in names)
