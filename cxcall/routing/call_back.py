"""A call-back that keeps its place, as a state machine: events in, the call-back as it is then and acts out. Pure.

Theory of operation
-------------------
Who presses the key has left the queue, so their place is kept here: `ahead` names everyone who stood before them, the
channels of callers and other call-backs. Nobody joins that list; whoever of it is gone makes the place better.

An agent first: something of ours stands in the queue for the customer, at that place; Asterisk gives it an agent as it
gives one to any caller, and then rings the customer. So there is never more than one call-back an agent, and the turn
is the queue's own. The customer first: nothing stands in the queue; when nobody of `ahead` is left and an agent is or
becomes free for them, the customer is rung and enters the queue at its head.

A try is known by the unique id of its first channel (`line`); what became of it is read from its call's record
(`Progress`), which is the same told once, twice or after a restart. What is said of another try is not listened to. A
try that ends before anybody was rung does not count: the switch lost it, and it is made again, later each time.

                    turn                   customer answers
    waiting ------------------> calling ------------------> connected ----> done
       ^  \\                       |
       |   `-> cancelled           | busy, no answer …: tries left
       `---------------------------+------------------------------------> task
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from cxcall.routing.call_back_events import (
    Act,
    AskAfterwards,
    CalledOff,
    Event,
    Gone,
    HangUp,
    Looked,
    MakeTask,
    Now,
    Progress,
    PutInLine,
    RingCustomer,
    Why,
)
from cxcall.routing.call_back_plan import CallBackPlan, First

State = Literal["waiting", "calling", "connected", "done", "task", "cancelled"]
OPEN: frozenset[State] = frozenset({"waiting", "calling", "connected"})

SLACK = timedelta(seconds=30)
"""Until what was put in the queue and is not there counts as lost."""

RING_SLACK = timedelta(seconds=5)
"""Beyond the ringing until we end it ourselves."""

LOST_PAUSE = timedelta(seconds=5)
LONGEST_LOST_PAUSE = timedelta(minutes=5)
"""After the switch lost a try: each time twice as long."""

MOST_LOST = 20
"""So often in a row, for more than an hour, and nobody believes in the next time: somebody has to look after it."""

NO_QUEUE_PAUSE = timedelta(minutes=1)
MOST_NO_QUEUE = 3
"""Looks at a queue that is not there (a reload, a restart) until it counts as removed."""


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """One promise. `joined_at`: when the caller joined the queue; `since`: since when the try goes on;
    `picked_up`: the customer did, and waits for an agent. `survey`: they may be asked afterwards.
    `first_call`: the call in which it was asked for, `last_call`: that of the newest try. `attempts` counts what was
    put on the switch, `tries` those that rang the customer, `lost` those that came to nothing in a row.
    """

    id: str
    server: str
    queue: str
    number: str
    joined_at: datetime
    made_at: datetime
    next_at: datetime
    first: First = "agent"
    state: State = "waiting"
    reason: Why = ""
    customer_id: str | None = None
    name: str = ""
    language: str = ""
    survey: bool = True
    priority: int = 0
    ahead: tuple[str, ...] = ()
    first_call: str = ""
    last_call: str = ""
    line: str = ""
    since: datetime | None = None
    picked_up: bool = False
    attempts: int = 0
    tries: int = 0
    lost: int = 0
    agent: str = ""
    agent_name: str = ""
    task_id: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""

    @property
    def open(self) -> bool:
        return self.state in OPEN


Step = tuple[CallBack, tuple[Act, ...]]


def step(one: CallBack, event: Event, plan: CallBackPlan) -> Step:
    """The call-back after an event, and what is to be done. An ended one stays as it is, whatever comes."""
    if not one.open:
        return one, ()
    match event:
        case Looked():
            return _LOOKED[one.state](one, event, plan)
        case Progress():
            return _progress(one, event, plan) if event.line == one.line else (one, ())
        case Gone():
            return _gone(one, event, plan) if event.line == one.line else (one, ())
        case CalledOff():
            return _call_off(one, event)
        case Now():
            return (_with(one, next_at=event.at, lost=0), ()) if one.state == "waiting" else (one, ())


def place(one: CallBack, present: Collection[str]) -> int:
    """Its place now: 1 is next."""
    return 1 + sum(who in present for who in one.ahead)


# The time goes on


def _waits(one: CallBack, now: Looked, plan: CallBackPlan) -> Step:
    if now.on_the_line:
        return _aside(_with(one, reason="on_the_line"))
    if one.reason == "on_the_line":
        one = _with(one, reason="")
    if now.at < one.next_at:
        return one, ()
    if not now.there:
        return _no_queue(one, now.at)
    if now.opens is None:
        ended, acts = _give_up(one, now.at, "closed")
        return ended, (*_aside(one)[1], *acts)
    if now.opens > now.at:
        return _aside(_with(one, next_at=now.opens, reason="closed"))
    if not one.line:
        return _turn(one, now)
    if one.since is not None and now.at > one.since + SLACK and f"{one.line}-q" not in now.queued:
        return _lose(one, now.at, "lost", (HangUp(line=one.line),))
    return one, ()


def _no_queue(one: CallBack, at: datetime) -> Step:
    """Their queue is not there. Its callers are nobody's turn: soon somebody has to look after them."""
    looks = one.lost + 1 if one.reason == "no_queue" else 1
    aside, acts = _aside(one)
    if looks > MOST_NO_QUEUE:
        ended, more = _give_up(aside, at, "no_queue")
        return ended, (*acts, *more)
    return _with(aside, reason="no_queue", lost=looks, next_at=at + NO_QUEUE_PAUSE), acts


def _turn(one: CallBack, now: Looked) -> Step:
    if not now.staffed:  # a queue without agents may not take anybody in; the place is kept here
        return one, ()
    if one.first == "customer":
        if now.slots < 1 or place(one, {*now.queued, *now.kept}) > 1:
            return one, ()
        one = _begin(one, now.at, state="calling")
        return one, (RingCustomer(line=one.line),)
    one = _begin(one, now.at)
    return one, (PutInLine(line=one.line, position=place(one, now.queued)),)


def _calls(one: CallBack, now: Looked, plan: CallBackPlan) -> Step:
    """It rings longer than it may, or nobody told us of its end."""
    if one.picked_up or one.since is None or now.at <= one.since + timedelta(seconds=plan.ring_seconds) + RING_SLACK:
        return one, ()
    return _miss(one, now.at, "no_answer", plan, (HangUp(line=one.line),))


def _talks(one: CallBack, now: Looked, plan: CallBackPlan) -> Step:
    return one, ()


_LOOKED: dict[State, Callable[[CallBack, Looked, CallBackPlan], Step]] = {
    "waiting": _waits, "calling": _calls, "connected": _talks,
}  # fmt: skip


# What became of a try


def _progress(one: CallBack, told: Progress, plan: CallBackPlan) -> Step:
    if told.agent:
        one = _with(one, agent=told.agent, agent_name=told.agent_name)
    if told.talked and one.state != "connected":
        one = _with(one, state="connected", reason="", lost=0, tries=one.tries + 1)
        if told.channel and one.survey and not told.over:
            return one, (AskAfterwards(channel=told.channel, agent=one.agent),)
    if one.state == "connected":
        return (_end(one, told.at, "done") if told.over else one), ()
    if told.over and (told.taken or one.state == "calling"):
        why = told.why or ("hung_up" if one.picked_up else "no_answer")
        return _miss(one, told.at, why, plan)
    if told.over:
        return _lose(one, told.at, "lost")
    if told.taken and one.state == "waiting":
        return _with(one, state="calling", since=told.at), ()
    if told.picked_up and one.first == "customer":
        return _with(one, picked_up=True), ()
    return (_with(one, lost=0) if told.waits else one), ()


def _gone(one: CallBack, event: Gone, plan: CallBackPlan) -> Step:
    if one.state == "connected":
        return _end(one, event.at, "done"), ()
    if one.state == "calling" and event.why == "lost":
        return _miss(one, event.at, "lost", plan)
    return _lose(one, event.at, event.why)


def _miss(one: CallBack, at: datetime, why: Why, plan: CallBackPlan, acts: tuple[Act, ...] = ()) -> Step:
    """The customer was rung in vain. Their turn had come: nobody is before them next time."""
    one = _with(one, tries=one.tries + 1, reason=why, ahead=(), agent="", agent_name="", **_NOWHERE)
    if one.tries >= plan.tries:
        ended, more = _give_up(one, at, why)
        return ended, (*acts, *more)
    return _with(one, state="waiting", next_at=at + timedelta(minutes=plan.pause_minutes)), acts


def _lose(one: CallBack, at: datetime, why: Why, acts: tuple[Act, ...] = ()) -> Step:
    """The try came to nothing before anybody was rung; it keeps its place."""
    if one.lost + 1 >= MOST_LOST:
        ended, more = _give_up(one, at, why)
        return ended, (*acts, *more)
    pause = min(LOST_PAUSE * 2 ** min(one.lost, 10), LONGEST_LOST_PAUSE)
    return _with(one, state="waiting", reason=why, next_at=at + pause, lost=one.lost + 1, **_NOWHERE), acts


# Ends


def _call_off(one: CallBack, event: CalledOff) -> Step:
    if one.state == "connected":
        return one, ()
    acts = (HangUp(line=one.line),) if one.line else ()
    return _with(_end(one, event.at, "cancelled"), reason=event.why, ended_by=event.by), acts


def _give_up(one: CallBack, at: datetime, why: Why) -> Step:
    return _with(_end(one, at, "task"), reason=why), (MakeTask(why=why),)


def _end(one: CallBack, at: datetime, state: State) -> CallBack:
    return _with(one, state=state, ended_at=at, reason="", **_NOWHERE)


# Small parts


def _begin(one: CallBack, at: datetime, *, state: State = "waiting") -> CallBack:
    n = one.attempts + 1
    line = f"{PREFIX}{one.id}-{n}"
    reason = one.reason if one.reason in _MISSED else ""
    last_call = f"{one.server}-{line}"
    return _with(one, state=state, attempts=n, line=line, last_call=last_call, since=at, reason=reason)


def _aside(one: CallBack) -> Step:
    """Out of the queue, with its place kept here."""
    if not one.line:
        return one, ()
    return _with(one, **_NOWHERE), (HangUp(line=one.line),)


_MISSED: frozenset[Why] = frozenset({"busy", "no_answer", "rejected", "failed", "hung_up", "agent_gone"})
_NOWHERE = {"line": "", "since": None, "picked_up": False}

PREFIX = "cxcb-"
"""Begins the unique ids of the channels that stand for a call-back: `cxcb-ID-N`, in the queue `cxcb-ID-N-q`."""


def id_of(unique_id: str) -> str:
    """The call-back a channel of ours stands for; for any other channel its own id."""
    return unique_id.removeprefix(PREFIX).split("-")[0] if unique_id.startswith(PREFIX) else unique_id


def _with(one: CallBack, **values: object) -> CallBack:
    return msgspec.structs.replace(one, **values)
