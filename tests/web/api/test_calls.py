"""Calls over HTTP: the record, the list and its filters, whose calls an agent sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxcall.calls.record import jsonable
from cxcall.store import calls
from tests.store import make
from tests.web.api.conftest import Client, Site


async def _ids(client: Client, query: str = "") -> list[str]:
    answer = await client.get(f"/calls{query}")
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.json["items"]]


async def test_a_call_is_given_exactly_as_its_record(site: Site, supervisor: Client) -> None:
    record = make.queue_call(1)
    await site.store(record)
    answer = await supervisor.get(f"/calls/{record.id}")
    assert answer.status == 200
    assert answer.kind == "application/json"
    customer_id = answer.json["caller"]["customer_id"]
    assert customer_id
    expected = replace(record, caller=replace(record.caller, customer_id=customer_id))
    assert answer.json == jsonable(expected)
    assert answer.json["started_at"] == "2026-11-21T06:30:00.123456Z"
    assert answer.json["talks"][0]["from"] == "2026-11-21T06:30:20.123456Z"


async def test_a_merged_call_is_found_by_its_old_id(site: Site, supervisor: Client) -> None:
    kept, gone = make.queue_call(1), make.queue_call(2)
    async with site.engine.begin() as conn:
        await calls.apply(conn, [make.write(gone), make.write(kept, 1, gone.id)], region="IR")
    answer = await supervisor.get(f"/calls/{gone.id}")
    assert answer.json["id"] == kept.id


@pytest.mark.parametrize("call_id", ["none", "lab-1.1", "%00", "%ff%fe", "a" * 3000, "تماس", "..%2f..", "'; --"])
async def test_an_unknown_call_is_404(supervisor: Client, call_id: str) -> None:
    answer = await supervisor.get(f"/calls/{call_id}")
    assert (answer.status, answer.kind) == (404, "application/problem+json")


async def test_pages_stay_as_they_are_while_new_calls_arrive(site: Site, supervisor: Client) -> None:
    await site.store(*(make.queue_call(n, at=n) for n in range(10)))
    seen, after = [], ""
    for new in range(10, 30, 5):
        answer = await supervisor.get(f"/calls?limit=3{after}")
        seen += [item["id"] for item in answer.json["items"]]
        await site.store(*(make.queue_call(n, at=n) for n in range(new, new + 5)))
        if answer.json["next"] is None:
            break
        after = "&after=" + answer.json["next"]
    assert seen == [make.queue_call(n).id for n in range(9, -1, -1)]


async def test_the_last_page_has_no_next(site: Site, supervisor: Client) -> None:
    await site.store(make.queue_call(1), make.queue_call(2))
    assert (await supervisor.get("/calls?limit=2")).json["next"] is None
    assert (await supervisor.get("/calls?limit=1")).json["next"] is not None
    assert (await supervisor.get("/calls?text=nobody")).json == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?outcome=answered", [1, 3]),
        ("?outcome=abandoned", [2]),
        ("?direction=internal", []),
        ("?queue=support", [1, 2, 3]),
        ("?queue=sales", []),
        ("?agent=Sara", [1, 2, 3]),
        ("?extension=PJSIP/1001", [1, 2, 3]),
        ("?extension=PJSIP/1009", []),
        ("?server=lab", [1, 2, 3]),
        ("?server=other", []),
        ("?number=%2B989123456789", [1, 2]),
        ("?number=09123456789", [1, 2]),
        ("?number=0098912345%206789", [1, 2]),
        ("?number=۰۹۱۲۳۴۵۶۷۸۹", [1, 2]),
        ("?text=mary", [1, 2]),
        ("?text=زهرا", [3]),
        ("?text=0935", [3]),
        ("?since=2026-11-21T06:40:00Z", [2, 3]),
        ("?until=2026-11-21T06:40:00Z", [1]),
        ("?since=2026-11-21T10:10:00%2B03:30&until=2026-11-21T10:20:00%2B03:30", [2]),
        ("?since=2026-11-21T06:40:00Z&outcome=answered", [3]),
        ("?min_talk=61", []),
        ("?min_talk=60", [1, 2, 3]),
        ("?queue=&outcome=", [1, 2, 3]),
    ],
)
async def test_filters_narrow_the_list(site: Site, supervisor: Client, query: str, found: list[int]) -> None:
    await site.store(
        make.queue_call(1),
        make.queue_call(2, at=660, outcome="abandoned"),
        make.queue_call(3, at=1320, number="09351112233", name="زهرا کریمی"),
    )
    assert sorted(await _ids(supervisor, query)) == [make.queue_call(n).id for n in found]


async def test_calls_of_a_customer_are_found_by_its_id(site: Site, supervisor: Client) -> None:
    await site.store(make.queue_call(1), make.queue_call(2, number="09351112233"))
    first = (await supervisor.get("/calls?number=09351112233")).json["items"][0]
    assert await _ids(supervisor, f"?customer_id={first['customer_id']}") == [first["id"]]
    assert await _ids(supervisor, "?customer_id=nobody") == []


async def test_an_agent_sees_the_calls_of_their_own_phone_only(
    site: Site, supervisor: Client, sara: Client, omid: Client
) -> None:
    await site.store(make.queue_call(1), make.queue_call(2))
    assert len(await _ids(supervisor)) == 2
    assert len(await _ids(sara)) == 2
    assert await _ids(omid) == []
    assert await _ids(omid, "?extension=PJSIP/1001") == []
    assert len(await _ids(sara, "?extension=PJSIP/1001")) == 2


async def test_an_agent_without_a_phone_sees_no_call(site: Site) -> None:
    await site.store(make.queue_call(1))
    nobody = await site.by_token(await site.user("new", "agent"))
    assert await _ids(nobody) == []
    assert (await nobody.get(f"/calls/{make.queue_call(1).id}")).status == 404


async def test_an_agent_opens_a_call_that_rang_at_their_phone_but_no_other(
    site: Site, sara: Client, omid: Client
) -> None:
    await site.store(make.queue_call(1))
    assert (await sara.get(f"/calls/{make.queue_call(1).id}")).status == 200
    assert (await omid.get(f"/calls/{make.queue_call(1).id}")).status == 200
    stranger = await site.by_token(await site.user("ali", "agent", "PJSIP/100"))
    assert (await stranger.get(f"/calls/{make.queue_call(1).id}")).status == 404


async def test_a_call_in_progress_is_listed_without_an_end(site: Site, supervisor: Client) -> None:
    await site.store(make.ringing(make.queue_call(1)))
    (item,) = (await supervisor.get("/calls?outcome=in_progress")).json["items"]
    assert (item["ended_at"], item["answered_at"], item["talk"]) == (None, None, 0)


async def test_recording_and_transcript_are_not_there_yet(site: Site, supervisor: Client) -> None:
    await site.store(make.queue_call(1))
    for part in ("recording", "transcript"):
        assert (await supervisor.get(f"/calls/{make.queue_call(1).id}/{part}")).status == 404
