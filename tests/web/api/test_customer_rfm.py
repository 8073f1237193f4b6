"""Recency, frequency and value of a customer over HTTP, on their page and in the report, the same in both languages."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from cxcall.store import calls, rfm
from tests.store.make import MORNING, queue_call, write
from tests.web.api.conftest import Client, Site

NUMBERS = [f"091200000{n:02}" for n in range(10)]
NOW = MORNING + timedelta(hours=12)


async def _history(site: Site) -> None:
    """Ten customers: the n-th called n times, the last time n days ago."""
    writes = [
        write(queue_call(100 * n + m, at=-86_400.0 * (n + m * 3), number=number))
        for n, number in enumerate(NUMBERS, 1)
        for m in range(n)
    ]
    async with site.engine.begin() as conn:
        await calls.apply(conn, writes, region="IR")


async def _id(client: Client, number: str) -> str:
    (found,) = (await client.get(f"/customers?text={number[1:]}")).json["items"]
    return str(found["id"])


async def test_a_customer_stands_among_all_of_the_night_before(site: Site, supervisor: Client) -> None:
    await _history(site)
    often, once = await _id(supervisor, NUMBERS[9]), await _id(supervisor, NUMBERS[0])
    assert (await supervisor.get(f"/customers/{often}/rfm")).json == {"customer_id": often, "rfm": None}
    await rfm.work_out(site.engine, ZoneInfo("Asia/Tehran"), now=NOW, pause_s=0)
    found = (await supervisor.get(f"/customers/{often}/rfm")).json["rfm"]
    assert (found["recency"], found["frequency"], found["value_score"], found["group"]) == (1, 5, 5, "slipping")
    assert (found["days"], found["contacts"], found["value"], found["customers"]) == (10, 10, None, 10)
    assert found["by_purchases"] is False
    found = (await supervisor.get(f"/customers/{once}/rfm")).json["rfm"]
    assert (found["recency"], found["frequency"], found["group"]) == (5, 1, "recent")


async def test_nobody_is_told_apart_who_does_not_exist(supervisor: Client) -> None:
    assert (await supervisor.get("/customers/0123456789abcdef/rfm")).status == 404
