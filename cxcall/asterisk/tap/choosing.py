"""What the site chose for its queues, at hand without asking the database, and the customer's tier where it counts."""

from __future__ import annotations

import asyncio

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.customers.number import fold
from cxcall.speech.listening import Listening
from cxcall.store import customers, speech_settings
from cxcall.store.errors import reason

_LIMIT_S = 2.0
_OFF = Listening()

log = structlog.get_logger(__name__)


class Chosen:
    """The listening settings of all queues; `load` brings them in, `of` gives them."""

    def __init__(self, engine: AsyncEngine, region: str) -> None:
        self._engine = engine
        self._region = region
        self._known: dict[tuple[str, str], Listening] = {}
        self._live: frozenset[str] = frozenset()

    async def load(self) -> bool:
        """Read them anew; what was known stays when the database is away. Whether it worked."""
        try:
            async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
                found = await speech_settings.everything(conn)
        except (SQLAlchemyError, msgspec.MsgspecError, OSError, TimeoutError) as error:
            log.warning("what is listened to can't be read now", error=reason(error))
            return False
        self.put({(each.server, each.queue): each.listening for each in found})
        return True

    def put(self, known: dict[tuple[str, str], Listening]) -> None:
        """By server and queue; an empty word stands for every one."""
        self._known = known
        self._live = frozenset(server for (server, _), each in known.items() if each.live)

    def of(self, server: str, queue: str) -> Listening:
        """What holds for a call of this queue ("": of none): the nearest there is, as `speech_settings.of` has it."""
        for key in ((server, queue), ("", queue), (server, ""), ("", "")):
            if key in self._known:
                return self._known[key]
        return _OFF

    def any(self, server: str) -> bool:
        """Whether any call of this server may have to be heard."""
        return bool(self._live) and not self._live.isdisjoint((server, ""))

    def records(self, server: str) -> bool:
        """Whether any call of this server may have to be recorded."""
        return any(each.record for (name, _), each in self._known.items() if name in (server, ""))

    async def tier(self, number: str) -> str:
        """The tier of the customer with this number, "" when that can't be told in time."""
        folded = fold(number, self._region)
        if folded is None:
            return ""
        try:
            async with asyncio.timeout(_LIMIT_S), self._engine.connect() as conn:
                customer = await customers.by_number(conn, folded)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("a customer's tier can't be read now", error=reason(error))
            return ""
        return "" if customer is None else customer.profile.tier or ""
