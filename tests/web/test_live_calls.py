"""Calls in progress: each in its true state since when, the longest waiting first, for overseers only."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cxcall.customers.profile import Profile
from tests.support.call_centre import MARYAM, OMID, answered, call_centre, ended, held, ringing
from tests.web.reading import browsing


async def test_each_call_shows_its_state_and_since_when(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.customer(Profile(name="Maryam Hosseini", numbers=("+989123456789",)))
        waiting = ringing("02188341190", centre.ago(seconds=100))
        waiting = dataclasses.replace(waiting, legs=waiting.legs[:1])
        talking = answered(ringing(MARYAM, centre.ago(seconds=300)), centre.ago(seconds=200))
        on_hold = answered(ringing("02188341192", centre.ago(seconds=301), at=OMID), centre.ago(seconds=210))
        await centre.tell(
            talking, waiting, ringing("02188341191", centre.ago(seconds=60)), held(on_hold, centre.ago(seconds=30))
        )
        page = await browser.page("leila", "/live")
        rows = [row.text for row in page.all("tbody tr")]
        assert [row.split()[0] for row in rows] == ["Waiting", "Ringing", "On", "Talking"]
        assert "Maryam Hosseini" in rows[3]
        assert "Sara Karimi" in rows[3]
        assert "Omid Rahimi" in rows[2]
        assert page.one(".kpis").text.startswith("In progress 4 Waiting 1 Ringing 1 Talking 1 On hold 1")


async def test_no_calls_is_said_and_a_call_that_ended_is_gone(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        await centre.tell(ended(ringing(MARYAM, centre.ago(seconds=60)), centre.now))
        assert "No calls right now." in await browser.text("leila", "/live/table")


async def test_agents_do_not_see_the_calls_of_all(tmp_path: Path) -> None:
    async with call_centre(tmp_path) as centre, browsing(centre) as browser:
        assert (await browser.get("sara", "/live")).status == 403
        assert (await browser.get("sara", "/live/table")).status == 403
