"""The list of calls: filters in the address, keyset pages, the pill of newer calls, export, whose calls one sees."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cxcall.cells import BOM
from cxcall.customers.profile import Profile
from cxcall.web.pages import calls_filter
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, call_centre, ended, past, ringing
from tests.web.reading import browsing

TEHRAN = ZoneInfo("Asia/Tehran")


async def _some(centre: CallCentre) -> None:
    await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
    lost = ringing("02188341190", centre.ago(minutes=20), queue="sales")
    await centre.tell(
        past(MARYAM, centre.ago(minutes=60), at=SARA),
        past(MARYAM, centre.ago(minutes=40), at=OMID),
        ended(lost, centre.ago(minutes=18)),
    )


async def test_a_supervisor_sees_all_calls_newest_first_with_totals(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls")
    rows = [row.text for row in page.all("tbody tr")]
    assert len(rows) == 3
    assert "021 8834 1190" in rows[0]
    assert "Abandoned" in rows[0]
    assert "Maryam Hosseini" in rows[2]
    assert "67%" in page.one(".kpis").text
    assert "2 of 3 calls" in page.one(".kpis").text


async def test_an_agent_sees_only_own_calls(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("sara", "/calls")
        assert page.one("h1").text == "My calls"
        assert len(page.all("tbody tr")) == 1
        rows = await (await browser.get("sara", "/calls/export")).text()
        assert rows.count("Maryam Hosseini") == 1


async def test_filters_stand_in_the_address_as_chips_that_can_be_removed(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls?queue=billing&outcome=answered&when=today&q=maryam")
        chips = page.all(".fchip.on")
        assert [chip.one("b").text for chip in chips] == ["maryam", "Today", "billing", "Answered"]
        assert "queue=" not in chips[2].one("a").attributes["href"]
        assert "outcome=answered" in chips[2].one("a").attributes["href"]


async def test_an_empty_result_names_the_filter_that_removes_most(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls?queue=billing&outcome=abandoned")
    assert "Without the filter Outcome there are 2 calls." in page.one(".empty").text
    assert page.one(".empty a").attributes["href"] == "/calls?queue=billing"


async def test_an_unreadable_date_is_said_and_left_out(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls?from=yesterdayish")
    assert "yesterdayish" in page.one("[role=alert]").text
    assert len(page.all("tbody tr")) == 3


async def test_pages_stand_still_while_new_calls_come_and_the_pill_counts_them(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.tell(*(past(MARYAM, centre.ago(minutes=n), talk=1) for n in range(1, 61)))
        first = await browser.page("leila", "/calls")
        assert len(first.all("tbody tr")) == 50
        older = await browser.page("leila", first.one("a[rel=next]").attributes["href"])
        before = [row.attributes["id"] for row in older.all("tbody tr")]
        assert len(before) == 10
        await centre.tell(ringing("02188341190", centre.now), ringing("02188341191", centre.now + timedelta(seconds=1)))
        again = await browser.page("leila", first.one("a[rel=next]").attributes["href"])
        assert [row.attributes["id"] for row in again.all("tbody tr")] == before
        pill = await browser.text("leila", first.one("cx-calls").attributes["newer"])
        assert pill == "2 newer calls"
        back = await browser.page("leila", again.one("a[rel=prev]").attributes["href"])
        assert len(back.all("tbody tr")) == 50


async def test_the_export_is_csv_that_spreadsheets_open_right(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        response = await browser.get("leila", "/calls/export?queue=billing")
        text = (await response.read()).decode()
    assert response.headers["Content-Type"].startswith("text/csv")
    assert text.startswith(BOM)
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len(rows) == 3
    assert dict(zip(rows[0], rows[1], strict=True))["Number"] == "+989123456789"


async def test_only_selected_calls_are_exported_when_some_are(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls")
        chosen = page.all("tbody input")[1].attributes["value"]
        text = await (await browser.get("leila", f"/calls/export?id={chosen}")).text()
    assert text.count("\n") == 2
    assert chosen in text


async def test_persian_readers_get_persian_words_digits_and_jalali_dates(tmp_path: Path) -> None:
    async with call_centre(tmp_path, language="fa") as centre, browsing(centre) as browser:
        await _some(centre)
        page = await browser.page("leila", "/calls?from=2026-11-01&to=2026-11-30")
    assert page.one("h1").text == "تماس‌ها"
    assert "۱۰ آبان ۱۴۰۵" in page.one(".fchip.on").text


@pytest.mark.parametrize("text", ["2026-11-21", "1405-08-30", "1405/8/30", "۱۴۰۵/۰۸/۳۰"])
def test_a_day_is_read_in_either_calendar_and_any_digits(text: str) -> None:
    assert calls_filter.read_date(text) == date(2026, 11, 21)


@pytest.mark.parametrize("text", ["", "2026-13-01", "1405-12-31", "21", "2026-11-21-1", "a-b-c", "-1-1-1"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert calls_filter.read_date(text) is None


def test_a_period_begins_at_the_sites_midnight_and_a_month_is_of_the_readers_calendar() -> None:
    now = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)  # 00:30 of the 22nd in Tehran, 1 Azar 1405
    today = calls_filter.read({"when": "today"})
    assert calls_filter.span(today, now, TEHRAN, jalali=False) == (
        datetime(2026, 11, 21, 20, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 20, 30, tzinfo=UTC),
    )
    month = calls_filter.read({"when": "month"})
    assert calls_filter.span(month, now, TEHRAN, jalali=True)[0] == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert calls_filter.span(month, now, TEHRAN, jalali=False)[0] == datetime(2026, 10, 31, 20, 30, tzinfo=UTC)


def test_an_address_read_and_written_again_is_the_same() -> None:
    address = "/calls?q=%D9%85%D8%B1%DB%8C%D9%85&from=2026-11-01&queue=billing&outcome=busy&number=0912"
    from urllib.parse import parse_qsl, urlsplit

    asked = calls_filter.read(dict(parse_qsl(urlsplit(address).query)))
    assert asked.address("/calls") == address
    assert asked.fields == ("text", "when", "queue", "outcome", "number")
