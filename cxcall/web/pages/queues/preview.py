"""The moment for which the editor shows what a caller goes through: now, or a day and a time that were chosen.

It goes with the form and is no part of the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cxcall.web.dates import date_text
from cxcall.web.digits import typed
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

DAYS = 14
DAY, TIME = "see_day", "see_time"
NO_TIME = N_("Write the time as 18:30.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`at` None: now. `day` and `time` are the fields as they were sent."""

    day: str = ""
    time: str = ""
    at: datetime | None = None
    error: str = ""

    @property
    def days(self) -> list[tuple[str, str]]:
        """The days to choose from: today and those that come."""
        today = _today()
        named = [_("Today"), _("Tomorrow")]
        found = [today + timedelta(days=n) for n in range(DAYS)]
        texts = [*named, *(date_text(day, year=False, weekday=True) for day in found[len(named) :])]
        return [(day.isoformat(), text) for day, text in zip(found, texts, strict=True)]


def preview(written: Mapping[str, str]) -> Preview:
    """What fields or an address ask for; a day without a time is noon, a time without a day today."""
    day, text = written.get(DAY, "")[:10], typed(written.get(TIME, ""))[:5]
    if not day and not text:
        return Preview()
    hour, _colon, minute = (text or "12").partition(":")
    try:
        at = datetime.combine(date.fromisoformat(day) if day else _today(), time(int(hour), int(minute or "0")))
    except ValueError:
        return Preview(day=day, time=text, error=_(NO_TIME))
    return Preview(day=day, time=text, at=at.replace(tzinfo=current().zone).astimezone(UTC))


def _today() -> date:
    return current().local(current().now).date()
