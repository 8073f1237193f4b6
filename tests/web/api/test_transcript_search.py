"""`/transcripts/search` over the API: spans, pages, rights, scopes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxcall.store import tokens
from tests.support.call_centre import CallCentre
from tests.support.talk_stage import talk_stage
from tests.web.reading import Browser

PATH = "/api/v1/transcripts/search"


async def _get(browser: Browser, name: str, query: str, *, scope: str = "speech:read", status: int = 200) -> Any:
    centre = browser.centre
    async with centre.engine.begin() as conn:
        made = await tokens.make(conn, centre.ids[name], name=query[:20], scopes=(scope,), now=datetime.now(UTC))
    response = await browser.client.get(f"{PATH}?{query}", headers={"Authorization": f"Bearer {made[1]}"})
    assert response.status == status, await response.text()
    return await response.json()


async def test_talks_are_found_with_the_places_of_the_words(centre: CallCentre, browser: Browser) -> None:
    talk = await talk_stage(centre)
    found = await _get(browser, "leila", "q=refund&shown=1")
    (one,) = found["items"]
    assert (one["call_id"], one["queue"], one["more"]) == (talk.record.id, "billing", 1)
    (turn,) = one["turns"]
    assert [turn["text"][start:end] for start, end in turn["found"]] == ["refund"]
    assert found["next"] is None
    assert (await _get(browser, "leila", "q=refund&mood_min=0.9"))["items"] == []


async def test_agents_get_their_own_talks_and_a_token_needs_its_scope(centre: CallCentre, browser: Browser) -> None:
    await talk_stage(centre)
    assert len((await _get(browser, "sara", "q=refund"))["items"]) == 1
    assert (await _get(browser, "omid", "q=refund"))["items"] == []
    assert (await _get(browser, "newcomer", "q=refund"))["items"] == []
    await _get(browser, "leila", "q=refund", scope="calls:read", status=403)
    await _get(browser, "leila", "q=refund&after=nonsense", status=422)
