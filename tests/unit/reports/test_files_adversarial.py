"""Files of reports made of names as bad as they get: nothing runs, numbers stay numbers, nothing is lost or refused."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.reports.answer import Answer, Figure, Key, Line
from cxcall.reports.definition import Definition, Row
from cxcall.reports.period import CalendarName, span_of
from cxcall.reports.table import Sheet, sheet
from cxcall.web import presentation
from cxcall.web.presentation import Language, Presentation
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_files import csv_bytes, xlsx_bytes
from cxcall.web.words import gettext as _

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
NASTY = (
    "=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
    "\uff1d1+1", "\uff0b1", '=HYPERLINK("//x","y")', "{=1}", 'a"b,c;d', "two\nlines", "a\x00b\x01\x1f", "\ufeff=1",
    "\u202e=1+1", "'", "صف فروش‌۱", "_x0041_", "<f>1</f>", "&amp;", "x" * 40_000,
)  # fmt: skip
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FIGURES = {
    "offered": Figure(value=1_048_576, n=1_048_576),
    "abandon_rate": Figure(value=1 / 3, n=30),
    "asa": Figure(value=90_061.0, n=8),
    "nps": Figure(value=-12.5, n=40),
}


def made(names: Sequence[str], *, by: Row = "queue", calendar: CalendarName = "gregorian") -> Sheet:
    span = span_of(date(2026, 3, 20), date(2026, 3, 22), UTC)
    lines = tuple(Line(keys=(Key(row=by, value=name, title=name),), figures=FIGURES) for name in names)
    definition = Definition(by=(by,), measures=tuple(FIGURES))
    total = Line(keys=(), figures=FIGURES)
    answer = Answer(definition=definition, span=span, before=None, lines=lines, total=total)
    return sheet(answer, names[0] if names else "", words=FileWords(), zone=UTC, calendar=calendar)


@pytest.fixture(autouse=True)
def in_english() -> None:
    presentation.use(Presentation())


def parts_of(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return {name: book.read(name) for name in book.namelist()}


def rows_of(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    assert not body[3:].startswith(b"\xef\xbb\xbf"), "the mark of the encoding is there once"
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def cells_of(page: bytes) -> dict[str, tuple[str, str]]:
    """Type and value of each cell by its place."""
    found = {}
    for cell in ElementTree.fromstring(page).iter(f"{MAIN}c"):
        assert cell.find(f"{MAIN}f") is None, "no cell is a formula"
        value = cell.find(f"{MAIN}v")
        found[cell.get("r", "")] = (cell.get("t", "n"), value.text or "" if value is not None else "")
    return found


@pytest.mark.parametrize("row", ["queue", "agent", "team", "survey", "category", "segment", "did"])
def test_no_name_of_any_kind_of_row_is_run_by_a_spreadsheet(row: Row) -> None:
    rows = rows_of(csv_bytes(made(NASTY, by=row)))
    assert len(rows) == len(NASTY) + 2, "a line a row, whatever is in its cells"
    assert not [cell for cells in rows for cell in cells if cell.startswith(STARTS) and not _is_number(cell)]
    assert {len(cells) for cells in rows} == {len(rows[0])}


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("calendar", ["gregorian", "jalali"])
def test_cells_of_a_spreadsheet_have_the_type_of_what_they_hold(calendar: CalendarName) -> None:
    page = parts_of(xlsx_bytes(made(["2026-03-21"], by="day", calendar=calendar)))["xl/worksheets/sheet1.xml"]
    *_about, head, row, total = _by_line(cells_of(page))
    assert {kind for kind, _value in head.values()} == {"s"}
    kinds = [kind for kind, _value in row.values()]
    assert kinds == ["n", "s", "n", "n", "n", "n", "n", "n", "n"], "a date, its Jalali words, then figures and their n"
    values = [float(value) for kind, value in row.values() if kind == "n"]
    day, offered, rate, of, asa, of_asa, nps, of_nps = values
    assert day == (date(2026, 3, 21) - date(1899, 12, 30)).days
    assert (offered, of, of_asa, nps, of_nps) == (1_048_576, 30, 8, -12.5, 40)
    assert rate == pytest.approx(1 / 3)
    assert asa * 86_400 == pytest.approx(90_061), "1 day, 1:01:01 as a spreadsheet counts time"
    assert [value for kind, value in total.values() if kind == "n"] == [value for kind, value in row.values()][2:]


def _by_line(cells: dict[str, tuple[str, str]]) -> list[dict[str, tuple[str, str]]]:
    lines: dict[int, dict[str, tuple[str, str]]] = {}
    for place, cell in cells.items():
        if cell[1]:
            column = place.rstrip("0123456789")
            lines.setdefault(int(place[len(column) :]), {})[column] = cell
    return [lines[number] for number in sorted(lines)]


def test_names_in_a_spreadsheet_are_the_names_and_never_formulas_or_links() -> None:
    parts = parts_of(xlsx_bytes(made(NASTY)))
    cells_of(parts["xl/worksheets/sheet1.xml"])
    assert not [name for name in parts if "_rels/sheet" in name], "no links"
    words = parts["xl/sharedStrings.xml"].decode()
    for name in ("=1+1", "@SUM(A1)", "+SUM(A1)", "صف فروش‌۱", "&lt;f&gt;1&lt;/f&gt;"):
        assert f"{name}</t>" in words
    longest = max(len("".join(one.itertext())) for one in ElementTree.fromstring(words.encode()))
    assert longest <= 32_767, "longer ones make a file that does not open"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_sheets_have_names_that_a_spreadsheet_takes_and_read_as_the_language_does(language: Language) -> None:
    presentation.use(Presentation(language=language))
    parts = parts_of(xlsx_bytes(made(["x"])))
    book = ElementTree.fromstring(parts["xl/workbook.xml"])
    names = [one.get("name", "") for one in book.iter(f"{MAIN}sheet")]
    assert names == [_("Report"), _("What the figures mean")]
    for name in names:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\")
    pages = [parts[f"xl/worksheets/sheet{n}.xml"] for n in (1, 2)]
    assert [b'rightToLeft="1"' in page for page in pages] == [language == "fa"] * 2


def test_a_report_without_rows_is_its_headings_and_its_total() -> None:
    empty = made([])
    assert [len(rows) for rows in (empty.rows, rows_of(csv_bytes(empty)))] == [0, 2]
    lines = _by_line(cells_of(parts_of(xlsx_bytes(empty))["xl/worksheets/sheet1.xml"]))
    assert len(lines[-1]) == len(lines[-2]) == len(empty.columns)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_names_make_files_that_can_be_read(names: list[str]) -> None:
    presentation.use(Presentation())
    table = made(names, by="agent")
    rows = rows_of(csv_bytes(table))
    assert len(rows) == len(names) + 2
    assert not [cell for cells in rows for cell in cells if cell.startswith(STARTS) and not _is_number(cell)]
    cells_of(parts_of(xlsx_bytes(table))["xl/worksheets/sheet1.xml"])
