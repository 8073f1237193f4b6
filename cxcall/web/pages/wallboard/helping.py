"""Who could help a queue that needs somebody, who was had to help, and which queues are known to need it.

What was done from the wallboard can be taken back for half an hour. That, and which queue nobody wants to be told of
for some minutes, is kept by the web application alone and gone with it: the agents are then taken out one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.calls.board_shapes import BoardSnapshot, QueueTile, Seat
from cxcall.queues import membership
from cxcall.store import queue_people, queues
from cxcall.store.ids import new_id
from cxcall.web.digits import digits
from cxcall.web.pages.wallboard import words
from cxcall.web.pages.wallboard.view import TileView
from cxcall.web.presentation import current
from cxcall.web.words import ngettext

MOST = 3
"""Agents who are had to help at once."""
BACK = timedelta(minutes=30)
"""How long that can be taken back."""
ARRIVES = timedelta(seconds=30)
"""How long after the act it may be that Asterisk has not told of it yet."""
QUIET = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Helpers:
    """The queue that needs somebody most; of the agents who are `free` elsewhere, those who are to help (`seats`).
    `knows`: they belong to the queue by its definition."""

    tile: TileView
    free: Sequence[Seat]
    seats: Sequence[Seat]
    knows: bool
    where: str

    @property
    def n(self) -> int:
        return len(self.seats)

    @property
    def waiting(self) -> str:
        return words.plural(words.CALLER, words.CALLERS, self.tile.tile.waiting)

    @property
    def sentence(self) -> str:
        """Who is free, and where."""
        n = len(self.free)
        if not n:
            return ""
        values = {"num": digits(n), "queues": self.where, "queue": self.tile.title}
        if self.knows:
            text = ngettext(
                "%(num)s agent in %(queues)s is free and knows %(queue)s.",
                "%(num)s agents in %(queues)s are free and know %(queue)s.", n,
            )  # fmt: skip
        else:
            text = ngettext("%(num)s agent in %(queues)s is free.", "%(num)s agents in %(queues)s are free.", n)
        return text % values


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Agents (keys of seats) who were put into `queue` (key) at a moment."""

    id: str
    queue: str
    agents: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class Helping:
    """What was done from this page lately."""

    helps: list[Help] = field(default_factory=list)
    quiet: dict[str, datetime] = field(default_factory=dict)

    def add(self, queue: str, agents: Sequence[str], now: datetime) -> None:
        self.helps.append(Help(id=new_id(), queue=queue, agents=tuple(agents), at=now))

    def take(self, help_id: str) -> Help | None:
        """One that is taken back, once."""
        found = next((one for one in self.helps if one.id == help_id), None)
        if found is not None:
            self.helps.remove(found)
        return found

    def standing(self, board: BoardSnapshot, now: datetime) -> list[Help]:
        """Those that can be taken back: somebody of them still is in that queue."""
        self.helps = [one for one in self.helps if now - one.at < BACK]
        return [one for one in self.helps if now - one.at < ARRIVES or helping(board, one)]

    def hush(self, queue: str, now: datetime) -> datetime:
        """Tell nobody of this queue for some minutes."""
        self.quiet = {key: until for key, until in self.quiet.items() if until > now}
        self.quiet[queue] = now + QUIET
        return self.quiet[queue]

    def is_quiet(self, queue: str, now: datetime) -> bool:
        return queue in self.quiet and self.quiet[queue] > now


HELPING = web.AppKey("helping", Helping)


def setup(app: web.Application) -> None:
    app[HELPING] = Helping()


def helping(board: BoardSnapshot, one: Help) -> list[Seat]:
    """The agents of a help who are in the queue now."""
    server, _, name = one.queue.partition(":")
    seats = [board.agents[key] for key in one.agents if key in board.agents]
    return [seat for seat in seats if seat.server == server and name in seat.queues]


async def phones_of(conn: AsyncConnection, server: str, name: str) -> frozenset[str]:
    """Phones of everybody who belongs to a queue by its definition: agents, teams, people with a skill."""
    kept = await queues.get(conn, server, name)
    if kept is None or kept.applied is None:
        return frozenset()
    members = membership.resolve(kept.applied.members, await queue_people.people(conn, server))
    return frozenset(phone for member in members for phone in (member.interface, member.state_interface) if phone)


def helpers(board: BoardSnapshot, tile: TileView, knowing: Collection[str]) -> Helpers:
    """Who is ready in queues on target: those who know the queue, else anybody. Of each queue one is left."""
    free = _free(board, tile.tile)
    able = [seat for seat in free if {seat.device, *seat.interfaces} & set(knowing)]
    pool = able or free
    homes = Counter(seat.queues[0] for seat in free)
    chosen: list[Seat] = []
    for seat in pool:
        home = seat.queues[0]
        if homes[home] > 1:
            homes[home] -= 1
            chosen.append(seat)
    most = min(MOST, max(1, tile.tile.waiting))
    return Helpers(
        tile=tile, free=pool, seats=(chosen or pool[:1])[:most], knows=bool(able),
        where=_names(board, tile.tile.server, pool),
    )  # fmt: skip


def _free(board: BoardSnapshot, tile: QueueTile) -> list[Seat]:
    """Those who have been free longest first."""
    calm = {(other.server, other.name) for other in board.queues.values() if other.state in ("ok", "closed")}
    found = [
        seat
        for seat in board.agents.values()
        if seat.state == "ready" and seat.server == tile.server and seat.device and not seat.gone and seat.queues
        and tile.name not in seat.queues and all((seat.server, name) in calm for name in seat.queues)
    ]  # fmt: skip
    return sorted(found, key=lambda seat: seat.since or 0.0)


def _names(board: BoardSnapshot, server: str, seats: Sequence[Seat]) -> str:
    names = dict.fromkeys(seat.queues[0] for seat in seats)
    found = (board.queues.get(f"{server}:{name}") for name in names)
    return ("، " if current().rtl else ", ").join(words.title_of(tile) for tile in found if tile is not None)
