"""The board as a page: tiles by need, agents, calls that may need somebody, and who could help where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cxcall.calls.board_figures import figures
from cxcall.calls.board_shapes import BoardSnapshot, Figures, NeedyCall, Point, QueueTile, by_need
from cxcall.web.digits import number_text
from cxcall.web.pages.people import initials
from cxcall.web.pages.wallboard import closed, words
from cxcall.web.pages.wallboard.moments import maybe, moment
from cxcall.web.pages.wallboard.seats import SeatView, Sort, order, seat_view, seats_of

ENOUGH = 30
"""Answers below which a score is grey and told without its change (METRICS.md)."""
MOST_MARKS = 14
"""More agents of a queue than that are told by their numbers alone."""
TREND = 8
"""Quarters of an hour in the line of the service level."""
_MARKS = (("on_call", "t"), ("ringing", "i"), ("wrap_up", "w"), ("paused", "p"), ("ready", "r"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """By how much a figure differs; `by` "" not at all. `kind`: the class that colours it, by good or bad."""

    by: str = ""
    arrow: str = ""
    kind: str = ""

    @classmethod
    def of(cls, by: float, decimals: int, *, better: Literal["more", "less"]) -> Delta:
        if not by:
            return cls()
        text = ("+" if by > 0 else "") + number_text(by, decimals)
        return cls(by=text, arrow="↑" if by > 0 else "↓", kind="up" if (by > 0) == (better == "more") else "down")


@dataclass(frozen=True, slots=True, kw_only=True)
class TileView:
    """A queue. `longest_kind`, `waiting_kind`, `level_kind`: the colour of that number, "" plain. `bar`: of 100."""

    tile: QueueTile
    title: str
    mark: words.Mark
    waiting_kind: str
    longest_kind: str
    level_kind: str
    since: datetime | None
    marks: Sequence[str]
    points: str
    closed: str
    going: str
    messages: str
    nothing: float = 0.0
    """No time at all: a value, as a template would write a constant of its own once for readers of all languages."""

    @property
    def kind(self) -> str:
        """The class of the whole tile."""
        return {"bad": "bad", "warn": "warn", "": "off"}.get(self.mark.kind, "")

    @property
    def free(self) -> str:
        return words.count(words.FREE_OF, free=self.tile.free, of=self.tile.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    call: NeedyCall
    initials: str
    queue: str
    since: datetime
    talking: datetime | None
    points: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What a choice of queues shows at a moment. `silent`: servers that are not heard, and since when."""

    now: datetime
    complete: bool
    silent: Sequence[tuple[str, datetime | None]]
    figures: Figures
    longest_title: str
    tiles: Sequence[TileView]
    seats: Sequence[SeatView]
    calls: Sequence[CallView]
    nothing: float = 0.0
    best: int = 5
    """The highest mark of satisfaction."""

    @property
    def longest_since(self) -> datetime | None:
        return maybe(self.figures.longest.since)

    @property
    def level_line(self) -> str:
        return line(self.figures.sl.trend[-TREND:], 70, 22)

    @property
    def waiting_line(self) -> str:
        return line(self.figures.waiting.trend, 70, 22)

    @property
    def abandoned_of(self) -> str:
        return words.count(words.OF_CALLS, n=self.figures.abandoned.value, all=self.figures.abandoned.n)

    @property
    def busy(self) -> str:
        agents = self.figures.agents
        return words.count(words.BUSY, n=agents.on_call + agents.ringing, away=agents.paused)

    @property
    def waiting_change(self) -> Delta | None:
        """Against a quarter of an hour ago; None where that is not known."""
        figure = self.figures.waiting
        return None if figure.before is None else Delta.of(figure.value - figure.before, 0, better="less")

    @property
    def csat_change(self) -> Delta | None:
        """Against yesterday; none of few answers (METRICS.md)."""
        figure = self.figures.csat
        if figure.mean is None or figure.before is None or figure.n < ENOUGH:
            return None
        return Delta.of(round(figure.mean - figure.before, 2), 2, better="more")

    @property
    def few(self) -> bool:
        """Whether too few answered to say much."""
        return self.figures.csat.n < ENOUGH

    @property
    def answers(self) -> str:
        """Of how many answers the share is."""
        return words.count(words.SATISFIED, n=self.figures.csat.n)


def floor_view(board: BoardSnapshot, chosen: Collection[str], reasons: Mapping[str, str], sort: Sort = "need") -> Floor:
    """The board of the `chosen` queues (none: of all); `reasons`: names of pause reasons by id."""
    tiles = [tile for key, tile in board.queues.items() if not chosen or key in chosen]
    titles = {key: words.title_of(tile) for key, tile in board.queues.items()}
    seats = seats_of(board, chosen)
    six = figures(tiles, seats) if chosen else board.figures
    calls = [call for call in board.calls if not chosen or f"{call.server}:{call.queue}" in chosen]
    return Floor(
        now=moment(board.at),
        complete=board.complete,
        silent=[(name, maybe(life.since)) for name, life in board.servers.items() if not life.live],
        figures=six,
        longest_title=titles.get(six.longest.queue, ""),
        tiles=[tile_view(tile, titles) for tile in by_need(tiles)],
        seats=[seat_view(seat, titles, reasons, board.at) for seat in sorted(seats, key=order(sort, board.at))],
        calls=[_call_view(call, titles) for call in calls],
    )


def tile_view(tile: QueueTile, titles: Mapping[str, str]) -> TileView:
    mark = words.NEEDS[tile.state]
    colour = mark.kind if tile.state in ("act", "watch") else ""
    level = "" if tile.sl is None else "good" if tile.sl >= tile.targets.answer_share else colour or "warn"
    marks = [shape for state, shape in _MARKS for _n in range(getattr(tile.seats, state))]
    return TileView(
        tile=tile,
        title=words.title_of(tile),
        mark=mark,
        waiting_kind=colour if {"waiting", "nobody"} & set(tile.why) else "",
        longest_kind=colour if "longest" in tile.why else "",
        level_kind=level,
        since=maybe(tile.longest),
        marks=marks if len(marks) <= MOST_MARKS else [],
        points=line(tile.line, 52, 22),
        closed=closed.closed_text(tile),
        going=closed.going_text(tile, titles),
        messages=closed.messages_text(tile),
    )


def line(points: Sequence[Point], width: int, height: int, low: float | None = None, high: float | None = None) -> str:
    """A small line of `points` as SVG has it, oldest first; "" for fewer than two."""
    values = [value for _at, value in points if value is not None]
    if len(values) < 2:
        return ""
    least, most = min(values) if low is None else low, max(values) if high is None else high
    tall, step = (most - least) or 1.0, (width - 4) / (len(values) - 1)
    flat = most == least
    ys = [height / 2 if flat else height - 3 - (value - least) / tall * (height - 6) for value in values]
    return " ".join(f"{2 + n * step:.1f},{y:.1f}" for n, y in enumerate(ys))


def _call_view(call: NeedyCall, titles: Mapping[str, str]) -> CallView:
    return CallView(
        call=call,
        initials=initials(call.name),
        queue=titles.get(f"{call.server}:{call.queue}", call.queue),
        since=moment(call.since),
        talking=maybe(call.talk_since),
        points=line([(0.0, value) for value in call.mood_line], 48, 22, -1.0, 1.0),
    )
