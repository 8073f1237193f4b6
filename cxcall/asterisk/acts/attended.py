"""Attended transfer over the manager interface, believed only when it is seen.

Asterisk answers Success to `Atxfer` whatever comes of it: without `t` in Queue() or Dial() nothing happens. What proves
it is in the events: the channel goes on hold for its caller, and a Local channel for the other number is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cxcall.asterisk.acts.calls import check_number
from cxcall.asterisk.acts.limits import LIMIT, SIGNS
from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers, text
from cxcall.bus import CommandRefused
from cxcall.bus.acts import AttendedTransfer

Sign = Callable[[str, Headers], bool]


class Signs:
    """Events somebody waits for; `told` hears each of `reading.WATCHED`.

    `begun`: by the agent's channel the one its transfer was begun at, until that is gone: while the agent talks with
    the colleague it can't be told from the bridges any more.
    """

    def __init__(self) -> None:
        self.begun: dict[str, str] = {}
        self._awaited: dict[asyncio.Future[None], Sign] = {}

    def told(self, event: str, message: Headers) -> None:
        if event == "Hangup" and self.begun:
            self.begun.pop(text(message, "Channel"), None)
        for future, sign in list(self._awaited.items()):
            if not future.done() and sign(event, message):
                future.set_result(None)

    def expect(self, sign: Sign) -> asyncio.Future[None]:
        """Done with the first event that `sign` says yes to; `forget` it when nobody waits any more."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._awaited[future] = sign
        return future

    def forget(self, future: asyncio.Future[None]) -> None:
        self._awaited.pop(future, None)
        future.cancel()


async def begin(client: Client, act: AttendedTransfer, channel: str, signs: Signs) -> None:
    """The caller waits and `exten` is asked for, or CommandRefused; then what was begun is broken off.

    `#` ends the number: without it Asterisk waits for more digits wherever a pattern would take them.
    """
    await check_number(client, act.context, act.exten)
    held = signs.expect(lambda event, message: event == "Hold" and text(message, "Channel") == channel)
    asked = signs.expect(
        lambda event, message: (
            event == "Newchannel"
            and text(message, "Channel").startswith(f"Local/{act.exten}@{act.context}")
            and text(message, "Channel").endswith(";1")
        )
    )
    try:
        await client.act("Atxfer", {"Channel": channel, "Exten": f"{act.exten}#", "Context": act.context}, limit=LIMIT)
        async with asyncio.timeout(SIGNS):
            await asyncio.gather(held, asked)
        signs.begun[act.channel] = channel
    except TimeoutError:
        if held.done() and not held.cancelled():
            await cancel(client, channel)
        raise CommandRefused(
            "Asterisk did not begin the transfer: its Queue() or Dial() needs the option t. The call goes on as it was."
        ) from None
    finally:
        signs.forget(held)
        signs.forget(asked)


async def cancel(client: Client, channel: str) -> None:
    """Agent and caller talk again. Asterisk says Success also where no transfer is going on."""
    await client.act("CancelAtxfer", {"Channel": channel}, limit=LIMIT)
