"""Whether a figure of a time that is not over can be held against one that is."""

from __future__ import annotations

from cxcall.reports.answer import Answer, Line
from cxcall.reports.measures import Measure, grows
from cxcall.web.presentation import current

NEARLY = 0.95
"""Of a time so much has to be over, before what grows with it is compared with a whole one."""
_COMES_LATE = frozenset(("fcr",))
"""Worked out of what happens after the time: a customer has seven days to call again."""
_GROWS_TOO = frozenset(("repeat_rate",))
"""A share, but the longer the time, the more customers came back in it."""


def unfair(measure: Measure, line: Line, answer: Answer) -> bool:
    """Whether the change of a figure would only say that its time is not over: half a day has half the calls."""
    if answer.definition.compare not in ("before", "year") or answer.definition.other_queue:
        return False
    if measure.id in _COMES_LATE:
        return still_open(measure, line if _of_time(line) else answer.total)
    if not grows(measure) and measure.id not in _GROWS_TOO:
        return False
    if _of_time(line) and line.incomplete and not _COMES_LATE.intersection(answer.definition.measures):
        return True
    whole = answer.span.until - answer.span.since
    return current().now - answer.span.since < NEARLY * whole


def still_open(measure: Measure, line: Line) -> bool:
    """Whether a figure may still change by what is yet to happen."""
    return measure.id in _COMES_LATE and line.incomplete


def _of_time(line: Line) -> bool:
    return any(key.row in ("interval", "hour", "day", "week", "month") for key in line.keys)
