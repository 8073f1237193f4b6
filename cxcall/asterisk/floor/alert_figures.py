"""What rules of the floor may ask about, read off the wallboard: of queues, of talks, and of agents past a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxcall.calls.board_shapes import BoardSnapshot, QueueTile, Seat, queue_key
from cxcall.queues.alerting import Figure, Measure, agent_subject

LIMITED: dict[str, Measure] = {"paused": "pause", "wrap_up": "wrap_up"}
"""States of an agent that have a limit, and the measure of passing it."""


def figures(snapshot: BoardSnapshot, now: float) -> Iterator[Figure]:
    """What rules may ask about, where Asterisk is heard. A closed queue is asked for callers only: nobody has to be
    free there."""
    for key, tile in snapshot.queues.items():
        if _live(snapshot, tile.server):
            yield from _of_queue(key, tile, now)
    for call in snapshot.calls:
        if call.mood is not None and _live(snapshot, call.server):
            yield Figure(measure="mood", queue=queue_key(call.server, call.queue), value=call.mood, call=call.call)
    for seat in snapshot.agents.values():
        if _live(snapshot, seat.server):
            yield from _of_agent(seat, now)


def unseen(snapshot: BoardSnapshot) -> list[str]:
    """Queues and agents of servers that are not heard now."""
    queues = [key for key, tile in snapshot.queues.items() if not _live(snapshot, tile.server)]
    agents = [agent_subject(key) for key, seat in snapshot.agents.items() if not _live(snapshot, seat.server)]
    return queues + agents


def _of_queue(key: str, tile: QueueTile, now: float) -> Iterable[Figure]:
    offered = tile.offered - tile.short
    return (
        Figure(measure="waiting", queue=key, value=tile.waiting),
        Figure(measure="longest", queue=key, value=0.0 if tile.longest is None else max(0.0, now - tile.longest)),
        Figure(measure="sl", queue=key, value=tile.sl, n=tile.decided),
        Figure(measure="free", queue=key, value=tile.free if tile.closed is None else float("inf")),
        Figure(measure="abandoned", queue=key, value=tile.abandon_rate, n=offered),
        Figure(measure="csat", queue=key, value=tile.csat_mean, n=tile.csat_n),
    )


def _of_agent(seat: Seat, now: float) -> Iterator[Figure]:
    measure = LIMITED.get(seat.state)
    if measure is None or not seat.limit or seat.since is None or now < seat.since + seat.limit:
        return
    yield Figure(
        measure=measure,
        queue="",
        value=now - seat.since - seat.limit,
        agent=seat.key,
        name=seat.name,
        reason=seat.reason,
        queues=tuple(queue_key(seat.server, name) for name in seat.queues),
    )


def _live(snapshot: BoardSnapshot, server: str) -> bool:
    life = snapshot.servers.get(server)
    return life is not None and life.live
