"""A real Asterisk for the tests of this folder, and phones to call with.

    async def test_…(switch: Switch, phones: Phones) -> None:
        call = phones.outside.call("02191000500", from_number="09121234567")
        ring = await phones.first_ringing("1001", "1002", "1003")

`switch` is one for the whole session; `start_switch` gives a test its own. All tests here share one event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from cxcall.demo.phone import Call, Phone, Policy, strength
from cxcall.demo.switch import PHONES, Site, Switch, Tree, unpack

if TYPE_CHECKING:
    from tests.asterisk.floor_stage import Place
    from tests.asterisk.queue_stage import Stage as QueueStage
    from tests.asterisk.routing_site import RoutingSite

HERE = Path(__file__).parent
TREES = HERE.parent.parent / "var" / "asterisk"
VOICES = HERE.parent.parent / "var" / "voices"
"""What the demo's people say, made once for all tests."""

StartSwitch = Callable[..., Awaitable[Switch]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asterisk)
            if isinstance(item, pytest.Function) and asyncio.iscoroutinefunction(item.function):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """The five phones of the demo, which ring until told otherwise, and the world outside, which answers."""

    inside: dict[str, Phone]
    outside: Phone

    def __getitem__(self, number: str) -> Phone:
        return self.inside[number]

    async def first_ringing(self, *numbers: str, timeout: float = 30.0) -> Call:
        """Return the next call at one of the phones `numbers`, by default all."""
        waits = [asyncio.create_task(self[number].next_call(timeout)) for number in numbers or PHONES]
        try:
            done, _ = await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        assert done, "no phone rang"
        return done.pop().result()

    async def forget_rings(self) -> None:
        """Nobody asks any more for calls that rang until now."""
        for phone in self.inside.values():
            with suppress(TimeoutError):
                while True:
                    await phone.next_call(0.01)


def heard_thanks(call: Call) -> bool:
    """Whether `call` heard the demo's thanks in the last seconds; its first tone is 660 Hz."""
    sound, window = call.heard.last(4), 1_200
    return any(strength(sound[at : at + window], 660) >= 4_000 for at in range(0, len(sound) - window, window // 3))


async def hears_thanks(call: Call) -> None:
    """Wait for them; a short tone is not missed however seldom there is time to listen."""
    async with asyncio.timeout(30):
        while not heard_thanks(call):
            await asyncio.sleep(0.1)


async def no_calls(switch: Switch) -> None:
    """Wait until Asterisk has no call left."""
    async with asyncio.timeout(60):
        while "0 active channels" not in await switch.cli("core show channels count"):
            await asyncio.sleep(0.05)


@pytest.fixture(scope="session")
def tree() -> Tree:
    return unpack(TREES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def switch(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Switch]:
    async with Switch.start(tmp_path_factory.mktemp("switch"), tree, Site(name="lab")) as running:
        yield running
        await running.kill()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def managed(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[QueueStage]:
    """One more Asterisk for the whole session: its queues are written by cxcall."""
    from tests.asterisk.queue_stage import managed_stage  # which needs this module

    async with managed_stage(tmp_path_factory.mktemp("managed"), tree) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One more, whose phones hum, followed by cxcall: for who steps into calls and hands them on."""
    from tests.asterisk.floor_stage import floor_place  # which needs this module

    async with floor_place(tmp_path_factory.mktemp("floor"), tree) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def at(place: Place) -> AsyncIterator[Place]:
    for phone in place.phones.inside.values():
        phone.policy = Policy.RING
    await place.phones.forget_rings()
    yield place
    await place.stop()
    for phone in (*place.phones.inside.values(), place.phones.outside):
        for call in phone.calls:
            await call.hang_up()
    await no_calls(place.switch)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def routed(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RoutingSite]:
    """Two more, which ask one cxcall where calls go; who waits is looked at more often than a site needs."""
    from cxcall.asterisk.routing import library, lifting
    from tests.asterisk.routing_site import routing_site  # which needs this module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifting, "LOOK_S", 0.3)
        patch.setattr(library, "READ_S", 1.0)
        patch.setattr(library, "LOOK_S", 0.5)
        async with routing_site(tmp_path_factory.mktemp("routing"), tree) as running:
            yield running


@pytest_asyncio.fixture(loop_scope="session")
async def routes(routed: RoutingSite) -> AsyncIterator[RoutingSite]:
    """With no call left of the test before."""
    yield routed
    for switch, phones in ((routed.switch, routed.phones), (routed.pbx, routed.pbx_phones)):
        await switch.cli("channel request hangup all")
        await no_calls(switch)
        for phone in phones.inside.values():
            phone.policy = Policy.RING
        await phones.forget_rings()
    for number in ("1001", "1002"):
        await routed.switch.cli(f"queue unpause member PJSIP/{number}")
    await routed.floor(lambda floor: not any(queue.waiting for queue in floor.queues.values()))
    await routed.floor(lambda floor: floor.queues["first"].free == 2)


@pytest_asyncio.fixture(loop_scope="session")
async def start_switch(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StartSwitch]:
    """Give `await start_switch(Site(…))`: one more Asterisk, until the end of the test."""
    async with AsyncExitStack() as running:

        async def start(site: Site | None = None) -> Switch:
            folder = tmp_path_factory.mktemp("switch")
            switch = await running.enter_async_context(Switch.start(folder, tree, site))
            running.push_async_callback(switch.kill)  # nobody needs an orderly end
            return switch

        yield start


async def connect_phones(switch: Switch, stack: AsyncExitStack) -> Phones:
    inside = {
        number: await stack.enter_async_context(
            Phone.start(number, switch.sip_address, port=switch.phone_port(number), policy=Policy.RING)
        )
        for number in PHONES
    }
    outside = await stack.enter_async_context(Phone.start("outside", switch.sip_address, port=switch.trunk_port))
    return Phones(inside=inside, outside=outside)


@pytest_asyncio.fixture(loop_scope="session")
async def phones(switch: Switch) -> AsyncIterator[Phones]:
    async with AsyncExitStack() as stack:
        yield await connect_phones(switch, stack)
