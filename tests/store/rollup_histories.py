"""Made-up histories of calls and spells for rollups: seeded, so that a failure can be looked at again."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cxcall.calls.record import Attempt, Caller, CallId, CallRecord, Hold, Leg, QueueVisit, Talk, Transfer
from cxcall.reports.facts import Counting, Target
from cxcall.reports.period import Span, span_of
from cxcall.store.agent_states import StateChange
from cxcall.store.calls import CallWrite
from tests.store.make import ringing

BERLIN = ZoneInfo("Europe/Berlin")
TEHRAN = ZoneInfo("Asia/Tehran")
QUEUES = ("support", "sales", "billing")
AGENTS = ("Sara", "Omid", "Neda")
SERVERS = ("lab", "shop")
DIDS = ("02188341190", "02188341191")
KINDS = ("blind", "attended", "semi_attended", "redirect", "park")
# The clock goes back in Berlin on the 25th, in the middle of it all.
BEGIN = datetime(2026, 10, 22, 20, 0, tzinfo=UTC)
DAYS = 6
TARGETS = {("lab", "support"): Target(within=10, short=3), ("shop", "sales"): Target(within=60, short=8)}


def counting(zone: ZoneInfo = BERLIN) -> Counting:
    return Counting(zone=zone, targets=TARGETS)


def whole(zone: ZoneInfo = BERLIN) -> Span:
    """A period around everything."""
    first = BEGIN.astimezone(zone).date() - timedelta(days=1)
    return span_of(first, first + timedelta(days=DAYS + 3), zone)


def seconds(chance: random.Random, most: float) -> timedelta:
    """A time as events have it, often short."""
    return timedelta(microseconds=int(chance.random() ** 2 * most * 1e6))


def call(n: int, chance: random.Random) -> CallRecord:
    """A call that has ended: through queues or not, answered or not, over the edges of intervals and days."""
    server = chance.choice(SERVERS)
    id_ = CallId(f"{server}-{n:05d}.1")
    began = BEGIN + seconds(chance, DAYS * 86_400)
    caller = f"PJSIP/trunk-{n:08x}"
    now = began + seconds(chance, 30)
    visits: list[QueueVisit] = []
    legs: list[Leg] = []
    talks: list[Talk] = []
    holds: list[Hold] = []
    transfers: list[Transfer] = []
    answered: datetime | None = None
    for m in range(chance.choice((0, 1, 1, 1, 2))):
        visit, some, now = _visit(n, m, caller, now, chance)
        visits.append(visit)
        legs += some
        for leg in some:
            if leg.answered_at is not None and leg.ended_at is not None:
                answered = answered or leg.answered_at
                talks.append(
                    Talk(
                        channels=(caller, leg.channel),
                        numbers=("x", leg.number),
                        from_=leg.answered_at,
                        to=leg.ended_at,
                    )
                )
                if chance.random() < 0.3:
                    held = leg.answered_at + seconds(chance, (leg.ended_at - leg.answered_at).total_seconds() / 2)
                    holds.append(
                        Hold(channel=leg.channel, from_=held, to=min(held + seconds(chance, 30), leg.ended_at))
                    )
                if chance.random() < 0.4:
                    kind = chance.choice(KINDS)
                    transfers.append(
                        Transfer(kind=kind, at=leg.ended_at, by=leg.channel, to="1005",  # type: ignore[arg-type]  # a word as records have it
                                 result=chance.choice(("ok", "ok", "failed")))
                    )  # fmt: skip
    if not visits and chance.random() < 0.5:
        leg = _agent_leg(n, 9, now, chance)
        legs.append(replace(leg, agent=None))
        answered, now = leg.answered_at, leg.ended_at or now
        talks.append(Talk(channels=(caller, leg.channel), numbers=("x", leg.number), from_=leg.answered_at, to=now))
    ended = now + seconds(chance, 5)
    first = Leg(channel=caller, unique_id=f"{n}.1", role="caller", number="09123456789", answered_at=answered,
                ended_at=ended, result="answered")  # fmt: skip
    lost = "timeout" if visits and visits[-1].result == "timeout" else "abandoned"
    return CallRecord(
        id=id_, server=server, linked_ids=(f"{n}.1",),
        direction=chance.choice(("inbound", "inbound", "outbound", "internal")),
        caller=Caller(number="09123456789", channel=caller), called=chance.choice(DIDS), started_at=began,
        answered_at=answered, ended_at=ended, outcome="answered" if answered else lost,  # type: ignore[arg-type]  # a word as records have it
        ended_by="caller", hangup_cause=16, legs=(first, *legs), talks=tuple(talks), queue_visits=tuple(visits),
        transfers=tuple(transfers), holds=tuple(holds),
    )  # fmt: skip


def _visit(
    n: int, m: int, caller: str, joined: datetime, chance: random.Random
) -> tuple[QueueVisit, list[Leg], datetime]:
    queue, at = chance.choice(QUEUES), joined
    legs: list[Leg] = []
    attempts: list[Attempt] = []
    for k in range(chance.choice((0, 0, 1, 2))):
        leg = _agent_leg(n, 10 * m + k, at, chance)
        end = (leg.rang_at or at) + seconds(chance, 15)
        result = chance.choice(("no_answer", "busy", "rejected", "cancelled"))
        legs.append(replace(leg, answered_at=None, ended_at=end, result=result))  # type: ignore[arg-type]  # a word as records have it
        attempts.append(
            Attempt(agent=leg.agent, at=leg.rang_at, ring=(end - (leg.rang_at or at)).total_seconds(), result=result)  # type: ignore[arg-type]  # a word as records have it
        )
        at = end
    result = chance.choice(
        ("answered", "answered", "answered", "abandoned", "abandoned", "timeout", "full", "closed", "left")
    )
    if result != "answered":
        left = at if result in ("full", "closed") and not attempts else at + seconds(chance, 120)
        visit = QueueVisit(queue=queue, joined_at=joined, left_at=left, position=1, result=result,  # type: ignore[arg-type]  # a word as records have it
                           wait=(left - joined).total_seconds(), attempts=tuple(attempts))  # fmt: skip
        return visit, legs, left
    leg = _agent_leg(n, 10 * m + 9, at + seconds(chance, 60), chance)
    assert leg.answered_at is not None
    assert leg.ended_at is not None
    assert leg.rang_at is not None
    ring = (leg.answered_at - leg.rang_at).total_seconds()
    attempts.append(Attempt(agent=leg.agent, at=leg.rang_at, ring=ring, result="answered"))
    visit = QueueVisit(
        queue=queue, joined_at=joined, left_at=leg.ended_at, position=1, result="answered", agent=leg.agent,
        interface=leg.channel.rpartition("-")[0], wait=(leg.answered_at - joined).total_seconds(), ring=ring,
        talk=(leg.ended_at - leg.answered_at).total_seconds(), attempts=tuple(attempts),
    )  # fmt: skip
    return visit, [*legs, leg], leg.ended_at


def _agent_leg(n: int, k: int, at: datetime, chance: random.Random) -> Leg:
    who = chance.randrange(len(AGENTS))
    rang = at + seconds(chance, 2)
    answered = rang + seconds(chance, 10)
    ended = answered + seconds(chance, 4000)
    return Leg(
        channel=f"PJSIP/{1001 + who}-{n:04x}{k:04x}", unique_id=f"{n}.{k + 2}", role="agent", number=str(1001 + who),
        agent=AGENTS[who], rang_at=rang, answered_at=answered, ended_at=ended, result="answered",
    )  # fmt: skip


def history(seed: int, calls: int = 8) -> list[CallWrite]:
    """Calls as they grow, end, are corrected once more or turn out to be a part of another; each revision once."""
    chance = random.Random(seed)
    writes: list[CallWrite] = []
    for n in range(calls):
        record = call(n, chance)
        revision = 1
        if chance.random() < 0.5:
            writes.append(CallWrite(record=ringing(record), revision=revision))
            revision += 1
        writes.append(CallWrite(record=record, revision=revision))
        if chance.random() < 0.4:
            other = replace(call(n, chance), id=record.id, server=record.server)
            writes.append(CallWrite(record=other, revision=revision + 1))
        if n and chance.random() < 0.25:
            into = writes[0].record
            ended = [write for write in writes if write.record.id == into.id]
            last = max(ended, key=lambda write: write.revision)
            writes.append(replace(last, revision=last.revision + 1, merged=(record.id,)))
    return writes


def changes(seed: int, count: int = 40) -> list[StateChange]:
    """What agents did at four phones, two of them one person's, in the order it became known."""
    chance = random.Random(seed)
    phones = (("PJSIP/1001", "sara", "Sara"), ("PJSIP/1011", "sara", "Sara"), ("PJSIP/1002", "omid", "Omid"),
              ("PJSIP/1003", None, "Neda"))  # fmt: skip
    states = ("ready", "ready", "ringing", "on_call", "wrap_up", "paused", "offline")
    at = BEGIN
    found: list[StateChange] = []
    for _ in range(count):
        at += seconds(chance, 40_000)
        interface, user, name = chance.choice(phones)
        state = chance.choice(states)
        reason = chance.choice(("lunch", "break")) if state == "paused" else ""
        found.append(
            StateChange(server="lab", interface=interface, state=state, at=at, user_id=user, name=name, reason=reason)
        )
    return found
