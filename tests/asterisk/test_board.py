"""The wallboard of a real Asterisk: who waits, who rings, what the day brought, also right after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxcall.demo.phone import Policy
from cxcall.demo.switch import Switch
from tests.asterisk.conftest import Phones
from tests.asterisk.site import SUPPORT, ami_of
from tests.support.serving import Serving, serving

Board = dict[str, Any]


async def until(site: Serving, is_so: Callable[[Board], bool]) -> Board:
    """The first board of which `is_so` says yes."""
    board: Board = {}
    try:
        async with asyncio.timeout(40):
            while not is_so(board := await site.get("/api/v1/board")):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"the board stays {board}\n{site.log()}") from None
    return board


def support(board: Board) -> dict[str, Any]:
    tile: dict[str, Any] = board["queues"].get("lab:support", {"waiting": None, "answered": None, "abandoned": None})
    return tile


async def test_callers_agents_and_the_day_are_on_the_board_also_after_a_crash(
    switch: Switch, phones: Phones, tmp_path: Path
) -> None:
    for number in ("1001", "1002", "1003"):
        phones[number].policy = Policy.ANSWER
    async with serving(tmp_path, ami_of(switch)) as site:
        await site.connected()
        call = phones.outside.call(SUPPORT, from_number="9121230001")
        await call.answered()
        talk = await until(site, lambda board: board["figures"]["agents"]["on_call"] == 1)
        agent = next(seat for seat in talk["agents"].values() if seat["state"] == "on_call")
        assert (agent["caller"][-10:], agent["queue"], "support" in agent["queues"]) == ("9121230001", "support", True)
        await call.hang_up()
        await until(site, lambda board: board["figures"]["agents"]["on_call"] == 0 and support(board)["answered"] == 1)

        for number in ("1001", "1002", "1003"):
            phones[number].policy = Policy.RING
        first = phones.outside.call(SUPPORT, from_number="9121230002")
        board = await until(site, lambda board: bool(board["figures"]["agents"]["ringing"]))
        assert (support(board)["waiting"], board["figures"]["longest"]["queue"]) == (1, "lab:support")
        since = support(board)["since"]

        await site.kill()
        second = phones.outside.call(SUPPORT, from_number="9121230003")
        await site.start()
        begun = await site.get("/api/v1/board")
        assert (begun["complete"], support(begun)["answered"]) == (True, 1)
        board = await until(site, lambda board: support(board)["waiting"] == 2)
        assert support(board)["answered"] == 1
        assert abs(support(board)["since"][0] - since[0]) < 1.5  # Asterisk tells in whole seconds how long they wait
        await first.hang_up()
        await second.hang_up()
        gone = await until(site, lambda board: support(board)["waiting"] == 0)
        assert (support(gone)["answered"], support(gone)["abandoned"], support(gone)["offered"]) == (1, 2, 3)
