"""The floor now over HTTP: all of it for those who oversee, no callers for others, a plain refusal without it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from cxcall.bus.board import SNAPSHOT
from cxcall.calls.board import Board
from cxcall.calls.board_shapes import BoardSnapshot
from tests.unit.calls.test_board import NOON, seat, talking
from tests.web.api.conftest import Site


async def test_the_floor_is_told_to_each_as_they_may_see_it(site: Site) -> None:
    supervisor = await site.by_session(await site.user("omid", "supervisor"))
    agent = await site.by_token(await site.user("sara"), "queues:read")
    refused = await supervisor.get("/board")
    assert (refused.status, "Nobody follows" in refused.json["detail"]) == (503, True)
    board = Board(ZoneInfo("UTC"))
    board.call(talking(-1000))
    board.seats([seat("a", "on_call", "sales", call="lab-1", caller="0912")])

    async def tell(_: Any) -> BoardSnapshot:
        return board.at(NOON)

    withdraw = site.commands.serve(SNAPSHOT, tell)
    seen, shown = (await supervisor.get("/board")).json, (await agent.get("/board")).json
    withdraw()
    assert (seen["calls"][0]["why"], seen["agents"]["lab:a"]["caller"]) == ("talk", "0912")
    assert (shown["calls"], shown["agents"]["lab:a"]["caller"]) == ([], "")
    assert shown["queues"] == seen["queues"]
    assert seen["queues"]["lab:sales"]["answered"] == 1
