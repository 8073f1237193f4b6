"""What the site chose for its queues, at hand without asking the database, and what counts of the customer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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

_LOOKUP_S = 0.5
"""Until it is known who calls nobody is listened to."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """What counts of a customer here: tier and language of their profile, "" where it has none."""

    tier: str = ""
    language: str = ""


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

    async def customer(self, number: str) -> Customer:
        """What counts of the customer with this number; what can't be told in time is not known."""
        folded = fold(number, self._region)
        if folded is None:
            return Customer()
        try:
            async with asyncio.timeout(_LOOKUP_S), self._engine.connect() as conn:
                customer = await customers.by_number(conn, folded)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("who the customer is can't be read now", error=reason(error))
            return Customer()
        if customer is None:
            return Customer()
        return Customer(tier=customer.profile.tier or "", language=customer.profile.language or "")
