"""Made-up calls through a queue: wait, ring, perhaps a missed offer, talk, hold, transfer, or the caller gives up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cxcall.calls.record import Attempt, CallRecord, EndedBy, LegResult, QueueVisit
from cxcall.demo.records import NORMAL, Call, seconds
from cxcall.demo.staff import BILLING, GOLD, SALES, SUPPORT, Queue
from cxcall.demo.workday import RING_AT_MOST, Away, Seat, Someone, Workday

_QUEUE_ENDS_IT = 600.0
"""Seconds after which the queue gives a caller up, as in globals_cxcall.conf."""

_CALLED = (SUPPORT, SALES, BILLING, GOLD), (44, 26, 19, 11)
"""The queues of the day and how often they are called; the night desk is closed then."""

_TALKS, _PREPARED = 150.0, 0.65
"""Median seconds of a talk, and the share of it that is left when the caller has the customer number at hand."""
_TRIES_AGAIN = 0.35
_REFUSED = 21
"""Hang-up cause of a caller whom a rule turns away."""

_MISSED, _HELD, _HANDED_OVER, _ASKED_FIRST = 0.06, 0.13, 0.08, 0.4


def queue_call(day: Workday, at: datetime, who: Someone | None = None, queue: Queue | None = None) -> CallRecord:
    """An outside caller dials a queue's number. `who`, `queue`: given when somebody tries it again."""
    queue = queue or day.chance.choices(*_CALLED)[0]
    who = who or day.someone()
    call = Call(day.numbers, at, "inbound", "trunk", who.number, who.name, queue.number)
    joined, median = at + seconds(day.chance.uniform(0.02, 0.09)), _TALKS
    if day.router is not None:
        sent = day.router.send(day, at, call, who.number, queue)
        if sent.blocked:
            return call.done(joined, "blocked", "system", _REFUSED)
        queue, median = sent.queue, _TALKS * (_PREPARED if sent.prepared else 1.0)
        if sent.first is not None:
            reached = _rung_first(day, call, queue, sent.first, joined, median)
            if isinstance(reached, CallRecord):
                return reached
            joined = reached
    wait = _Wait(day, call, queue, joined)
    while wait.now < wait.until:
        offer = wait.offer()
        if offer is not None:
            return _with_agent(day, call, *offer, median=median)
    return wait.lost()


def tries_again(day: Workday, record: CallRecord) -> tuple[datetime, Someone, Queue] | None:
    """When whoever gave up dials the same number once more, if they do."""
    over = record.ended_at if record.outcome == "abandoned" and record.queue_visits else None
    if over is None or day.chance.random() >= _TRIES_AGAIN:
        return None
    who = Someone(number=record.caller.number or "", name=record.caller.name)
    queue = next(one for one, _ in zip(*_CALLED, strict=True) if one.number == record.called)
    return over + seconds(day.chance.uniform(90, 1_800)), who, queue


def _rung_first(
    day: Workday, call: Call, queue: Queue, seat: Seat, at: datetime, median: float
) -> CallRecord | datetime:
    """Somebody's phone rings before the queue: the call, or when it goes on to the queue as nobody answered."""
    worker, missed = seat.worker, day.chance.random() < _MISSED
    rung = seconds(RING_AT_MOST if missed else day.ring())
    leg = call.leg(at, worker.phone, "callee", worker.phone, worker.name)
    if missed:
        call.end(leg, at + rung, "no_answer")
        seat.free_at = at + rung + seconds(20)
        return at + rung
    wait = round(rung.total_seconds(), 3)
    visit = QueueVisit(
        queue=queue.name, joined_at=at, left_at=at + rung, wait=wait, ring=wait, result="answered",
        agent=worker.name, interface=worker.interface,
    )  # fmt: skip
    return _with_agent(day, call, visit, seat, leg, at + rung, median=median, in_queue=False)


class _Wait:
    """A caller in a queue, offered to one agent after the other."""

    def __init__(self, day: Workday, call: Call, queue: Queue, joined: datetime) -> None:
        self._day, self._call, self._queue, self._joined = day, call, queue, joined
        self._position = 1 + sum(leaves > joined for _, leaves in day.stays[queue.name])
        self._attempts: list[Attempt] = []
        patience = 12 + day.chance.expovariate(1 / 170)
        self._times_out = patience >= _QUEUE_ENDS_IT
        self.until = joined + seconds(min(_QUEUE_ENDS_IT, patience))
        self.now = joined

    def offer(self) -> tuple[QueueVisit, Seat, int, datetime] | None:
        """Ring the next agent; the visit, the seat, the leg and the moment when they answer."""
        seat = self._day.next_of(self._queue.members, self.now)
        offered = max(self.now, seat.free_at) + seconds(0.03) if seat else self.until
        if seat is None or offered >= self.until:
            self.now = self.until
            return None
        missed = self._day.chance.random() < _MISSED
        rung = seconds(RING_AT_MOST if missed else self._day.ring())
        self.now = min(offered + rung, self.until)
        result: LegResult = "cancelled" if offered + rung >= self.until else "no_answer" if missed else "answered"
        worker = seat.worker
        leg = self._call.leg(offered, worker.phone, "agent", worker.phone, worker.name, worker.name)
        ring = round((self.now - offered).total_seconds(), 3)
        self._attempts.append(Attempt(agent=worker.name, at=offered, ring=ring, result=result))
        if result == "answered":
            visit = replace(self._visit(), result="answered", agent=worker.name, interface=worker.interface, ring=ring)
            return visit, seat, leg, self.now
        self._call.end(leg, self.now, result)
        seat.free_at = self.now + seconds(self._day.chance.uniform(20, 120) if missed else 1)
        return None

    def lost(self) -> CallRecord:
        """The caller hangs up, or the queue gives up on them."""
        visit = self._visit()
        over = self.now + seconds(0.01)
        if self._times_out:
            self._call.visit(replace(visit, result="timeout"))
            return self._call.done(over, "timeout", "system", NORMAL)
        self._call.visit(replace(visit, result="abandoned"))
        return self._call.done(over, "abandoned", "caller", 0)

    def _visit(self) -> QueueVisit:
        self._day.stays[self._queue.name].append((self._joined, self.now))
        return QueueVisit(
            queue=self._queue.name,
            joined_at=self._joined,
            left_at=self.now,
            position=self._position,
            wait=round((self.now - self._joined).total_seconds(), 3),
            attempts=tuple(self._attempts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """How a call goes on once the agent has said what there is to say: when they leave, when it is over, by whom."""

    leaves: datetime
    over: datetime
    by: EndedBy
    held: float = 0.0


def _with_agent(
    day: Workday,
    call: Call,
    visit: QueueVisit,
    seat: Seat,
    leg: int,
    start: datetime,
    *,
    median: float,
    in_queue: bool = True,
) -> CallRecord:
    """`median`: seconds of such talks. `in_queue`: they met in the queue; who was rung before it has no visit, and the
    router is told of the talk."""
    said = start + seconds(day.length(median))
    call.answer(leg, start)
    held = _hold(day, call, leg, start, said) if day.chance.random() < _HELD else 0.0
    colleague = day.free(said, but=seat) if day.chance.random() < _HANDED_OVER else None
    if colleague is None:
        by: EndedBy = day.chance.choices(("caller", "agent"), (58, 42))[0]
        rest = _Rest(leaves=said, over=said, by=by)
    else:
        hand_over = _attended if day.chance.random() < _ASKED_FIRST else _blind
        rest = hand_over(day, call, leg, colleague, said)
    call.talk(call.caller, leg, start, rest.leaves)
    call.end(leg, rest.leaves + seconds(0.01))
    together = round((rest.leaves - start).total_seconds(), 3)
    visit = replace(visit, talk=together, hold=round(held + rest.held, 3))
    if in_queue:
        call.visit(visit)
    elif day.router is not None:
        day.router.talked_before(call.id, visit)
    seat.free_at = rest.leaves + seconds(day.chance.uniform(8, 55))
    seat.wrapped_up.append(Away(since=rest.leaves, until=seat.free_at, reason=""))
    return call.done(rest.over + seconds(0.02), "answered", rest.by, NORMAL)


def _hold(day: Workday, call: Call, leg: int, start: datetime, stop: datetime) -> float:
    """Seconds on hold somewhere within the talk; none when it is too short for one."""
    room = (stop - start).total_seconds() - 20
    if room < 15:
        return 0.0
    length = min(room, day.chance.uniform(12, 80))
    begins = start + seconds(10 + day.chance.random() * (room - length))
    call.hold(leg, begins, begins + seconds(length))
    return length


def _blind(day: Workday, call: Call, leg: int, colleague: Seat, at: datetime) -> _Rest:
    """The agent sends the caller on and is gone; the colleague's phone rings."""
    worker = colleague.worker
    second = call.leg(at + seconds(0.05), worker.phone, "callee", worker.phone, worker.name)
    call.transfer("blind", at, leg, worker.phone)
    picks_up = at + seconds(0.05 + day.ring() * 0.8)
    call.answer(second, picks_up)
    return _to_the_end(day, call, second, colleague, picks_up, leaves=at, held=0.0)


def _attended(day: Workday, call: Call, leg: int, colleague: Seat, at: datetime) -> _Rest:
    """The agent puts the caller on hold, asks the colleague, and hands over."""
    worker = colleague.worker
    second = call.leg(at + seconds(0.05), worker.phone, "consultant", worker.phone, worker.name)
    picks_up = at + seconds(0.05 + day.ring() * 0.8)
    leaves = picks_up + seconds(day.chance.uniform(5, 20))
    call.answer(second, picks_up)
    call.hold(leg, at, leaves)
    call.talk(leg, second, picks_up, leaves)
    call.transfer("attended", leaves, leg, call.channel(second))
    return _to_the_end(day, call, second, colleague, leaves, leaves=leaves, held=(leaves - at).total_seconds())


def _to_the_end(
    day: Workday, call: Call, second: int, colleague: Seat, start: datetime, *, leaves: datetime, held: float
) -> _Rest:
    over = start + seconds(day.length(120))
    call.talk(call.caller, second, start, over)
    call.end(second, over + seconds(0.01))
    colleague.free_at = over + seconds(15)
    return _Rest(leaves=leaves, over=over, by=day.chance.choice(("caller", "callee")), held=held)
