"""Call-backs of the demo's past: callers who gave their place to us instead of giving up, and what came of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.asterisk.callbacks.book import TASK_DUE
from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.demo.floor import CALLS_BACK
from cxcall.demo.people import Person
from cxcall.demo.records import NORMAL, Call, Numbers, seconds
from cxcall.demo.staff import OUTSIDE_PREFIX, SERVER, Queue, Worker, agents
from cxcall.demo.workday import as_dialled
from cxcall.routing.call_back import PREFIX, CallBack
from cxcall.store import call_backs, tasks
from cxcall.store.tasks import NewTask

LATELY = timedelta(days=12)
MOST = 16
_LEAST_WAIT = 8.0
"""Who gave up sooner had not heard yet that one can be called back."""
_SAYS_YES = (9.0, 16.0)
"""Seconds until the number is confirmed."""
_TURN = (60.0, 600.0)
"""Seconds until the turn comes."""
_ENDS = ("done", "done", "task", "done", "cancelled", "done", "done", "called_again")
"""What comes of them, one after the other, beginning with the oldest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A call-back with the records of its calls: in which it was asked for, and by which the customer was reached."""

    one: CallBack
    asked: CallRecord
    reached: CallRecord | None = None


def kept_places(
    past: Sequence[CallRecord], people: Sequence[Person], *, until: datetime, seed: int, language: str = "en"
) -> list[Kept]:
    """Some of the last callers who gave up waiting, as if they had pressed the key; the newest is still waited for.

    `language`: of the agents' names.
    """
    chance = random.Random(f"call-backs-{seed}")
    workers = {worker.phone: worker for worker in agents(language)}
    queues = {queue.name: queue for queue in CALLS_BACK}
    by_number = {as_dialled(number): (number, person) for person in people for number in person.numbers}
    fitting: dict[str, CallRecord] = {}
    for record in past:
        visit = record.queue_visits[-1] if record.queue_visits else None
        if visit is None or visit.result != "abandoned" or visit.queue not in queues or (visit.wait or 0) < _LEAST_WAIT:
            continue
        if record.ended_at is not None and record.ended_at > until - LATELY and record.caller.number in by_number:
            fitting[record.caller.number or ""] = record
    chosen = sorted(fitting.values(), key=lambda record: record.started_at or until)[-MOST:]
    found = []
    for n, record in enumerate(chosen):
        number, person = by_number[record.caller.number or ""]
        how = "waiting" if n == len(chosen) - 1 else _ENDS[n % len(_ENDS)]
        found.append(
            _kept(record, queues[record.queue_visits[-1].queue or ""], number, person, how, until, chance, workers)
        )
    return found


async def write(conn: AsyncConnection, kept: Sequence[Kept], customers: Mapping[str, str]) -> None:
    """Keep them after their calls. `customers`: ids by number."""
    for each in kept:
        one = msgspec.structs.replace(each.one, customer_id=customers.get(each.one.number))
        if one.state == "task" and one.ended_at is not None:
            task = await tasks.create(
                conn,
                NewTask(
                    kind="call_back", title=one.name, due_at=one.ended_at + TASK_DUE, made_by="call_back",
                    customer_id=one.customer_id, number=one.number, call_id=one.first_call, queue=one.queue,
                    reason={"call_back": one.reason, "tries": one.tries},
                ),
                now=one.ended_at,
            )  # fmt: skip
            one = msgspec.structs.replace(one, task_id=task.id)
        await call_backs.add(conn, one)


def _kept(
    record: CallRecord, queue: Queue, number: str, person: Person, how: str, until: datetime, chance: random.Random,
    workers: Mapping[str, Worker],
) -> Kept:  # fmt: skip
    """The call as it went on when the caller pressed the key, and the call-back as it ended (or waits)."""
    visit = record.queue_visits[-1]
    pressed, joined = visit.left_at or until, visit.joined_at or until
    made = pressed + seconds(chance.uniform(*_SAYS_YES))
    plan = CALLS_BACK[queue]
    asked = replace(
        record, ended_at=made + seconds(1), outcome="self_service", ended_by="system", hangup_cause=NORMAL,
        queue_visits=(*record.queue_visits[:-1], replace(visit, result="left")),
        legs=tuple(replace(leg, ended_at=made + seconds(1)) if leg.role == "caller" else leg for leg in record.legs),
    )  # fmt: skip
    one = CallBack(
        id=f"{int(made.timestamp() * 1000):012x}{chance.getrandbits(56):014x}", server=SERVER, queue=queue.name,
        number=number, joined_at=joined, made_at=made, next_at=made, first=plan.first, name=person.name,
        language=person.language, first_call=record.id,
    )  # fmt: skip
    over = made + seconds(chance.uniform(*_TURN))
    match how:
        case "done":
            reached = _reached(one, workers[chance.choice(queue.members)], person, over, chance)
            worker = reached.queue_visits[-1]
            one = _with(
                one, state="done", tries=1, attempts=1, last_call=reached.id, ended_at=reached.ended_at,
                agent=worker.interface, agent_name=worker.agent,
            )  # fmt: skip
            return Kept(one=one, asked=asked, reached=reached)
        case "task":
            over += timedelta(minutes=plan.pause_minutes * (plan.tries - 1))
            one = _with(one, state="task", reason="no_answer", tries=plan.tries, attempts=plan.tries, ended_at=over)
        case "cancelled":
            one = _with(one, state="cancelled", reason="supervisor", ended_at=over, ended_by="laleh")
        case "called_again":
            one = _with(one, state="cancelled", reason="called_again", ended_at=over)
        case _:
            later = until + timedelta(minutes=12)
            one = _with(one, reason="busy", tries=1, attempts=1, made_at=until - timedelta(minutes=4), next_at=later)
    return Kept(one=one, asked=asked)


def _reached(one: CallBack, worker: Worker, person: Person, at: datetime, chance: random.Random) -> CallRecord:
    """An agent of the queue and the customer, brought together by us."""
    called = OUTSIDE_PREFIX + as_dialled(one.number)
    call = Call(Numbers(), at, "outbound", worker.phone, worker.phone, worker.name, called)
    ring, talk = chance.uniform(3, 9), chance.uniform(60, 260)
    start = at + seconds(ring)
    stop = start + seconds(talk)
    customer = call.leg(at, "trunk", "callee", as_dialled(one.number), person.name)
    call.answer(customer, start)
    call.talk(call.caller, customer, start, stop)
    call.end(customer, stop)
    call.visit(
        QueueVisit(
            queue=one.queue, joined_at=at - seconds(2), left_at=at, position=1, wait=2.0, ring=2.0, result="answered",
            agent=worker.name, interface=worker.interface, talk=round(talk, 3),
        )
    )  # fmt: skip
    record = call.done(stop + seconds(0.1), "answered", "callee", NORMAL)
    line = f"{PREFIX}{one.id}-1"
    return replace(
        record, id=CallId(f"{SERVER}-{line}"), linked_ids=(line,), started_at=at - seconds(2),
        legs=(replace(record.legs[0], unique_id=line, agent=worker.name), *record.legs[1:]),
    )  # fmt: skip


def _with(one: CallBack, **values: object) -> CallBack:
    return msgspec.structs.replace(one, **values)
