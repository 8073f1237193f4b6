"""Queues closed now, kept in Asterisk's own database: they stay closed, and open again in time, without cxcall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cxcall.asterisk.probe import Probe
from cxcall.asterisk.provision import astdb
from cxcall.bus.queues import CloseQueue
from cxcall.queues.hours import Closure


async def close(probe: Probe, ask: CloseQueue, sounds: Mapping[str, str]) -> None:
    """Close a queue, or all. Raises ProbeFailed."""
    until = "0" if ask.until is None else str(int(ask.until))
    await astdb.put_one(probe, astdb.closed_key(ask.queue), f"{until}|{sounds.get(ask.prompt, ask.prompt)}")


async def lift(probe: Probe, queue: str) -> None:
    """End of a closure. Raises ProbeFailed."""
    await astdb.delete_one(probe, astdb.closed_key(queue))


async def restore(probe: Probe, server: str, closures: Iterable[Closure], sounds: Mapping[str, str]) -> None:
    """Write those that stand again, should Asterisk's database have been lost. Raises ProbeFailed."""
    for closure in closures:
        ask = CloseQueue(server=server, queue=closure.queue, until=closure.until, prompt=closure.prompt)
        await close(probe, ask, sounds)
