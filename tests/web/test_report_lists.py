"""/reports/abandoned and /reports/recalls: who gave up waiting and who was reached again; the same count in files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.support.call_centre import MARYAM, SARA, CallCentre, call_centre, ended, past, ringing
from tests.web.reading import browsing


async def _some(centre: CallCentre) -> None:
    """Maryam gave up and called again; another caller gave up and was not reached."""
    await centre.tell(
        ended(ringing(MARYAM, centre.ago(minutes=9), queue="sales"), centre.ago(minutes=8)),
        ended(ringing("02188341190", centre.ago(minutes=7), queue="sales"), centre.ago(minutes=6)),
        past(MARYAM, centre.ago(minutes=5), at=SARA, talk=60),
    )


async def _whole(centre: CallCentre) -> str:
    """A period that holds the calls also just after midnight."""
    first, last = centre.ago(minutes=60 * 24), centre.now
    return f"?from={first:%Y-%m-%d}&to={last.date().replace(year=last.year + 1):%Y-%m-%d}"


async def test_the_list_tells_who_was_reached_again_and_filters_stand_in_the_address(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        period = await _whole(centre)
        page = await browser.page("leila", "/reports/abandoned" + period)
        assert [kpi.one("b").text for kpi in page.all(".kpi")] == ["2", "0", "1", "1"]
        rows = [row.text for row in page.all("tbody tr")]
        assert len(rows) == 2
        assert "Not reached yet" in rows[0]
        assert "Follow up" in rows[0]
        assert "Called again" in rows[1]
        assert len((await browser.page("leila", f"/reports/abandoned{period}&reached=open")).all("tbody tr")) == 1
        assert len((await browser.page("leila", f"/reports/recalls{period}&reached=again")).all("tbody tr")) == 1
        empty = await browser.page("leila", f"/reports/abandoned{period}&queue=billing")
        assert "None in this list." in empty.text


async def test_the_file_has_the_rows_of_the_list(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await _some(centre)
        answer = await browser.get("leila", "/reports/abandoned/export.csv" + await _whole(centre))
        rows = list(csv.reader(io.StringIO((await answer.text()).removeprefix("\ufeff"))))
        assert len(rows) == 1 + 2 + 1
        assert [row[5] for row in rows[1:3]] == ["Not reached yet", "Called again"]
        sheet = await browser.get("leila", "/reports/abandoned/export.xlsx" + await _whole(centre))
        assert (await sheet.read()).startswith(b"PK")


async def test_a_period_that_cannot_be_read_is_told_and_agents_do_not_see_the_list(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        answer = await browser.get("leila", "/reports/abandoned?from=soon&to=later")
        assert answer.status == 422
        assert "is no date" in await answer.text()
        assert (await browser.get("sara", "/reports/abandoned")).status == 403
