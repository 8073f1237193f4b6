"""When a survey is asked: the rules of a queue, as data."""

from __future__ import annotations

from typing import Literal

import msgspec


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Open times: weekdays (0 = Monday) and minutes since midnight, site time; `until` is not in it."""

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
