"""What became of a leg and of a call, from all facts at once.

DialEnd lies (a busy agent of a queue says NOANSWER, then CANCEL), so the hang-up cause of the leg goes first: Q.850,
and the SIP code where Asterisk tells it. Source: Asterisk's causes.h and its mapping of SIP answers; seen on 16 and 22.
"""

from __future__ import annotations

from cxcall.calls.graph import Channel
from cxcall.calls.record import LegResult, Outcome, VisitResult
from cxcall.calls.story import Story, Visit

SAME_MOMENT = 0.05
"""Seconds within which events of one act arrive in any order."""

BY_CAUSE: dict[int, LegResult] = {
    17: "busy",
    21: "rejected",
    18: "no_answer", 19: "no_answer",
    26: "cancelled",
    34: "congestion", 38: "congestion", 42: "congestion", 44: "congestion", 47: "congestion",
    1: "failed", 2: "failed", 3: "failed", 20: "failed", 22: "failed", 27: "failed", 28: "failed", 29: "failed",
    50: "failed", 58: "failed", 66: "failed", 88: "failed", 102: "failed",
}  # fmt: skip
BY_STATUS: tuple[tuple[str, LegResult], ...] = (
    ("BUSY", "busy"), ("CONGESTION", "congestion"), ("CHANUNAVAIL", "failed"), ("DONTCALL", "rejected"),
    ("TORTURE", "rejected"), ("NOANSWER", "no_answer"), ("CANCEL", "cancelled"), ("ABORT", "cancelled"),
)  # fmt: skip
"""DialEnd's words, the telling ones first: a leg that rang out is told NOANSWER and CANCEL, in any order."""
SIP_BY_CODE: dict[str, LegResult] = {
    "486": "busy", "600": "busy", "603": "rejected", "403": "rejected", "480": "no_answer", "408": "no_answer",
    "503": "congestion", "404": "failed",
}  # fmt: skip
TELLING: tuple[LegResult, ...] = ("answered", "no_answer", "busy", "rejected", "congestion", "failed", "cancelled")
"""Of several phones rung at once the first of these that any came to is what the caller met."""
OUTCOME_OF: dict[LegResult, Outcome] = {
    "no_answer": "no_answer", "busy": "busy", "rejected": "rejected", "congestion": "congestion", "failed": "failed",
    "cancelled": "no_answer", "answered": "no_answer",
}  # fmt: skip
REFUSED: dict[str, Outcome] = {
    "TIMEOUT": "timeout", "LEAVEEMPTY": "timeout", "LEAVEUNAVAIL": "timeout", "FULL": "congestion",
    "JOINEMPTY": "failed", "JOINUNAVAIL": "failed",
}  # fmt: skip


def leg_result(leg: Channel) -> LegResult | None:
    """What became of a phone that was rung; None while it rings."""
    if leg.answered_at is not None:
        return "answered"
    statuses = leg.statuses or ()
    if "ANSWER" in statuses:
        return "answered"
    told = SIP_BY_CODE.get(leg.tech_cause or "") or BY_CAUSE.get(leg.cause or 0)
    if told is not None:
        return told
    for status, result in BY_STATUS:
        if status in statuses:
            return result
    return None if leg.ended_at is None else "cancelled"


def caller_result(outcome: Outcome, caller: Channel, story: Story) -> LegResult | None:
    """The caller's own leg: what they met."""
    if story.originated and caller.dialled_at is not None:
        return leg_result(caller)
    if outcome in ("answered", "self_service", "voicemail"):
        return "answered"
    if outcome == "in_progress":
        return None
    if outcome in ("abandoned", "timeout", "blocked") or caller.asked_at is not None:
        return "cancelled"
    return outcome if outcome in ("no_answer", "busy", "rejected", "congestion") else "failed"


def call_outcome(story: Story, caller: Channel | None, *, reached: bool, inbound: bool) -> Outcome:
    """The call's outcome by the rules of the record (INTERFACES: "Rules of the record")."""
    if reached:
        return "answered"
    if not story.ended:
        return "in_progress"
    if story.blocked:
        return "blocked"
    if _used(story, "voicemail", "minivmrecord", "minivmgreet"):
        return "voicemail"
    gave_up: Outcome = "abandoned" if inbound else "no_answer"
    quit_at = None if caller is None else caller.asked_at
    visit = max(story.visits, key=lambda v: v.joined_at or 0.0, default=None)
    rung = _last_rung(story, caller)
    if visit is not None and not (rung and (rung[0].dialled_at or 0.0) > (visit.left_at or visit.joined_at or 0.0)):
        return _after_queue(visit, gave_up, quit_at)
    if rung:
        results = [leg_result(leg) for leg in rung]
        met: LegResult = next((result for result in TELLING if result in results), "failed")
        if quit_at is not None and met in ("cancelled", "no_answer", "answered"):
            return gave_up
        return OUTCOME_OF[met]
    return _alone(story, caller, gave_up, quit_at)


def _after_queue(visit: Visit, gave_up: Outcome, quit_at: float | None) -> Outcome:
    result = visit_result(visit)
    if result == "abandoned":
        return gave_up
    if visit.status in REFUSED:
        return REFUSED[visit.status]
    if result == "timeout":
        return "timeout"
    return gave_up if quit_at is not None else "self_service"


def _alone(story: Story, caller: Channel | None, gave_up: Outcome, quit_at: float | None) -> Outcome:
    """No phone was rung and no queue joined: the caller met the dialplan only."""
    if caller is None:
        return "failed"
    if story.originated and caller.dialled_at is not None and caller.answered_at is None:
        result = leg_result(caller)
        return "failed" if result is None else OUTCOME_OF[result]
    if _used(story, "dial", "queue") and quit_at is None:
        return _by_cause(caller)  # it tried to reach somebody and could not even begin to
    if caller.answered_at is not None or caller.found:
        return "self_service"
    return gave_up if quit_at is not None else _by_cause(caller)


def _by_cause(caller: Channel) -> Outcome:
    result = BY_CAUSE.get(caller.cause or 0)
    return "failed" if result is None or result == "cancelled" else OUTCOME_OF[result]


def _used(story: Story, *apps: str) -> bool:
    return any(channel.apps is not None and not channel.apps.isdisjoint(apps) for channel in story.channels)


def _last_rung(story: Story, caller: Channel | None) -> list[Channel]:
    """The phones rung last and together, those of queues left out (their visit tells more)."""
    offered = {attempt.dest_uid for visit in story.visits for attempt in visit.attempts}
    rung = [
        leg for leg in story.channels
        if leg.kind == "party" and leg is not caller and leg.dialled_at is not None and not offered_to(leg, offered)
    ]  # fmt: skip
    if not rung:
        return []
    last = max(leg.dialled_at or 0.0 for leg in rung)
    return [leg for leg in rung if last - (leg.dialled_at or 0.0) <= 1.0]


def offered_to(leg: Channel, offered: set[str]) -> str | None:
    """The uid among `offered` for whose sake this leg was rung, climbing over Local pairs; None if for none."""
    here: Channel | None = leg
    for _ in range(16):
        if here is None:
            return None
        if here.uid in offered:
            return here.uid
        source = here.dialled_by
        here = source.half if source is not None and source.kind == "local" else None
    return None


def visit_result(visit: Visit) -> VisitResult | None:
    """How a stay in a queue ended: answered, abandoned, timeout, full, closed, left; None while it lasts."""
    if visit.connected:
        return "answered"
    told = _BY_QUEUE_STATUS.get(visit.status or "")
    if told is not None:
        return told
    who = visit.who
    if not visit.left and who.ended_at is None:
        return None
    if not visit.left:
        gave_up = not visit.outside or quit_by(who, None) or not speaks_of_hangups(who)
        return "abandoned" if gave_up else "left"
    if quit_by(who, visit.left_at):
        return "abandoned"
    if who.ended_at is not None and not speaks_of_hangups(who) and near(who.ended_at, visit.left_at):
        return "abandoned"
    return "timeout" if visit.abandoned else "left"


_BY_QUEUE_STATUS: dict[str, VisitResult] = {
    "TIMEOUT": "timeout", "FULL": "full", "JOINEMPTY": "closed", "JOINUNAVAIL": "closed", "LEAVEEMPTY": "closed",
    "LEAVEUNAVAIL": "closed", "CONTINUE": "left", "WITHDRAW": "left",
}  # fmt: skip


def quit_by(channel: Channel, at: float | None) -> bool:
    """Whether this channel's own end hung up (or its device was lost) no later than `at`."""
    for quit_at in (channel.asked_at, channel.vanished_at):
        if quit_at is not None and (at is None or quit_at <= at + SAME_MOMENT):
            return True
    return False


def near(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= SAME_MOMENT


def speaks_of_hangups(channel: Channel) -> bool:
    """Whether the channel's driver sends HangupRequest when the far end hangs up; DAHDI and others do not."""
    return channel.name.startswith(("PJSIP/", "SIP/", "IAX2/", "Local/"))
