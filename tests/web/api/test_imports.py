"""Customers from a CSV file over HTTP: looked at first, taken in, watched, taken back."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest

from tests.web.api.conftest import Answer, Client, Site

TABLE = """نام,موبایل,شهر
زهرا کریمی,۰۹۱۲۳۴۵۶۷۸۹,شیراز
Reza,0935 111 22 33,Yazd
Nobody,not a number,
"""


async def _send(client: Client, table: str | bytes | io.BytesIO, query: str = "", kind: str = "text/csv") -> Answer:
    data = table.encode() if isinstance(table, str) else table
    return await client.post(f"/customers/import{query}", data=data, headers={"Content-Type": kind})


async def _ended(client: Client, path: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            job = (await client.get(path)).json
            if job["state"] in ("done", "undone"):
                return job
            await asyncio.sleep(0.02)


async def test_a_file_is_taken_in_and_taken_back(supervisor: Client) -> None:
    answer = await _send(supervisor, TABLE, "?file=shop.csv")
    assert answer.status == 202
    assert answer.json["columns"] == {"0": "name", "1": "numbers", "2": "city"}
    path = answer.headers["Location"].removeprefix("/api/v1")
    job = await _ended(supervisor, path)
    assert (job["file"], job["by"], job["lines"], job["created"], job["failed"]) == ("shop.csv", "boss", 3, 2, 1)
    assert job["errors"][0]["line"] == 4
    assert "not a number" in job["errors"][0]["problems"][0]
    names = {item["name"] for item in (await supervisor.get("/customers")).json["items"]}
    assert names == {"زهرا کریمی", "Reza"}
    assert (await supervisor.get(f"{path}/errors")).json == {"items": job["errors"], "next": None}
    assert (await supervisor.post(f"{path}/undo")).status == 202
    assert (await _ended(supervisor, path))["undone"] == 2
    assert (await supervisor.get("/customers")).json["items"] == []


async def test_a_check_says_what_is_wrong_and_writes_nothing(supervisor: Client) -> None:
    answer = await _send(supervisor, TABLE, "/check")
    assert answer.status == 200
    assert (answer.json["lines"], answer.json["failed"], answer.json["errors"][0]["line"]) == (3, 1, 4)
    assert answer.json["columns"] == {"0": "name", "1": "numbers", "2": "city"}
    assert (await supervisor.get("/customers")).json["items"] == []


@pytest.mark.parametrize("table", [b"", b"\x00\x01\x02", "colour,size\nred,5\n", '"open\n'])
async def test_a_file_that_is_no_table_is_422(supervisor: Client, table: str | bytes) -> None:
    answer = await _send(supervisor, table)
    assert (answer.status, answer.kind) == (422, "application/problem+json")


async def test_another_kind_of_file_is_415_and_a_huge_one_413(supervisor: Client) -> None:
    assert (await _send(supervisor, TABLE, kind="application/json")).status == 415
    assert (await _send(supervisor, io.BytesIO(b"name\n" + b"x" * (21 << 20)))).status == 413


async def test_imports_are_not_for_agents_and_unknown_ones_are_404(supervisor: Client, sara: Client) -> None:
    assert (await _send(sara, TABLE)).status == 403
    for method, path in (("GET", "none"), ("GET", "none/errors"), ("POST", "none/undo")):
        assert (await supervisor.ask(method, f"/customers/imports/{path}")).status == 404


async def test_lines_that_were_not_taken_come_in_pages(supervisor: Client) -> None:
    table = "name,phone\n" + "".join(f"A{n},wrong{n}\n" for n in range(5))
    path = (await _send(supervisor, table)).headers["Location"].removeprefix("/api/v1") + "/errors"
    first = (await supervisor.get(f"{path}?limit=3")).json
    second = (await supervisor.get(f"{path}?limit=3&after={first['next']}")).json
    assert [item["line"] for item in (*first["items"], *second["items"])] == [2, 3, 4, 5, 6]
    assert second["next"] is None
    assert (await supervisor.get(f"{path}?after=x")).status == 422


async def test_another_site_can_not_import_with_our_session(site: Site) -> None:
    browser = await site.by_session(await site.user("boss", "supervisor"))
    assert (await _send(browser, TABLE)).status == 403
    assert (await browser.get("/customers")).json["items"] == []
