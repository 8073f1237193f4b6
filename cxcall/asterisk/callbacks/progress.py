"""What the call of a try tells of its call-back. Both ways round: an agent first, or the customer first."""

from __future__ import annotations

from datetime import datetime

from cxcall.calls.record import CallRecord, Leg
from cxcall.routing.call_back import PREFIX
from cxcall.routing.call_back_events import Progress, Why

_WHY: dict[str | None, Why] = {
    "busy": "busy", "no_answer": "no_answer", "rejected": "rejected", "congestion": "failed", "failed": "failed",
    "cancelled": "agent_gone",
}  # fmt: skip


def line_of(record: CallRecord) -> str:
    """The unique id of the try whose call this is; "" for any other call."""
    own = record.id.removeprefix(f"{record.server}-")
    return own if own.startswith(PREFIX) else ""


def progress(record: CallRecord, at: datetime) -> Progress:
    """The progress of the try as its call tells it at `at`."""
    visit = record.queue_visits[-1] if record.queue_visits else None
    agents = [leg for leg in record.legs if leg.agent is not None and leg.answered_at is not None]
    others = [leg for leg in record.legs if leg.agent is None]
    customer = others[-1] if others else None
    return Progress(
        at=record.ended_at or at,
        line=line_of(record),
        waits=visit is not None and visit.result is None,
        taken=bool(agents) or (visit is not None and visit.result == "answered"),
        picked_up=customer is not None and customer.answered_at is not None,
        channel=(customer.channel or "") if customer is not None and customer.answered_at is not None else "",
        talked=any(talk for talk in record.talks),
        over=record.ended_at is not None,
        why=_why(customer, bool(agents)),
        agent=(visit.interface or "") if visit is not None else "",
        agent_name=(visit.agent or "") if visit is not None else "",
    )


def _why(customer: Leg | None, taken: bool) -> Why:
    if customer is None:
        return "agent_gone" if taken else "failed"
    if customer.answered_at is not None:
        return "hung_up"
    return _WHY.get(customer.result, "no_answer")
