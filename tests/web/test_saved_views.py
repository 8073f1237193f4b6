"""Views of the list of calls and its exports in the background: kept, shared, opened first; written on after a kill."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.settings import Data, Settings, Site
from cxcall.store import report_jobs, users
from cxcall.store.report_jobs import KEPT, LEASE
from cxcall.web import exporting
from cxcall.web.exporting import Exporter, file_of
from cxcall.web.pages.own_reports.exports import PATH as EXPORTS
from tests.support.call_centre import MARYAM, OMID, SARA, CallCentre, ended, past, ringing
from tests.web.reading import Browser, Element

LOST = "when=today&queue=sales&outcome=abandoned"


async def some(centre: CallCentre) -> None:
    lost = ringing("02188341190", centre.ago(minutes=20), queue="sales")
    await centre.tell(
        past(MARYAM, centre.ago(minutes=60), at=SARA),
        past(MARYAM, centre.ago(minutes=40), at=OMID),
        ended(lost, centre.ago(minutes=18)),
    )


def tabs(page: Element) -> list[str]:
    return [" ".join(tab.text.split()) for tab in page.all(".viewtabs nav a")]


async def test_filters_are_kept_as_a_tab_and_shared_with_overseers_alone(centre: CallCentre, browser: Browser) -> None:
    await some(centre)
    assert "Save this view" not in await browser.text("leila", "/calls"), "all calls are no view"
    assert "Save this view" in await browser.text("leila", f"/calls?{LOST}")
    page = await browser.post("leila", "/calls/views", name=" Lost  today ", query=LOST, shared="overseers")
    assert "The view is saved." in page.text
    assert tabs(page) == ["All calls", "Lost today"]
    (current,) = page.all(".viewtabs nav a[aria-current]")
    assert current.text == "Lost today"
    assert len(page.all("tbody tr")) == 1
    assert "Save this view" not in page.text
    assert tabs(await browser.page("sara", "/calls")) == [], "agents see none of it"
    same = await browser.page("leila", "/calls?outcome=abandoned&queue=sales&when=today")
    assert [tab.text for tab in same.all(".viewtabs nav a[aria-current]")] == ["Lost today"], "in any order"


async def test_the_bare_list_opens_with_the_view_chosen_and_all_of_it_keeps_an_address(
    centre: CallCentre, browser: Browser
) -> None:
    await some(centre)
    await browser.post("sara", "/calls/views", name="Mine lost", query=LOST, shared="everyone", first="1")
    answer = await browser.get("sara", "/calls", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"/calls?{LOST}")
    everything = await browser.page("sara", "/calls?all=1")
    assert tabs(everything) == ["My calls", "Mine lost"]
    assert tabs(await browser.page("leila", "/calls")) == [], "agents share with nobody"
    edit = (await browser.page("sara", f"/calls?{LOST}")).one(".viewtabs a.btn").attributes["href"] or ""
    page = await browser.post("sara", edit, name="Lost", version="1")
    assert tabs(page) == ["My calls", "Lost"]
    assert (await browser.get("sara", "/calls", allow_redirects=False)).status == 200


async def test_a_view_is_deleted_with_a_way_back_and_nobody_changes_anothers(
    centre: CallCentre, browser: Browser
) -> None:
    await browser.post("leila", "/calls/views", name="Lost", query=LOST, shared="overseers")
    edit = (await browser.page("leila", f"/calls?{LOST}")).one(".viewtabs a.btn").attributes["href"] or ""
    assert (await browser.get("sara", edit)).status == 404
    assert (await browser.send("sara", edit + "/remove")).status == 404
    late = await browser.send("leila", edit, name="x", version="7")
    assert late.status == 409
    wrong = await browser.send("leila", edit, name=" ", version="1")
    assert wrong.status == 422
    gone = await browser.post("leila", edit + "/remove", version="1")
    assert "The view is deleted." in gone.text
    assert tabs(gone) == []
    undo = gone.one(".toast form").attributes["action"] or ""
    back = await browser.post("leila", undo)
    assert "The view is back." in back.text
    assert tabs(back) == ["All calls", "Lost"]
    assert (await browser.send("leila", "/calls/views", name="x", query="nonsense=1")).status == 422


def exporter(centre: CallCentre) -> tuple[Exporter, Settings]:
    settings = Settings(site=Site(timezone="Asia/Tehran"), data=Data(dir=str(centre.folder)))
    made = Exporter(settings=settings, engine=centre.engine, bus=centre.bus, clock=lambda: centre.now)
    return made, settings


async def the_job(engine: AsyncEngine, name: str) -> report_jobs.Job:
    async with engine.connect() as conn:
        people = {user.name: user for user in await users.everyone(conn)}
        return (await report_jobs.of_person(conn, people[name].id))[0]


async def test_an_export_is_written_in_the_background_and_fetched_by_who_asked(
    centre: CallCentre, browser: Browser
) -> None:
    await some(centre)
    asked = await browser.post("sara", EXPORTS, query="when=today")
    assert "written in the background" in asked.text
    assert "Waits" in asked.text
    assert "hx-get" in (await browser.page("sara", EXPORTS)).one("#exports").attributes
    job = await the_job(centre.engine, "sara")
    assert (await browser.get("sara", f"{EXPORTS}/{job.id}/file")).status == 404, "not ready"
    write, _ = exporter(centre)
    assert await write.write_one()
    assert not await write.write_one()
    page = await browser.page("sara", EXPORTS)
    assert "Ready" in page.text
    assert "hx-get" not in page.one("#exports").attributes
    answer = await browser.get("sara", f"{EXPORTS}/{job.id}/file")
    text = (await answer.read()).decode()
    direct = (await (await browser.get("sara", "/calls/export?when=today")).read()).decode()
    assert text == direct, "the same file, an agent's own calls alone"
    assert text.count("\r\n") == 2
    assert (await browser.get("leila", f"{EXPORTS}/{job.id}/file")).status == 404


async def test_an_export_goes_on_where_its_writer_was_killed(
    centre: CallCentre, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PIECE", 1)
    for n in range(2):
        await centre.tell(*[past(MARYAM, centre.ago(minutes=60 + 300 * n + k), at=SARA) for k in range(260)])
    direct = (await (await browser.get("leila", "/calls/export")).read()).decode()
    await browser.post("leila", EXPORTS, query="")
    write, settings = exporter(centre)
    job = await the_job(centre.engine, "leila")
    async with centre.engine.begin() as conn:
        taken = await report_jobs.take(conn, now=centre.now)
    assert taken is not None
    real, pieces = report_jobs.written, 0

    async def killed(*given: Any, **more: Any) -> report_jobs.Job:
        nonlocal pieces
        pieces += 1
        if pieces == 2:
            raise KeyboardInterrupt
        return await real(*given, **more)

    monkeypatch.setattr(report_jobs, "written", killed)
    with pytest.raises(KeyboardInterrupt):
        await write._write_all(taken)
    monkeypatch.setattr(report_jobs, "written", real)
    half = await the_job(centre.engine, "leila")
    assert (half.state, half.done, half.lines) == ("running", 500, 520)
    assert file_of(settings, job.id).stat().st_size > half.bytes, "more was written than was written down"
    assert not await write.write_one(), "its lease is not over"
    centre.now += LEASE + timedelta(seconds=1)
    assert await write.write_one()
    over = await the_job(centre.engine, "leila")
    assert (over.state, over.done) == ("done", 520)
    assert file_of(settings, job.id).read_bytes().decode() == direct


async def test_a_cancelled_export_leaves_no_file_and_old_ones_are_swept(centre: CallCentre, browser: Browser) -> None:
    await some(centre)
    await browser.post("leila", EXPORTS, query="")
    write, settings = exporter(centre)
    job = await the_job(centre.engine, "leila")
    page = await browser.post("leila", f"{EXPORTS}/{job.id}/cancel")
    assert "The export is cancelled." in page.text
    assert not await write.write_one()
    await browser.post("leila", EXPORTS, query="")
    await write.write_one()
    kept = await the_job(centre.engine, "leila")
    await write.sweep()
    assert file_of(settings, kept.id).exists()
    centre.now += KEPT
    await write.sweep()
    assert not file_of(settings, kept.id).exists()
    assert "No exports." in await browser.text("leila", EXPORTS)


async def test_many_calls_are_exported_in_the_background(
    centre: CallCentre, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some(centre)
    monkeypatch.setattr("cxcall.web.pages.calls.BESIDE", 2)
    page = await browser.page("leila", "/calls?when=today")
    form = page.one("form[action=/calls/exports]")
    assert form.one("input[name=query]").attributes["value"] == "when=today"
    assert not re.search(r'href="/calls/export\?', await browser.text("leila", "/calls?when=today"))
