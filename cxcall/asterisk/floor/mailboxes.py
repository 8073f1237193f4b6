"""How many voice messages nobody has heard, in the mailboxes that callers of closed queues are sent to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.errors import AmiError
from cxcall.asterisk.ami.message import text
from cxcall.calls.board import Board, Place

log = structlog.get_logger(__name__)

EVERY_S = 10.0
LOOK_S = 1.0
"""Seconds after which a queue that closed just now is seen."""
MOST = 50
"""Mailboxes asked for in one round: a site has few, and Asterisk has other things to do."""
_LIMIT_S = 3.0


class Mailboxes:
    """Asks while `run` runs; a mailbox that can't be counted is left out, and said once."""

    def __init__(self, *, board: Board, clients: Mapping[str, Client], told: Callable[[], None]) -> None:
        self._board = board
        self._clients = clients
        self._told = told
        self._said: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        asked: frozenset[Place] = frozenset()
        found: dict[Place, int] = {}
        due = 0.0
        while True:
            wanted = self._wanted()
            if wanted != asked or clock() >= due:
                asked, before, due = wanted, found, clock() + EVERY_S
                found = await self.look()
                if found != before:
                    self._board.messages(found)
                    self._told()
            await asyncio.sleep(LOOK_S)

    def _wanted(self) -> frozenset[Place]:
        """Mailboxes whose Asterisk can be asked now."""
        up = {name for name, client in self._clients.items() if client.connected}
        return frozenset(place for place in self._board.mailboxes() if place[0] in up)

    async def look(self) -> dict[Place, int]:
        """Messages that nobody has heard, by mailbox."""
        found: dict[Place, int] = {}
        for place in sorted(self._wanted())[:MOST]:
            try:
                answer = await self._clients[place[0]].action("MailboxCount", {"Mailbox": place[1]}, limit=_LIMIT_S)
                found[place] = int(text(answer, "NewMessages") or "")
            except (AmiError, ValueError) as error:
                if place[0] not in self._said:
                    self._said.add(place[0])
                    log.warning(
                        "mailboxes that Asterisk does not count", server=place[0], mailbox=place[1], error=str(error)
                    )
        return found
