"""The agents of the board: who is shown, what stands in a row, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cxcall.calls.board_shapes import BoardSnapshot, Seat
from cxcall.web.pages.people import initials
from cxcall.web.pages.wallboard import words
from cxcall.web.pages.wallboard.moments import maybe
from cxcall.web.words import N_

Sort = Literal["need", "name", "state", "longest"]
SORTS: dict[Sort, str] = {
    "need": N_("Needs attention first"),
    "name": N_("By name"),
    "state": N_("By state"),
    "longest": N_("Longest in their state"),
}
_STATES = {"on_call": 0, "wrap_up": 1, "ringing": 2, "ready": 3, "paused": 4, "offline": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """An agent; `since` None for somebody who is not there, `late` past the limit of their state."""

    seat: Seat
    initials: str
    state: str
    mark: str
    where: str
    since: datetime | None
    limit: float | None
    late: bool


def seats_of(board: BoardSnapshot, chosen: Collection[str]) -> list[Seat]:
    """The agents of the chosen queues: those logged in there, or with a call of theirs."""
    return [
        seat
        for seat in board.agents.values()
        if not chosen or any(f"{seat.server}:{name}" in chosen for name in (*seat.queues, seat.queue) if name)
    ]


def seat_view(seat: Seat, titles: Mapping[str, str], reasons: Mapping[str, str], now: float) -> SeatView:
    return SeatView(
        seat=seat,
        initials=initials(seat.name),
        state=words.state_of(seat, reasons),
        mark=words.STATES[seat.state][1],
        where=words.where(seat, titles, now),
        since=None if seat.state == "offline" else maybe(seat.since),
        limit=seat.limit,
        late=late(seat, now),
    )


def late(seat: Seat, now: float) -> bool:
    """Whether an agent is past the limit of their state."""
    return bool(seat.limit and seat.since is not None and now - seat.since > seat.limit)


def order(sort: Sort, now: float) -> Callable[[Seat], tuple[float | str, ...]]:
    """Who stands where; the browser has the same order (wallboard-order.ts)."""

    def key(seat: Seat) -> tuple[float | str, ...]:
        name, since = seat.name.casefold(), seat.since or now
        match sort:
            case "name":
                return (name, seat.key)
            case "state":
                return (_STATES[seat.state], since, name, seat.key)
            case "longest":
                return (seat.state == "offline", since, name, seat.key)
            case "need":
                urgent = seat.held_since is not None or late(seat, now)
                return (not urgent, _STATES[seat.state], since, name, seat.key)

    return key
