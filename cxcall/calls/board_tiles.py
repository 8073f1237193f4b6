"""One queue of the wallboard, put together from its counts, its callers and its agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cxcall.calls.board_days import Day
from cxcall.calls.board_figures import Answers, mean
from cxcall.calls.board_needs import need
from cxcall.calls.board_shapes import MOST_SINCE, AgentKind, Point, QueueFacts, QueueTile, Seat, Seats, Shut
from cxcall.calls.board_tally import Tally, quarter, share

NO_FACTS = QueueFacts()

QUARTERS = 8
"""Intervals that the trend of a service level shows."""


@dataclass(slots=True)
class Seating:
    """How many of a queue's agents are in each state."""

    states: Counter[AgentKind] = field(default_factory=Counter)

    @property
    def there(self) -> int:
        return self.states.total() - self.states["offline"]


def seating(seats: Iterable[Seat]) -> dict[tuple[str, str], Seating]:
    """By server and queue. Somebody ready who is paused in one queue is paused there."""
    found: dict[tuple[str, str], Seating] = {}
    for seat in seats:
        for queue in seat.queues:
            seating = found.get((seat.server, queue))
            if seating is None:
                seating = found[seat.server, queue] = Seating()
            seating.states["paused" if seat.state == "ready" and queue in seat.paused_in else seat.state] += 1
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a tile is made of. `joined`: when those who wait came, oldest first; `promised`: call-backs that wait among
    them; `staffed`: whether any agent of the server is known, so that nobody in the queue means that nobody is there.
    """

    facts: QueueFacts
    tally: Tally
    joined: Sequence[float]
    promised: int
    seated: Seating
    staffed: bool
    line: tuple[Point, ...]
    answers: Answers
    shut: Shut | None
    day: Day


class Shelf:
    """Tiles as they were last made: one is made anew when a part of it changed, somebody waits, or a quarter begins."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[str, str], tuple[object, QueueTile]] = {}

    def tile(self, place: tuple[str, str], parts: Parts, now: float) -> QueueTile:
        """The queue `place` at `now`."""
        made_of = (parts, parts.tally.edition, quarter(now))
        before = self._tiles.get(place)
        if before is not None and not parts.joined and before[0] == made_of:
            return before[1]
        made = _tile(place, parts, now)
        self._tiles[place] = made_of, made
        return made


def _tile(place: tuple[str, str], parts: Parts, now: float) -> QueueTile:
    facts, tally, joined, seated = parts.facts, parts.tally, parts.joined, parts.seated
    shut, answers, day = parts.shut, parts.answers, parts.day
    counts, states = tally.counts, seated.states
    late = tally.late(joined, now)
    late_today = [since for since in late if day.holds(since)]
    decided = counts["decided"] + len(late_today)
    level = share(counts["in_time"], decided)
    real = counts["offered"] - counts["short"]
    lost = share(counts["abandoned"] - counts["short"], real)
    longest = joined[0] if joined else None
    state, why = need(
        targets=facts.targets,
        waited=now - longest if longest is not None else 0.0,
        waiting=len(joined),
        deserted=parts.staffed and not seated.there,
        level=level,
        decided=decided,
        abandoned=lost,
        offered=real,
    )
    if shut is not None and not joined:
        state, why = "closed", ()
    return QueueTile(
        server=place[0],
        name=place[1],
        title=facts.title,
        colour=facts.colour,
        state=state,
        why=why,
        closed=shut,
        waiting=len(joined) + parts.promised,
        since=tuple(joined[:MOST_SINCE]),
        longest=longest,
        offered=counts["offered"],
        answered=counts["answered"],
        abandoned=counts["abandoned"],
        short=counts["short"],
        timed_out=counts["timed_out"],
        full=counts["full"],
        refused=counts["refused"],
        left=counts["left"],
        in_time=counts["in_time"],
        decided=decided,
        sl=level,
        abandon_rate=lost,
        targets=facts.targets,
        seats=Seats(**{str(kind): n for kind, n in states.items()}),
        free=states["ready"],
        of=seated.there,
        line=parts.line,
        levels=tally.levels(late_today, day.began, now, QUARTERS),
        csat=answers.today,
        csat_before=answers.before,
        csat_mean=mean(answers.today),
        csat_n=sum(answers.today.values()),
    )
