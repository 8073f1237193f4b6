"""A queue at a moment, as Asterisk tells it: who waits in it, and how many agents are free."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cxcall.asterisk.ami.client import Client
from cxcall.asterisk.ami.message import Headers, text
from cxcall.routing.call_back import id_of

LIMIT = 1.0
"""Seconds Asterisk has to tell it."""

_FREE = "1"
_RINGS = frozenset({"6", "7"})
_AWAY = frozenset({"4", "5"})
"""Device states: a phone that is not there, or not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Who waits: the channel, its unique id, and its position from 1 on."""

    uid: str
    channel: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePicture:
    """`there`: Asterisk has the queue. `free`: agents who could take a call now; `staffed`: somebody is there who
    could take one sooner or later; `rings`: an agent is being rung."""

    waiting: tuple[Waiting, ...] = ()
    there: bool = True
    free: int = 0
    staffed: bool = False
    rings: bool = False

    def queued(self) -> set[str]:
        """Unique ids of those who wait, and the call-backs for which something waits."""
        uids = {one.uid for one in self.waiting}
        return uids | {id_of(uid) for uid in uids}

    def before(self, position: int) -> tuple[str, ...]:
        """Who stands before `position`, by the names a place is kept with; 0: everybody."""
        return tuple(id_of(one.uid) for one in self.waiting if position <= 0 or one.position < position)


async def look(client: Client, queue: str) -> QueuePicture:
    """The queue now. Raises AmiError."""
    return read(await client.listing("QueueStatus", {"Queue": queue}, limit=LIMIT))


def read(items: Iterable[Headers]) -> QueuePicture:
    """The picture in the events of a QueueStatus."""
    waiting, there, free, staffed, rings = [], False, 0, False, False
    for item in items:
        match text(item, "Event"):
            case "QueueParams":
                there = True
            case "QueueEntry":
                position = text(item, "Position")
                n = int(position) if position.isascii() and position.isdecimal() else 0
                waiting.append(Waiting(uid=text(item, "Uniqueid"), channel=text(item, "Channel"), position=n))
            case "QueueMember" if text(item, "Paused") != "1":
                free += text(item, "Status") == _FREE and text(item, "InCall") != "1"
                staffed = staffed or text(item, "Status") not in _AWAY
                rings = rings or text(item, "Status") in _RINGS
    ordered = tuple(sorted(waiting, key=lambda one: one.position))
    return QueuePicture(waiting=ordered, there=there, free=free, staffed=staffed, rings=rings)
