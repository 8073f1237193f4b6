"""GET /ws: numbers, resume, snapshots, rights, pace, and the end of a session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError

from cxcall.bus import Bus
from cxcall.store import users
from cxcall.web import hub, live
from cxcall.web.access import Role
from cxcall.web.keys import LIVE
from cxcall.web.outbox import MOST, Outbox
from tests.support.webapp import Browser, World

QUIET = 0.3


class Tab:
    """One WebSocket, as a page uses it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, *channels: str, seq: dict[str, int] | None = None, rate: str = "normal") -> None:
        await self.socket.send_json({"sub": list(channels), "seq": seq or {}, "rate": rate})

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self.socket.receive_str(timeout=30))
        return message

    async def hears_nothing(self) -> bool:
        try:
            await self.socket.receive(timeout=QUIET)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def opened(browser: Browser, **headers: str) -> AsyncIterator[Tab]:
    async with browser.client.session.ws_connect(browser.client.make_url("/ws"), headers=headers) as socket:
        yield Tab(socket)


async def listening(tab: Tab, *channels: str) -> dict[str, int]:
    """Subscribe without numbers and take the snapshots; the numbers they have."""
    await tab.say(*channels)
    return {message["ch"]: message["seq"] for message in [await tab.hear() for _ in channels]}


async def test_who_subscribes_without_a_number_is_told_to_fetch_and_then_gets_every_patch(
    world: World, supervisor: Browser
) -> None:
    async with opened(supervisor) as tab:
        await tab.say("calls")
        first = await tab.hear()
        assert first == {"ch": "calls", "seq": world.bus.seq("calls"), "t": "snap", "d": {"stale": True}}
        world.bus.publish("calls", {"id": "lab-1", "outcome": "in_progress"})
        world.bus.publish("other", {})
        patch = {"ch": "calls", "seq": first["seq"] + 1, "t": "patch", "d": {"id": "lab-1", "outcome": "in_progress"}}
        assert await tab.hear() == patch
        assert await tab.hears_nothing()


async def test_who_comes_back_with_a_number_gets_what_was_missed_once(world: World, supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        seq = (await listening(tab, "calls"))["calls"]
    for n in range(5):
        world.bus.publish("calls", n)
    async with opened(supervisor) as tab:
        await tab.say("calls", seq={"calls": seq})
        assert [(await tab.hear())["d"] for _ in range(5)] == [0, 1, 2, 3, 4]
        assert await tab.hears_nothing()


@pytest.mark.parametrize("gone", [1, 10**15])
async def test_a_number_that_is_no_longer_kept_or_not_ours_gets_a_snapshot(
    world: World, supervisor: Browser, gone: int
) -> None:
    for n in range(300):
        world.bus.publish("calls", n)
    async with opened(supervisor) as tab:
        await tab.say("calls", seq={"calls": gone})
        message = await tab.hear()
        assert (message["t"], message["seq"]) == ("snap", world.bus.seq("calls"))


async def test_a_burst_becomes_one_snapshot_with_the_newest_number(world: World, supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        await listening(tab, "calls")
        for n in range(1000):
            world.bus.publish("calls", n)
        message = await tab.hear()
        assert (message["t"], message["seq"]) == ("snap", world.bus.seq("calls"))
        assert await tab.hears_nothing()


async def test_leaving_a_channel_ends_its_messages(world: World, supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        await listening(tab, "calls", "asterisk")
        await tab.say("asterisk", seq={"asterisk": world.bus.seq("asterisk")})
        await asyncio.sleep(0.1)
        world.bus.publish("calls", 1)
        world.bus.publish("asterisk", 2)
        assert (await tab.hear())["ch"] == "asterisk"
        assert await tab.hears_nothing()


async def test_agents_hear_their_own_phones_and_customers_and_nothing_else(world: World, agent: Browser) -> None:
    async with opened(agent) as tab:
        await tab.say("calls", "asterisk", "desk:PJSIP/1002", "desk:PJSIP/1001", "call:lab-1", "customer:c1", "secrets")
        heard = {(await tab.hear())["ch"] for _ in range(2)}
        assert heard == {"desk:PJSIP/1001", "customer:c1"}
        world.bus.publish("calls", 1)
        world.bus.publish("desk:PJSIP/1002", 1)
        assert await tab.hears_nothing()


async def test_agents_follow_the_wallboard_that_names_no_caller_and_not_the_other(world: World, agent: Browser) -> None:
    async with opened(agent) as tab:
        await tab.say("board", "board:open")
        assert (await tab.hear())["ch"] == "board:open"
        world.bus.publish("board", {"at": 1.0})
        assert await tab.hears_nothing()


async def test_supervisors_hear_every_call_and_phone_but_no_unknown_channel(supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        await tab.say("calls", "asterisk", "board", "desk:PJSIP/1001", "call:lab-1", "customer:c1", "secrets")
        assert {(await tab.hear())["ch"] for _ in range(6)} == {
            "calls", "asterisk", "board", "desk:PJSIP/1001", "call:lab-1", "customer:c1",
        }  # fmt: skip
        assert await tab.hears_nothing()


async def test_who_is_not_signed_in_is_told_by_the_close_code(guest: Browser) -> None:
    async with opened(guest) as tab:
        await tab.socket.receive(timeout=30)
        assert tab.socket.close_code == hub.SIGNED_OUT


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_pages_of_other_sites_can_not_listen(supervisor: Browser, headers: dict[str, str]) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(supervisor, **headers):
            pass
    assert refused.value.status == 403


async def test_signing_out_closes_the_tabs_of_that_session_at_once(world: World, agent: Browser) -> None:
    other = await world.browser(Role.AGENT)
    async with opened(agent) as tab, opened(agent) as second, opened(other) as elsewhere:
        await listening(tab, "customer:c1")
        await listening(second, "customer:c1")
        await listening(elsewhere, "customer:c1")
        await agent.post("/logout")
        await tab.socket.receive(timeout=30)
        await second.socket.receive(timeout=30)
        assert tab.socket.close_code == second.socket.close_code == hub.SIGNED_OUT
        assert await elsewhere.hears_nothing()
        assert not elsewhere.socket.closed


async def test_a_session_that_ended_elsewhere_closes_the_tab_soon(
    world: World, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STILL_SIGNED_IN_S", 0.1)
    async with opened(agent) as tab:
        await listening(tab, "customer:c1")
        async with world.engine.begin() as conn:
            await users.change(conn, world.people[Role.AGENT].id, disabled=True)
        await tab.socket.receive(timeout=30)
        assert tab.socket.close_code == hub.SIGNED_OUT


async def test_a_hidden_tab_is_told_slowly_and_at_once_when_it_is_shown(
    world: World, supervisor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(live.PACE_S, "slow", 60.0)
    async with opened(supervisor) as tab:
        await tab.say("calls", rate="slow")
        seq = (await tab.hear())["seq"]
        await asyncio.sleep(0.05)
        world.bus.publish("calls", 1)
        assert await tab.hears_nothing()
    async with opened(supervisor) as tab:
        await tab.say("calls", seq={"calls": seq}, rate="slow")
        assert (await tab.hear())["d"] == 1
        await asyncio.sleep(0.05)
        world.bus.publish("calls", 2)
        await asyncio.sleep(0.05)
        await tab.say("calls", seq={"calls": seq + 1}, rate="normal")
        assert (await tab.hear())["d"] == 2


@pytest.mark.parametrize("nonsense", ["", "{", "[]", '{"sub": 5}', '{"sub": ["x"], "seq": {"x": "y"}}', "💥"])
async def test_nonsense_is_passed_over_and_the_socket_lives_on(
    world: World, supervisor: Browser, nonsense: str
) -> None:
    async with opened(supervisor) as tab:
        await tab.socket.send_str(nonsense)
        assert await listening(tab, "calls")


async def test_a_tab_listens_to_a_bounded_number_of_channels(world: World, supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        for turn in range(20):
            await tab.say(*(f"call:{turn}-{number}" for number in range(200)))
        await tab.say("calls")
        async with asyncio.timeout(30):
            while (await tab.hear())["ch"] != "calls":
                pass
        listened = [name for name, state in world.bus._channels.items() if state.subscribers]
        assert listened == ["calls"]


async def test_too_much_said_at_once_closes_the_socket(supervisor: Browser) -> None:
    async with opened(supervisor) as tab:
        await tab.socket.send_str("x" * 100_000)
        await tab.socket.receive(timeout=30)
        assert tab.socket.closed


async def test_nothing_is_left_of_closed_tabs(world: World, supervisor: Browser) -> None:
    for _ in range(3):
        async with opened(supervisor) as tab:
            await listening(tab, "calls")
    async with asyncio.timeout(30):
        while len(world.app[LIVE]):
            await asyncio.sleep(0.01)
    assert not world.bus._channels["calls"].subscribers


def test_an_outbox_never_grows_however_much_happens() -> None:
    bus = Bus(1)
    outbox = Outbox(bus)
    for channel in ("a", "b"):
        bus.subscribe(channel, outbox.put)
    for n in range(100_000):
        bus.publish("a", n)
    for n in range(MOST):
        bus.publish("b", n)
    assert len(outbox) == 1 + MOST
    frames = [json.loads(frame) for frame in outbox.take()]
    assert frames[0] == {"ch": "a", "seq": 100_001, "t": "snap", "d": {"stale": True}}
    assert [frame["d"] for frame in frames[1:]] == list(range(MOST))
    assert len(outbox) == 0
