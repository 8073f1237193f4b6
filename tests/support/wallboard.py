"""A floor as the wallboard tells it: six queues and ten agents of a busy morning, and what changes then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from cxcall.bus import Bus
from cxcall.bus.board import BOARD, OPEN, SNAPSHOT
from cxcall.calls.board_figures import figures
from cxcall.calls.board_shapes import (
    BoardSnapshot,
    NeedyCall,
    QueueTargets,
    QueueTile,
    Seat,
    Seats,
    ServerLife,
    Shut,
    open_view,
)
from tests.support.webapp import World

Shapes = dict[str, int]


class Floor:
    """What the command answers and the channels tell. `now` is the moment of it, as epoch seconds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bus: Bus = world.bus
        self.complete = True
        self.live = True
        self.tiles = {tile.key: tile for tile in queues(self.now)}
        self.seats = {seat.key: seat for seat in agents(self.now)}
        self.calls: tuple[NeedyCall, ...] = needy(self.now)
        world.commands.serve(SNAPSHOT, self._answer)

    @property
    def now(self) -> float:
        return self.world.clock().timestamp()

    def snapshot(self) -> BoardSnapshot:
        return BoardSnapshot(
            at=self.now, day="2026-11-21", day_began=self.now - 38_000, zone="Asia/Tehran", complete=self.complete,
            servers={"lab": ServerLife(live=self.live, since=self.now - 60)},
            figures=figures(list(self.tiles.values()), self.seats.values()), queues=dict(self.tiles),
            agents=dict(self.seats), calls=self.calls,
        )  # fmt: skip

    def change(self, name: str, **facts: Any) -> None:
        """A queue as it is from now on, told at once."""
        tile = msgspec.structs.replace(self.tiles[f"lab:{name}"], **facts)
        self.tiles[tile.key] = tile
        self.tell(queues={tile.key: tile})

    def seat(self, key: str, **facts: Any) -> None:
        seat = msgspec.structs.replace(self.seats[key], **facts)
        self.seats[key] = seat
        self.tell(agents={key: seat})

    def tell(self, **changed: Any) -> None:
        """A patch to those who oversee and to everybody."""
        patch = {"at": self.now, "figures": self.snapshot().figures, **changed}
        plain = msgspec.to_builtins(patch)
        self.bus.publish(BOARD, plain)
        self.bus.publish(OPEN, open_view(plain))

    async def _answer(self, _nothing: None) -> BoardSnapshot:
        return self.snapshot()


def queues(now: float) -> Sequence[QueueTile]:
    return (
        _queue("billing", "Billing", "امور مالی", "act", now, waits=(292, 240, 200, 150, 90, 40, 10), abandoned=9,
               level=58.0, seats={"on_call": 5, "wrap_up": 1, "paused": 1}, why=("longest", "waiting", "sl")),
        _queue("gold", "Gold line", "خط طلایی", "watch", now, waits=(48, 5), abandoned=1, level=88.0, goal=90.0,
               seats={"on_call": 2, "ringing": 1, "ready": 1}, why=("longest",)),
        _queue("tech", "Technical support", "پشتیبانی فنی", "ok", now, waits=(22, 3), abandoned=7, level=84.0,
               seats={"on_call": 6, "wrap_up": 1, "ready": 1}),
        _queue("general", "General", "عمومی", "ok", now, abandoned=5, level=91.0,
               seats={"ready": 3, "on_call": 2, "paused": 1}),
        _queue("sales", "Sales", "فروش", "ok", now, abandoned=2, level=94.0,
               seats={"on_call": 2, "wrap_up": 1, "ready": 1}),
        msgspec.structs.replace(
            _queue("night", "Night desk", "شیفت شب", "closed", now, level=None, seats={"offline": 3}),
            closed=Shut(why="hours", opens=now + 40_000, then="voicemail", messages=2),
            offered=0, answered=0, decided=0, in_time=0, levels=(),
        ),
    )  # fmt: skip


def agents(now: float) -> Sequence[Seat]:
    def seat(key: str, name: str, state: Any, ago: float, *names: str, **facts: Any) -> Seat:
        return Seat(
            key=f"lab:{key}", server="lab", user_id=key, name=name, state=state, since=now - ago, queues=names,
            device=f"PJSIP/{key}", interfaces=(f"PJSIP/{key}",), **facts,
        )  # fmt: skip

    return (
        seat("1001", "Omid Rahimi", "on_call", 365, "billing", call="lab-1.1", queue="billing", caller="+982188341190",
             caller_name="Shirin Nazari", held_since=now - 130),
        seat("1002", "Nima Tavakoli", "on_call", 760, "tech", call="lab-1.2", queue="tech", caller="+989121112233",
             caller_name="Kaveh Amini", limit=600.0),
        seat("1003", "Hoda Zand", "wrap_up", 200, "billing", queue="billing", limit=120.0),
        seat("1004", "Sara Karimi", "on_call", 228, "billing", call="lab-1.4", queue="billing", caller="+989123456789"),
        seat("1005", "Ali Moradi", "ringing", 4, "gold", call="lab-1.5", queue="gold"),
        seat("1006", "Parisa Jalali", "ready", 131, "general"),
        seat("1007", "Babak Safavi", "ready", 97, "general", "sales"),
        seat("1008", "Mina Rostami", "ready", 52, "general"),
        seat("1009", "Kian Pour", "paused", 1446, "general", reason="lunch", limit=1800.0),
        seat("1010", "Taraneh Bahar", "offline", 5000),
    )  # fmt: skip


def needy(now: float) -> tuple[NeedyCall, ...]:
    return (
        NeedyCall(call="lab-1.2", server="lab", why="mood", since=now - 60, queue="tech", agent="lab:1002",
                  agent_name="Nima Tavakoli", number="+989121112233", name="Kaveh Amini", talk_since=now - 760,
                  mood=-0.7, trend="worsening", mood_line=(0.3, 0.1, -0.1, -0.3, -0.5, -0.8),
                  words="I want to speak to a manager"),
        NeedyCall(call="lab-1.1", server="lab", why="hold", since=now - 130, queue="billing", agent="lab:1001",
                  agent_name="Omid Rahimi", number="+982188341190", name="Shirin Nazari", limit=120.0,
                  talk_since=now - 365),
    )  # fmt: skip


def _queue(
    name: str, title: str, persian: str, state: Literal["ok", "watch", "act", "closed"], now: float, *,
    level: float | None, seats: Shapes, waits: Sequence[float] = (), abandoned: int = 0, goal: float = 80.0,
    why: Sequence[Any] = (),
) -> QueueTile:  # fmt: skip
    line = tuple(
        (now - 300.0 * n, float(value)) for n, value in zip(range(6, -1, -1), (1, 2, 2, 3, 5, 6, 7), strict=True)
    )
    kinds = Seats(**seats)
    return QueueTile(
        server="lab", name=name, title={"en": title, "fa": persian}, state=state, why=tuple(why), waiting=len(waits),
        since=tuple(now - wait for wait in waits), longest=now - waits[0] if waits else None, offered=100,
        answered=100 - abandoned, abandoned=abandoned, short=1 if abandoned else 0, decided=100,
        in_time=round(level or 0), sl=level, abandon_rate=float(abandoned), targets=QueueTargets(answer_share=goal),
        seats=kinds, free=kinds.ready, of=sum(seats.values()) - kinds.offline,
        line=line if waits else tuple((at, 0.0) for at, _ in line),
        levels=((now - 1800, 40, 50), (now - 900, 45, 50)), csat={"5": 10, "4": 5, "2": 1},
        csat_before={"5": 4, "4": 4, "3": 1},
        csat_mean=4.5, csat_n=16,
    )  # fmt: skip
