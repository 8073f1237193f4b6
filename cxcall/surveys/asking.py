"""When a survey is asked: the rules of a queue, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Open times: weekdays (0 = Monday) and minutes since midnight, site time; `until` is not in it.

    With `until` not after `since` it goes over midnight and belongs to the day it begins on.
    """

    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    since: int = 0
    until: int = 1440


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """A survey call afterwards: to whom, after how many minutes, how often tried, and when it may ring.

    `to`: those who could not be asked at once, callers who were lost in the queue, or both. Never twice the same day.
    """

    to: Literal["not_asked", "lost", "both"] = "not_asked"
    after_minutes: int = 30
    tries: int = 2
    hours: tuple[Hours, ...] = (Hours(since=9 * 60, until=20 * 60),)


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue asks: which survey, whom, when.

    `share` per cent of the calls; only talks of at least `min_talk` seconds; a customer again after `quiet_days` days;
    inside `hours` (none = always); `speak_agent` is said before the first part.
    """

    survey_id: str = ""
    enabled: bool = True
    share: float = 100.0
    min_talk: float = 10.0
    quiet_days: int = 7
    hours: tuple[Hours, ...] = ()
    speak_agent: Literal["no", "number", "name"] = "no"
    later: Later | None = None


Reason = Literal[
    "ask", "no_survey", "off", "share", "too_short", "recently_asked", "opted_out", "closed",
    "caller_hung_up", "transferred", "not_answered", "unavailable",
]  # fmt: skip
"""Why a call was asked ("ask") or not: the first nine before or instead of the survey, in the funnel's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known when a call could be asked: site time, seconds of talk, when this customer was asked last (aware).

    `chance` is drawn by the caller, 0–100.
    """

    now_local: datetime
    talk: float
    last_asked_at: datetime | None = None
    opted_out: bool = False
    chance: float = 0.0


def decide(asking: Asking | None, offer: Offer) -> Reason:
    """Whether to ask, or why not. Chance comes last: `share` is a share of those who would be asked."""
    if asking is None or not asking.survey_id:
        return "no_survey"
    if not asking.enabled:
        return "off"
    if offer.opted_out:
        return "opted_out"
    if not is_open(asking.hours, offer.now_local):
        return "closed"
    if offer.talk < asking.min_talk:
        return "too_short"
    if _lately(offer, asking.quiet_days):
        return "recently_asked"
    return "ask" if asking.share >= 100 or offer.chance < asking.share else "share"


def is_open(hours: Sequence[Hours], now_local: datetime) -> bool:
    """Whether site time `now_local` is within one of `hours`; none means always."""
    minute, day = now_local.hour * 60 + now_local.minute, now_local.weekday()
    return not hours or any(_within(span, day, minute) for span in hours)


def _within(span: Hours, day: int, minute: int) -> bool:
    if span.since < span.until:
        return day in span.days and span.since <= minute < span.until
    return (day in span.days and minute >= span.since) or ((day - 1) % 7 in span.days and minute < span.until)


def _lately(offer: Offer, quiet_days: int) -> bool:
    last = offer.last_asked_at
    return last is not None and quiet_days > 0 and offer.now_local - last < timedelta(days=quiet_days)
