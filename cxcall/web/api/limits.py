"""Programs that keep trying tokens that do not work are held off for a while, before the database is asked.

A token has 256 bits and can't be guessed; this keeps a wrong one in some script, tried many times a second, from
costing anything. Counted per address, in memory: a restart forgets it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from cxcall.web.keys import CLOCK
from cxcall.web.observe import address_of
from cxcall.web.problems import Problem

FREE = 60
"""Failures of one address within WINDOW before it is held off."""
WINDOW = timedelta(minutes=1)
MOST_ADDRESSES = 10_000


@dataclass(slots=True)
class _Count:
    began: datetime
    failures: int = 0


@dataclass(slots=True)
class Failures:
    """Tokens that did not work, by address, since the beginning of that address's window."""

    _counts: dict[str, _Count] = field(default_factory=dict)

    def wait(self, address: str, now: datetime) -> int:
        """Whole seconds until `address` may try again, 0 when it may now."""
        count = self._counts.get(address)
        if count is None or count.failures < FREE or now - count.began >= WINDOW:
            return 0
        return int((count.began + WINDOW - now).total_seconds()) + 1

    def add(self, address: str, now: datetime) -> None:
        """Count one failure."""
        count = self._counts.get(address)
        if count is None or now - count.began >= WINDOW:
            self._counts.pop(address, None)
            if len(self._counts) >= MOST_ADDRESSES:
                del self._counts[next(iter(self._counts))]  # the one that began first
            count = self._counts[address] = _Count(began=now)
        count.failures += 1


FAILURES = web.AppKey("token_failures", Failures)


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Before the token is looked up: 429 for an address that failed too often; after it: count a 401."""
    if not request.headers.get("Authorization", "").lower().startswith("bearer"):
        return await handler(request)
    failures, address, now = request.app[FAILURES], address_of(request), request.app[CLOCK]()
    wait = failures.wait(address, now)
    if wait:
        refusal = Problem(429, f"Too many tokens that do not work came from this address. Try again in {wait} s.")
        refusal.headers["Retry-After"] = str(wait)
        raise refusal
    response = await handler(request)
    if response.status == 401:
        failures.add(address, now)
    return response


def setup(app: web.Application) -> None:
    """Give `app` its count."""
    app[FAILURES] = Failures()
