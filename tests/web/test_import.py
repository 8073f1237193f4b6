"""Customers from a file: look first, then write, see what was refused, take all of it back."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from aiohttp import FormData

from cxcall.customers.profile import Profile
from cxcall.web.pages import customer_import
from tests.support.call_centre import CallCentre, call_centre
from tests.web.reading import Browser, Element, browsing, read

FILE = """نام;تلفن همراه;شهر;سطح;ارزش;مسئول
مریم حسینی;۰۹۱۲۳۴۵۶۷۸۹;تهران;طلایی;۱۲٬۵۰۰;leila
Reza;0935 218 4471;Shiraz;;;
Nobody;12;Karaj;;;
Known;09121189034;Rasht;;;
"""


async def upload(browser: Browser, data: bytes, name: str = "list.csv") -> tuple[int, str, str]:
    """Send a file as Leila; status, address and text of the page that follows."""
    form = FormData()
    form.add_field("file", io.BytesIO(data), filename=name, content_type="text/csv")
    response = await browser.send("leila", "/customers/import", form=form, follow=True)
    return response.status, str(response.url.path), await response.text()


async def ended(browser: Browser, path: str, word: str) -> Element:
    """The page of an import once it says `word`."""
    async with asyncio.timeout(60):
        while True:
            page = await browser.page("leila", path)
            if word in page.one(".chip").text:
                return page
            await asyncio.sleep(0.05)


async def imported(browser: Browser) -> tuple[str, Element]:
    """FILE imported with the guessed columns: its address and page."""
    _, path, text = await upload(browser, FILE.encode("utf-8-sig"))
    page = read(text)
    columns = {
        select.attributes["name"]: next(
            o.attributes["value"] for o in select.all("option") if "selected" in o.attributes
        )
        for select in page.all("select")
    }
    response = await browser.send("leila", path, form=FormData({**columns, "do": "start"}))
    job = response.headers["Location"]
    return job, await ended(browser, job, "Done")


async def test_the_preview_guesses_columns_and_says_what_each_line_would_do(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.customer(Profile(name="Known", numbers=("+989121189034",)))
        status, _, text = await upload(browser, FILE.encode("utf-8-sig"))
        page = read(text)
    assert status == 200
    chosen = [o.text for o in page.all("option") if "selected" in o.attributes]
    assert chosen == ["Name", "Number", "City", "Tier", "Customer value", "Account manager"]
    happens = [row.all("td")[-1].text for row in page.all("tbody tr")]
    assert happens[0] == happens[1] == "New customer"
    assert "12 is not a phone number." in happens[2]
    assert happens[3] == "Completes a profile"
    assert "3 lines can be taken." in page.text


async def test_a_windows_1256_file_with_tabs_is_read(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        text = "نام\tتلفن\nمريم\t09123456789\n".encode("cp1256")
        page = read((await upload(browser, text))[2])
    assert page.all("tbody tr")[0].all("td")[1].text == "مريم"


async def test_lines_are_written_whole_or_not_at_all_and_errors_can_be_downloaded(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        job, page = await imported(browser)
        assert "3 New customers" not in page.text
        assert "New customers 3" in page.text
        assert "Not taken 1" in page.text
        listed = await browser.text("sara", "/customers")
        assert "مریم حسینی" in listed
        (maryam,) = [
            link for link in (await browser.page("sara", "/customers")).all("a[data-row]") if "مریم" in link.text
        ]
        profile = await browser.page("sara", maryam.attributes["href"])
        for words in ("Value 12,500", "Looked after by Leila Ahmadi"):
            assert words in profile.one(".profile").text
        assert "Nobody" not in listed
        errors = (await (await browser.get("leila", f"{job}/errors.csv")).read()).decode()
        assert errors.startswith("\ufeff")
        assert "4,12 is not a phone number.,Nobody,12,Karaj" in errors


async def test_a_whole_import_is_taken_back(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        job, _ = await imported(browser)
        await browser.send("leila", f"{job}/undo")
        page = await ended(browser, job, "Taken back")
        assert "3 of 3 lines taken back" in page.text
        assert "No customers yet." in await browser.text("sara", "/customers")
        assert "list.csv" in await browser.text("leila", "/customers/import")


async def test_an_import_that_was_cut_off_goes_on_when_somebody_looks(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _stage(centre)
        history = await browser.page("leila", "/customers/import")
        page = await ended(browser, history.one("tbody a").attributes["href"], "Done")
    assert "New customers 1" in page.text


async def test_files_that_can_not_be_taken_are_refused_in_a_sentence(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        status, _, text = await upload(browser, b"")
        assert status == 422
        assert "The file is empty." in text
        status, _, text = await upload(browser, b"x" * (customer_import.MOST_BYTES + 1))
        assert status == 413
        assert "larger than 20 MB" in text
        response = await browser.send("leila", "/customers/import")
        assert "Choose a file first." in await response.text()


async def test_a_file_without_name_or_number_column_is_not_started(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        _, path, _ = await upload(browser, b"a,b\n1,2\n")
        page = await browser.post("leila", path, do="start")
        assert "Say which column holds the name or the number." in page.one("[role=alert]").text
        await browser.send("leila", path, do="cancel")
        assert (await browser.get("leila", path)).status == 404


async def test_agents_do_not_import(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        assert (await browser.get("sara", "/customers/import")).status == 403


async def _stage(centre: CallCentre) -> None:
    from cxcall.customers.table_import import read_lines, read_table
    from cxcall.store import imports

    table = read_table(b"name\nReza\n")
    lines = list(read_lines(table.lines, {0: "name"}, "IR"))
    async with centre.engine.begin() as conn:
        await imports.stage(conn, file="cut.csv", by="leila", mapping={0: "name"}, lines=lines)
