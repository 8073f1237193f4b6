"""What is said in spoken comments, once it is text: rules that ask for words are looked at again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.asterisk.surveys import closing
from cxcall.asterisk.surveys.closing import Closed
from cxcall.asterisk.surveys.news import News
from cxcall.bus import Bus, Message
from cxcall.store import alerts
from cxcall.store.ledger import Ledger

CHANNEL = "survey_comments"
"""Published by who wrote a comment down: `{"response": id, "part": …}`."""


class Words:
    """Follows comments while `run` runs."""

    def __init__(
        self, *, bus: Bus, ledger: Ledger, news: News, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._bus = bus
        self._ledger = ledger
        self._news = news
        self._now = now

    async def run(self) -> None:
        """Run until cancelled."""
        withdraw = self._bus.subscribe(CHANNEL, self._hear)
        try:
            await asyncio.Event().wait()
        finally:
            withdraw()

    def _hear(self, message: Message) -> None:
        response_id, part = str(message.data["response"]), str(message.data["part"])

        async def write(conn: AsyncConnection) -> tuple[Closed, int]:
            done = await closing.read(conn, response_id, part, self._now())
            return done, await alerts.count_heard(conn, now=self._now()) if done.alerts else 0

        self._ledger.put(write, self._tell)

    def _tell(self, result: tuple[Closed, int]) -> None:
        result[0].tell(self._news, result[1])
