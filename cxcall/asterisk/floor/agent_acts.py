"""What is done to an agent's membership: pause, log in, log out; over all members that stand for the phone.

A member that the configuration file names can't be taken out of its queue: it is paused there with the reason
LOGGED_OFF, and a pause of the whole agent leaves that queue alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxcall.bus import CommandRefused, Commands
from cxcall.bus.acts import Act, AddMember, PauseMember, RemoveMember
from cxcall.bus.floor import AgentLogIn, AgentLogOut, AgentPause
from cxcall.queues.presence import LOGGED_OFF, WRAP_UP, Seat

NO_QUEUE = "This phone is in no queue."


def pauses(asked: AgentPause, seats: Sequence[Seat]) -> Iterator[PauseMember]:
    """The acts of one pause or of its end: one for each member, or queue by queue where it left some of them."""
    for seat in seats:
        wanted = [queue for queue in seat.logged_in if asked.queue in (None, queue)]
        if asked.queue is None and wanted and len(wanted) == len(seat.queues):
            yield _pause(seat, asked, None)
        else:
            yield from (_pause(seat, asked, queue) for queue in wanted)


def wraps(seats: Sequence[Seat]) -> list[PauseMember]:
    """The acts that hold an agent in wrap-up: queues they are paused in already keep their reason."""
    return [
        act for seat in seats for act in _in_queues(seat, [q for q in seat.logged_in if q not in seat.pauses], True)
    ]


def unwraps(seats: Sequence[Seat]) -> list[PauseMember]:
    """The acts that end a wrap-up, and no other pause."""
    return [
        act
        for seat in seats
        for act in _in_queues(seat, [queue for queue in seat.logged_in if seat.pauses.get(queue) == WRAP_UP], False)
    ]


def log_ins(asked: AgentLogIn, seats: Sequence[Seat]) -> Iterator[Act]:
    """The acts that have a queue ask the phone."""
    here = [seat for seat in seats if asked.queue in seat.queues]
    for seat in here:
        if seat.pauses.get(asked.queue) == LOGGED_OFF:
            paused, reason = bool(asked.reason), asked.reason
            yield PauseMember(interface=seat.interface, queue=asked.queue, paused=paused, reason=reason)
    if not here:
        yield AddMember(
            interface=asked.interface or asked.device,
            queue=asked.queue,
            name=asked.name,
            penalty=asked.penalty,
            paused=bool(asked.reason),
            reason=asked.reason,
            state_interface=asked.state_interface,
        )


def log_outs(asked: AgentLogOut, seats: Sequence[Seat]) -> Iterator[Act]:
    """The acts that have one queue, or all, no longer ask the phone."""
    for seat in seats:
        for queue in seat.logged_in:
            if asked.queue not in (None, queue):
                continue
            if queue in seat.static:
                yield PauseMember(interface=seat.interface, queue=queue, paused=True, reason=LOGGED_OFF)
            else:
                yield RemoveMember(interface=seat.interface, queue=queue)


async def do(commands: Commands, server: str, acts: Sequence[Act]) -> None:
    """Do them one after the other. Raises CommandRefused or NoAnswer of the first that was not done."""
    if not acts:
        raise CommandRefused(NO_QUEUE)
    for act in acts:
        await commands.ask(f"ami:{server}", act)


def _in_queues(seat: Seat, queues: Sequence[str], paused: bool) -> Iterator[PauseMember]:
    """One act for the member where it is about all its queues, else one for each."""
    reason = WRAP_UP if paused else ""
    whole = bool(queues) and len(queues) == len(seat.queues)
    for queue in (None,) if whole else queues:
        yield PauseMember(interface=seat.interface, queue=queue, paused=paused, reason=reason)


def _pause(seat: Seat, asked: AgentPause, queue: str | None) -> PauseMember:
    reason = asked.reason if asked.paused else ""
    return PauseMember(interface=seat.interface, queue=queue, paused=asked.paused, reason=reason)
