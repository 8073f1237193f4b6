"""Routing in the demo's past: each made-up call goes where the rules of its day would have sent it.

What is known of the caller and of the queues is what the simulation knows at that moment, and the decision is the
product's own; so counts of rules, reasons, replays and experiments tell what came about, and are not diced.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cxcall.asterisk.routing.floor_facts import expected_wait
from cxcall.calls.record import CallId, CallRecord, QueueVisit
from cxcall.demo.doors import ASKED
from cxcall.demo.past_callers import PastCallers
from cxcall.demo.records import Call
from cxcall.demo.rules import AT_HAND, Stage
from cxcall.demo.staff import NIGHT, QUEUES, SERVER, TIMEZONE, Queue
from cxcall.demo.wishes import Wishes
from cxcall.demo.workday import Seat, Workday
from cxcall.routing.decide import decide
from cxcall.routing.facts import AgentNow, Caller, Facts, QueueNow
from cxcall.routing.replay import kept
from cxcall.store.routing_decisions import NewDecision

_BUSY_WITH_A_CALL = 220.0
"""Mean seconds."""
_FACTS_KEPT = timedelta(days=30)
_MS = (3.0, 11.0)
"""From the question to the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the rules made of a call: its queue, or that it is turned away; who is rung before the queue; whether the
    caller was told to have their customer number at hand."""

    queue: Queue
    blocked: bool = False
    first: Seat | None = None
    prepared: bool = False


class PastRouter:
    """Decides the calls of the past in their order. `known`: customers by E.164 number; `people`: user ids by login;
    `stages`: what was published, oldest first; `until`: when the past ends (aware)."""

    def __init__(
        self,
        stages: Sequence[Stage],
        known: Mapping[str, Caller],
        people: Mapping[str, str],
        wishes: Wishes,
        *,
        until: datetime,
        seed: int,
    ) -> None:
        self._zone = ZoneInfo(TIMEZONE)
        today = until.astimezone(self._zone).date()
        self._facts_since = until - _FACTS_KEPT
        self._published = [(today - timedelta(days=one.days_ago), one.rules) for one in stages]
        self._callers = PastCallers(known, people, self._zone)
        self._people = people
        self.wishes = wishes
        self._chance = random.Random(f"routing-{seed}")
        self.decisions: list[NewDecision] = []
        """All that was decided, oldest first."""
        self.before_the_queue: dict[CallId, QueueVisit] = {}
        """Talks with whoever was rung first, as a visit would tell them; such a call has none."""

    def send(self, day: Workday, at: datetime, call: Call, dialled: str, queue: Queue) -> Sent:
        """Where a call to `queue` from this number goes; remembered as a decision."""
        version = bisect.bisect_right([since for since, _ in self._published], day.day)
        if not version:
            return Sent(queue=queue)
        rules = self._published[version - 1][1]
        number, caller = self._callers.who(dialled, at)
        asked_why = queue is ASKED and version == len(self._published)
        facts = Facts(
            at=at.astimezone(self._zone),
            server=SERVER,
            call=call.unique_id,
            number=number,
            queue=queue.name,
            customer=caller,
            past=self._callers.past(dialled, at),
            queues={one.name: _queue(day, one, at) for one in QUEUES},
            agents=self._floor(day, at),
            said=self.wishes.heard(call.id, queue.name, at, caller) if asked_why else None,
        )
        decision = decide(rules, facts, version=version)
        self.decisions.append(
            NewDecision(
                id=f"{round(at.timestamp() * 1000):012x}{self._chance.getrandbits(56):014x}",
                decision=decision,
                server=SERVER,
                unique_id=call.unique_id,
                number=number,
                customer_id=caller.id if caller else None,
                call_id=call.id,
                asked=queue.name,
                ms=round(self._chance.uniform(*_MS), 1),
                facts=kept(facts, rules) if at >= self._facts_since else None,
            )
        )
        result = decision.result
        return Sent(
            queue=next((one for one in QUEUES if one.name == result.queue), queue),
            blocked=result.treat == "block",
            first=day.seat_of(result.agent) if result.agent else None,
            prepared=result.announcement in AT_HAND.values(),
        )

    def ended(self, record: CallRecord) -> None:
        """A call is over: from its end on it counts as the caller's past."""
        self._callers.ended(record)

    def talked_before(self, call_id: CallId, visit: QueueVisit) -> None:
        """The caller talked with whoever was rung before the queue."""
        self.before_the_queue[call_id] = visit

    def _floor(self, day: Workday, at: datetime) -> dict[str, AgentNow]:
        """Who is at work."""
        found = {}
        for seat in day.seats:
            user = self._people[seat.worker.login]
            there = seat.comes_at <= at < seat.leaves_at
            state = "offline" if not there else "ready" if seat.free_at <= at else "on_call"
            found[user] = AgentNow(
                user=user, name=seat.worker.name, interface=seat.worker.interface, state=state,
                queues=tuple(queue.name for queue in QUEUES if seat.worker.phone in queue.members),
            )  # fmt: skip
        return found


def _queue(day: Workday, queue: Queue, at: datetime) -> QueueNow:
    there = [seat for seat in day.seats if seat.worker.phone in queue.members and seat.comes_at <= at < seat.leaves_at]
    free = sum(seat.free_at <= at for seat in there)
    waits = [since for since, until in day.stays[queue.name] if since <= at < until]
    return QueueNow(
        name=queue.name,
        open=queue is not NIGHT,
        waiting=len(waits),
        longest=(at - min(waits)).total_seconds() if waits else 0.0,
        free=free,
        signed_in=len(there),
        expected_wait=expected_wait(waiting=len(waits), free=free, working=len(there), handle=_BUSY_WITH_A_CALL),
    )
