"""What is to be reached: the targets of the queues a report is about, where they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.queues.definition import QueueLook, Targets
from cxcall.reports.definition import Definition, Narrowing
from cxcall.store import queues

_GOALS: dict[str, Callable[[Targets], float | None]] = {
    "sl_offered": lambda targets: targets.answer_share / 100,
    "abandon_rate": lambda targets: targets.abandon_share / 100,
    "wait_max": lambda targets: float(targets.longest_wait),
    "csat": lambda targets: None if targets.csat is None else targets.csat / 100,
}
"""Shares as shares of one, times in seconds."""


async def goals(conn: AsyncConnection, definition: Definition) -> dict[str, float]:
    """What each measure is to reach where all queues asked for say the same; the others are left out."""
    wanted = [name for name in definition.measures if name in _GOALS]
    if not wanted:
        return {}
    targets = list(_targets(await queues.looks(conn), definition.narrowing))
    found: dict[str, float] = {}
    for name in wanted:
        said = {_GOALS[name](one) for one in targets}
        if len(said) == 1 and (goal := said.pop()) is not None:
            found[name] = goal
    return found


def _targets(looks: dict[tuple[str, str], QueueLook], only: Narrowing) -> Iterable[Targets]:
    for (server, name), look in looks.items():
        named = not only.queues or name in only.queues
        if named and (not only.servers or server in only.servers) and (only.queues or not look.hidden):
            yield look.targets
