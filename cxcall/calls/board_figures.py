"""The six figures on top of the wallboard, over any choice of queues and agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cxcall.calls.board_shapes import (
    Abandoned,
    AgentsFree,
    Figures,
    Longest,
    Point,
    QueueTile,
    Satisfaction,
    Seat,
    ServiceLevel,
    Waiting,
)
from cxcall.calls.board_tally import share

BACK = 900.0
"""Seconds with which the number of those who wait is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How often each value of satisfaction was given, today and yesterday."""

    today: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)


NO_ANSWERS = Answers()


def figures(tiles: Collection[QueueTile], seats: Iterable[Seat], elsewhere: Sequence[Answers] = ()) -> Figures:
    """The figures of these queues and agents together; `elsewhere`: answers about other calls."""
    return Figures(
        sl=_service_level(tiles),
        waiting=_waiting(tiles),
        longest=_longest(tiles),
        abandoned=_abandoned(tiles),
        agents=_agents(seats),
        csat=_satisfaction(tiles, elsewhere),
    )


def mean(values: Mapping[str, int]) -> float | None:
    """Mean of values by how often each was given, to a hundredth."""
    n = sum(values.values())
    return round(sum(int(value) * times for value, times in values.items()) / n, 2) if n else None


def _service_level(tiles: Collection[QueueTile]) -> ServiceLevel:
    in_time, decided = sum(tile.in_time for tile in tiles), sum(tile.decided for tile in tiles)
    parts: dict[float, tuple[int, int]] = {}
    for tile in tiles:
        for begin, good, all_ in tile.levels:
            before = parts.get(begin, (0, 0))
            parts[begin] = (before[0] + good, before[1] + all_)
    return ServiceLevel(
        value=share(in_time, decided),
        in_time=in_time,
        n=decided,
        target=_weighed((tile.targets.answer_share, tile.decided) for tile in tiles),
        trend=tuple((begin, share(*part)) for begin, part in sorted(parts.items())),
    )


def _waiting(tiles: Collection[QueueTile]) -> Waiting:
    points: dict[float, float] = {}
    for tile in tiles:
        for at, value in tile.line:
            points[at] = points.get(at, 0.0) + (value or 0.0)
    trend: tuple[Point, ...] = tuple(sorted(points.items()))
    newest = trend[-1][0] if trend else 0.0
    before = points.get(newest - BACK)
    return Waiting(
        value=sum(tile.waiting for tile in tiles), before=None if before is None else round(before), trend=trend
    )


def _longest(tiles: Collection[QueueTile]) -> Longest:
    waiting = [(tile.longest, tile.key, tile.targets.longest_wait) for tile in tiles if tile.longest is not None]
    since, key, target = min(waiting, default=(None, "", None))
    return Longest(since=since, queue=key, target=target)


def _abandoned(tiles: Collection[QueueTile]) -> Abandoned:
    short = sum(tile.short for tile in tiles)
    value = sum(tile.abandoned for tile in tiles) - short
    n = sum(tile.offered for tile in tiles) - short
    return Abandoned(
        value=value,
        short=short,
        n=n,
        share=share(value, n),
        target=_weighed((tile.targets.abandon_share, tile.offered) for tile in tiles),
    )


def _agents(seats: Iterable[Seat]) -> AgentsFree:
    states = Counter(seat.state for seat in seats)
    return AgentsFree(
        free=states["ready"],
        of=states.total() - states["offline"],
        ringing=states["ringing"],
        on_call=states["on_call"],
        wrap_up=states["wrap_up"],
        paused=states["paused"],
        offline=states["offline"],
    )


def _satisfaction(tiles: Collection[QueueTile], elsewhere: Sequence[Answers]) -> Satisfaction:
    today = _together([*(answers.today for answers in elsewhere), *(tile.csat for tile in tiles)])
    before = _together([*(answers.before for answers in elsewhere), *(tile.csat_before for tile in tiles)])
    n = today.total()
    return Satisfaction(mean=mean(today), share=share(today["4"] + today["5"], n), n=n, before=mean(before))


def _together(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    whole: Counter[str] = Counter()
    for count in counts:
        whole.update(count)
    return whole


def _weighed(targets: Iterable[tuple[float, int]]) -> float | None:
    """The targets' mean by how many visits each is about; before the first visit their plain mean."""
    found = list(targets)
    if not found:
        return None
    whole = sum(weight for _, weight in found)
    if not whole:
        return round(sum(target for target, _ in found) / len(found), 1)
    return round(sum(target * weight for target, weight in found) / whole, 1)
