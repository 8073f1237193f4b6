"""Why a call that a queue answered, or lost, was never asked: read from its record."""

from __future__ import annotations

from collections.abc import Collection

from cxcall.surveys.asking import Reason

AWAY = frozenset({"blind", "redirect", "park"})
"""Transfers that take the caller out of the queue's dialplan: no survey can follow (seen on Asterisk 20 and 22)."""


def why_not(*, visit: str | None, ended_by: str, transfers: Collection[str] = ()) -> Reason:
    """The reason no survey came of a stay in a queue, from the words of the call record.

    `visit` is how the stay ended ("answered", "abandoned", …), `ended_by` who hung up first in the agent's talk,
    `transfers` the kinds of those that succeeded after the agent answered. An attended transfer leaves the caller
    where a survey can follow: it is the reason only when nothing else is. "unavailable": the agent hung up first and
    yet no survey came, so cxcall could not be asked.
    """
    if visit != "answered":
        return "not_answered"
    if not AWAY.isdisjoint(transfers):
        return "transferred"
    if ended_by == "caller":
        return "caller_hung_up"
    return "transferred" if transfers else "unavailable"
