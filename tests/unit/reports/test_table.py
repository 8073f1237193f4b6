"""Reports as tables and files: typed cells, both calendars, the total, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cxcall.reports.answer import Answer, Figure, Key, Line, Note
from cxcall.reports.definition import Definition, Row
from cxcall.reports.period import slots, span_of
from cxcall.reports.table import Sheet, sheet
from cxcall.web import presentation, report_words
from cxcall.web.presentation import Presentation
from cxcall.web.report_file_words import FileWords
from cxcall.web.report_files import csv_bytes, file_name, xlsx_bytes

SPAN = span_of(date(2026, 3, 20), date(2026, 3, 21), UTC)
BEFORE = span_of(date(2026, 3, 18), date(2026, 3, 19), UTC)
FIGURES = {"offered": Figure(value=12, n=12, before=10), "asa": Figure(value=61.5, n=8, before=None, before_n=0)}


@pytest.fixture(autouse=True)
def in_english() -> None:
    presentation.use(Presentation())


def table(by: Row, value: str, title: str = "", *, ids: bool = False, compare: bool = False) -> Sheet:
    definition = Definition(by=(by,), measures=("offered", "asa"), compare="before" if compare else "")
    answer = Answer(
        definition=definition,
        span=SPAN,
        before=BEFORE if compare else None,
        lines=(Line(keys=(Key(row=by, value=value, title=title),), figures=FIGURES),),
        total=Line(keys=(), figures=FIGURES),
        notes=(Note(code="recovered", n=2),),
    )
    return sheet(answer, "Queues", words=FileWords(ids=ids), zone=UTC, calendar="gregorian")


def test_a_day_is_told_in_both_calendars_with_real_types() -> None:
    made = table("day", "2026-03-21")
    assert made.rows == ((date(2026, 3, 21), "1405/01/01", 12, 61.5, 8),)
    assert made.total == ("Total", None, 12, 61.5, 8)
    assert [column.kind for column in made.columns] == ["date", "text", "count", "seconds", "count"]
    assert ("Days (Jalali)", "1404/12/29 – 1405/01/01") in made.about


def test_an_interval_is_a_moment_of_the_sites_clock() -> None:
    zone = ZoneInfo("Asia/Tehran")
    span = span_of(date(2026, 3, 21), date(2026, 3, 21), zone)
    since = span.since + timedelta(hours=9)
    definition = Definition(by=("interval",), measures=("offered",))
    line = Line(keys=(Key(row="interval", value=slot_value(since)),), figures=FIGURES)
    answer = Answer(definition=definition, span=span, before=None, lines=(line,), total=Line(keys=(), figures=FIGURES))
    made = sheet(answer, "Queues", words=FileWords(), zone=zone, calendar="jalali")
    assert made.rows[0][0] == datetime(2026, 3, 21, 9, 0)  # noqa: DTZ001 - spreadsheets know no zones


def slot_value(moment: datetime) -> str:

    span = span_of(moment.date(), moment.date() + timedelta(days=1), UTC)
    return next(one.value for one in slots(span, "interval", UTC, "gregorian") if one.since == moment)


def test_what_a_figure_is_compared_with_stands_beside_it() -> None:
    made = table("queue", "support", compare=True, ids=True)
    assert [column.title for column in made.columns] == [
        "queue", "offered", "offered.before", "asa", "asa.n", "asa.before", "asa.before_n",
    ]  # fmt: skip
    assert made.rows[0] == ("support", 12, 10, 61.5, 8, None, 0)


def test_every_figure_has_its_meaning_and_the_notes_are_there() -> None:
    made = table("queue", "support")
    assert [meaning.measure for meaning in made.meanings] == ["offered", "asa"]
    assert all(meaning.sentence for meaning in made.meanings)
    assert made.notes == ("2 calls were recovered: nobody listened for a part of them.",)


def test_a_queue_named_like_a_formula_stays_text() -> None:
    made = table("queue", "=1+1", "=1+1")
    body = csv_bytes(made)
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert not rows[1][0].startswith("=")
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(made))) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in page
        assert "=1+1" in book.read("xl/sharedStrings.xml").decode()


def test_a_spreadsheet_has_durations_and_dates_that_can_be_counted_with() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(table("day", "2026-03-21")))) as book:
        page, styles = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/styles.xml").decode()
        assert "<v>46102</v>" in page, "21 March 2026 as spreadsheets count days"
        assert f"<v>{61.5 / 86400:.16g}"[:14] in page
        assert "[h]:mm:ss" in styles
        words = book.read("xl/sharedStrings.xml").decode()
        assert "Mean wait of those who were answered." in words
        assert len([name for name in book.namelist() if "worksheets/sheet" in name]) == 2


def test_a_persian_spreadsheet_reads_from_the_right() -> None:
    presentation.use(Presentation(language="fa", digits="persian", calendar="jalali"))
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(table("queue", "support")))) as book:
        assert 'rightToLeft="1"' in book.read("xl/worksheets/sheet1.xml").decode()
        assert "میانگین زمان پاسخ" in book.read("xl/sharedStrings.xml").decode()


def test_a_file_is_named_by_its_report_and_days() -> None:
    assert file_name("queues", SPAN, "csv") == "queues_2026-03-20_2026-03-21.csv"


@pytest.mark.parametrize(
    ("unit", "value", "english", "persian"),
    [
        ("count", 1234, "1,234", "۱٬۲۳۴"),
        ("share", 0.8125, "81.2%", "\u061c۸۱٫۲٪"),
        ("seconds", 59.6, "1:00", "۱:۰۰"),
        ("seconds", 3725, "1:02:05", "۱:۰۲:۰۵"),
        ("score", 0.421, "+0.42", "+۰٫۴۲"),
        ("points", -12.4, "−12", "−۱۲"),
        ("mean", 4.333, "4.33", "۴٫۳۳"),
        ("share", None, "–", "–"),
    ],
)
def test_figures_are_written_in_the_readers_digits(unit: str, value: float | None, english: str, persian: str) -> None:
    assert report_words.figure_text(unit, value) == english
    presentation.use(Presentation(language="fa", digits="persian"))
    assert report_words.figure_text(unit, value) == persian


def test_the_switch_of_short_abandons_changes_what_a_sentence_says() -> None:
    assert report_words.sentence("abandon_rate", "out") != report_words.sentence("abandon_rate", "in")
    assert "Lunch" in report_words.name("paused:Lunch")
