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

import pytest
import pytest_asyncio

from cxcall.demo.phone import Call, Phone, Policy, strength
from cxcall.demo.switch import PHONES, Site, Switch, Tree, unpack

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
