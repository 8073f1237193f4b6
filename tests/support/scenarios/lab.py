"""Where recordings are made: a private Asterisk with queues and numbers of its own, five phones, and the world
outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from cxcall.demo.phone import Call, Phone, Policy
from cxcall.demo.switch import PHONES, Site, Switch, Tree
from tests.support.manager import Headers, Manager

CALLER, CALLER_NAME = "09121234567", "زهرا کریمی"

_QUEUES = """
; Strategies stand in the queues themselves: one in a template could not be overridden.
[hotline]
strategy = linear
timeout = 4
retry = 1
ringinuse = no
setinterfacevar = yes
joinempty = yes
member => PJSIP/1001,0,Sara Ahmadi,PJSIP/1001
member => PJSIP/1002,0,Reza Karimi,PJSIP/1002
[team]
strategy = ringall
timeout = 10
ringinuse = no
joinempty = yes
member => PJSIP/1001,0,Sara Ahmadi,PJSIP/1001
member => PJSIP/1002,0,Reza Karimi,PJSIP/1002
[small]
maxlen = 1
joinempty = yes
[closed]
joinempty = no
[optimised]
strategy = linear
timeout = 8
ringinuse = no
joinempty = yes
member => Local/1001@cxcall-demo-agents,0,Sara Ahmadi,PJSIP/1001
"""

_NUMBERS = """
[from-trunk](+)
; queues: hotline, hotline for 5 s, team, small, closed, optimised, hotline that may be withdrawn from
exten => 02191000701,1,Answer()
 same => n,Queue(hotline,tT,,,60)
 same => n,Hangup()
exten => 02191000702,1,Answer()
 same => n,Queue(hotline,tT,,,5)
 same => n,Playback(beep)
 same => n,Hangup()
exten => 02191000703,1,Answer()
 same => n,Queue(team,tT,,,60)
 same => n,Hangup()
exten => 02191000704,1,Answer()
 same => n,Queue(small,tT,,,60)
 same => n,Playback(beep)
 same => n,Hangup()
exten => 02191000705,1,Answer()
 same => n,Queue(closed,tT,,,60)
 same => n,Playback(beep)
 same => n,Hangup()
exten => 02191000706,1,Answer()
 same => n,Queue(optimised,tT,,,60)
 same => n,Hangup()
; a machine that takes a message
exten => 02191000708,1,Answer()
 same => n,Playback(beep)
 same => n,Record(message-%d.wav,3,10)
 same => n,Hangup()
; forwarded by the dialplan; rung for 3 s
exten => 02191000711,1,Dial(Local/1003@internal/n,20)
 same => n,Hangup()
exten => 02191000712,1,Dial(PJSIP/1001,3)
 same => n,Hangup()
"""

_RECORDER = "recorder"

Scenario = Callable[["Lab"], Awaitable[None]]
SCENARIOS: dict[str, Scenario] = {}


def scenario(play: Scenario) -> Scenario:
    """Register `play`: its name becomes the recording's, its docstring the truth about it."""
    SCENARIOS[play.__name__] = play
    return play


class Lab:
    """What a scenario works with; `phones` ring until told otherwise, `outside` answers."""

    def __init__(self, switch: Switch, manager: Manager, phones: dict[str, Phone], outside: Phone) -> None:
        self.switch, self.manager, self.phones, self.outside = switch, manager, phones, outside
        self.sara, self.reza, self.maryam, self.omid, self.nasrin = phones.values()
        self.began_at = time.time()
        self._first = len(manager.seen)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, tree: Tree) -> AsyncIterator[Callable[[], Awaitable[Lab]]]:
        """Give a function that makes a Lab, with new phones, for each scenario on one Asterisk."""
        manager_conf = f"[{_RECORDER}]\nsecret = {_RECORDER}\nread = all\nwrite = all\n"
        additions = {"queues.conf": _QUEUES, "extensions.conf": _NUMBERS, "manager.conf": manager_conf}
        site = Site(name="lab", parking_seconds=4, additions=additions)
        async with AsyncExitStack() as stack:
            switch = await stack.enter_async_context(Switch.start(folder, tree, site))
            manager = await stack.enter_async_context(Manager.connect(switch.ami_port, _RECORDER, _RECORDER))
            phones_of_last = await stack.enter_async_context(AsyncExitStack())

            async def new() -> Lab:
                await phones_of_last.aclose()
                await manager.quiet()
                phones = {
                    number: await phones_of_last.enter_async_context(
                        Phone.start(number, switch.sip_address, port=switch.phone_port(number), policy=Policy.RING)
                    )
                    for number in PHONES
                }
                outside = await phones_of_last.enter_async_context(
                    Phone.start("outside", switch.sip_address, port=switch.trunk_port)
                )
                return cls(switch, manager, phones, outside)

            yield new

    def begin(self) -> None:
        """Record from here on only."""
        self.began_at = time.time()
        self._first = len(self.manager.seen)

    def recorded(self) -> list[tuple[float, Headers]]:
        """Return what came since the beginning: seconds since then, and the event."""
        return [(round(seen.at - self.began_at, 3), seen.event) for seen in self.manager.seen[self._first :]]

    def dial(self, number: str, caller: str = CALLER, name: str = CALLER_NAME) -> Call:
        """Call the site's `number` from outside."""
        return self.outside.call(number, from_number=caller, from_name=name)

    async def event(self, name: str, **headers: str) -> Headers:
        """Return the first event `name` with these headers since the beginning; waits for it."""
        wanted = {"Event": name, **headers}
        return await self.manager.until(
            lambda event: all(event.get(key) == value for key, value in wanted.items()), since=self._first
        )

    async def act(self, action: str, **headers: str) -> None:
        """Have the manager do `action`, which must succeed."""
        answer = await self.manager.ask(action, headers)
        assert answer["Response"] == "Success", answer

    async def queue_call(self, number: str = "02191000701") -> tuple[Call, Call]:
        """Have Zahra call a queue and the agent at 1001 answer after a second; return both ends, bridged."""
        call = self.dial(number)
        ring = await self.sara.next_call()
        await pause(1.0)
        await ring.answer()
        await call.answered()
        await self.event("BridgeEnter", BridgeNumChannels="2")
        return call, ring


async def pause(seconds: float) -> None:
    """Let people talk, wait or think."""
    await asyncio.sleep(seconds)
