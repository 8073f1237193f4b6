"""When a queue is open: hours of the week, holidays of both calendars, and a switch for "closed now"."""

from __future__ import annotations

from typing import Literal

import msgspec

Waiting = Literal["stay", "leave"]
"""What becomes of callers who wait when it closes: they are still answered, or go the queue's way when closed."""


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From one minute of the day to another, both `HH:MM`; `to` 24:00 is the end of the day, `to` before `since` the
    next day."""

    since: str
    to: str


class Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A day that is not like its weekday. `date`: `YYYY-MM-DD` of `calendar`, or `MM-DD` for every year.

    `hours` empty: closed all day.
    """

    date: str
    title: str = ""
    calendar: Literal["gregorian", "jalali"] = "gregorian"
    hours: tuple[Span, ...] = ()


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours that queues share. `week`: seven days from Monday, each its spans, none: closed. `zone`: IANA name."""

    name: str
    week: tuple[tuple[Span, ...], ...]
    holidays: tuple[Holiday, ...] = ()
    zone: str = "Asia/Tehran"
    waiting: Waiting = "stay"


class Closure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ "Closed now": `queue` "" closes all of a server's. `until`: epoch seconds, None until it is lifted. `prompt`:
    what callers hear, "" the queue's own way when closed."""

    queue: str
    until: float | None = None
    prompt: str = ""
    by: str = ""
    since: float = 0.0
    why: str = ""
    waiting: Waiting = "stay"
