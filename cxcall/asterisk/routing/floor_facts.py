"""The floor as rules ask for it: queues and agents of one server at the moment of a picture of the wallboard. Pure.

The wait that a caller who comes now must expect is what the agents who are there have to do before them: those who wait
and the caller, less who is free, each as long as a call of this queue took lately, divided by the agents at work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from cxcall.calls.board_shapes import BoardSnapshot, QueueTile, Seat
from cxcall.routing.facts import AgentNow, QueueNow
from cxcall.routing.names import HIGHEST_LEVEL

_DEVICE = re.compile(r"(PJSIP|SIP|IAX2|DAHDI|SCCP)/[^/]+$")

Levels = Mapping[str, Mapping[str, int]]
"""How well people have skills: by user id, then by the skill's name."""


def queues_now(
    picture: BoardSnapshot,
    server: str,
    *,
    names: Collection[str] = (),
    handle: Mapping[tuple[str, str], float] | None = None,
    levels: Levels | None = None,
) -> dict[str, QueueNow]:
    """All queues of a server. `names`: those known besides (hidden from the wallboard); `handle`: mean seconds an agent
    is busy with a caller."""
    tiles = {tile.name: tile for tile in picture.queues.values() if tile.server == server}
    seats = _by_queue(seat for seat in picture.agents.values() if seat.server == server)
    return {
        name: _queue(
            name, tiles.get(name), seats.get(name, ()), picture.at, (handle or {}).get((server, name)), levels or {}
        )
        for name in sorted(tiles.keys() | set(names))
    }


def agents_now(picture: BoardSnapshot, server: str) -> dict[str, AgentNow]:
    """The people of a server's queues by user id; who sits at several phones is at the one that can be rung."""
    found: dict[str, AgentNow] = {}
    for seat in picture.agents.values():
        if seat.server != server or not seat.user_id:
            continue
        known = found.get(seat.user_id)
        if known is None or (known.state != "ready" and seat.state == "ready"):
            found[seat.user_id] = AgentNow(
                user=seat.user_id, name=seat.name, interface=_rung_at(seat), state=seat.state, queues=seat.queues
            )
    return found


def _rung_at(seat: Seat) -> str:
    """What `Dial()` rings: the phone itself where it is known. A member like `Local/1001@from-queue/n` is a way through
    a dialplan that may go on to a mailbox, which would take the caller."""
    if _DEVICE.match(seat.device):
        return seat.device
    return seat.interfaces[0] if seat.interfaces else seat.device


def owners(picture: BoardSnapshot) -> dict[tuple[str, str], str]:
    """Whose each phone is now: user id by server and interface."""
    return {
        (seat.server, interface): seat.user_id
        for seat in picture.agents.values()
        if seat.user_id
        for interface in (seat.device, *seat.interfaces)
    }


def expected_wait(*, waiting: int, free: int, working: int, handle: float | None) -> float | None:
    """Seconds; None where nothing can be said: nobody at work, or no call of the queue was finished lately."""
    before = waiting + 1 - free
    if before <= 0:
        return 0.0
    return before * handle / working if working and handle else None


def _by_queue(seats: Iterable[Seat]) -> dict[str, list[Seat]]:
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        for queue in seat.queues:
            found[queue].append(seat)
    return found


def _queue(
    name: str, tile: QueueTile | None, seats: Collection[Seat], at: float, handle: float | None, levels: Levels
) -> QueueNow:
    here = [seat for seat in seats if seat.state != "offline"]
    free = [seat for seat in here if seat.state == "ready" and name not in seat.paused_in]
    working = sum(seat.state in ("ringing", "on_call", "wrap_up") for seat in here) + len(free)
    waiting = tile.waiting if tile is not None else 0
    longest = at - tile.longest if tile is not None and tile.longest is not None else 0.0
    return QueueNow(
        name=name,
        open=tile is None or tile.closed is None,
        waiting=waiting,
        longest=max(longest, 0.0),
        free=len(free),
        signed_in=len(here),
        expected_wait=expected_wait(waiting=waiting, free=len(free), working=working, handle=handle),
        free_by_skill=_by_skill(free, levels),
    )


def _by_skill(free: Iterable[Seat], levels: Levels) -> dict[str, tuple[int, ...]]:
    """Skill → how many have at least level 1, 2, …"""
    found: dict[str, list[int]] = {}
    for seat in free:
        for skill, level in levels.get(seat.user_id, {}).items():
            counts = found.setdefault(skill, [0] * HIGHEST_LEVEL)
            for n in range(min(level, HIGHEST_LEVEL)):
                counts[n] += 1
    return {skill: tuple(counts) for skill, counts in found.items()}
