"""Which kind of customer somebody is, by how long ago (recency) and how often (frequency) they were in contact.

Frequency is counted in days with contact, not in calls: who rings five times about one trouble is no loyal customer.
Fixed bounds, not shares of all customers: the same contacts make the same segment today and tomorrow, and a person can
check it by hand. From the first that fits:

| segment | when |
|---|---|
| new | no contact yet, or the first one within the last 30 days |
| lapsed | the last contact is more than 180 days ago |
| at_risk | the last contact is more than 60 days ago, after contact on 3 days or more of the year before it |
| loyal | contact on 6 days or more of the last 365, the last within 60 days |
| regular | all others |
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

Segment = Literal["new", "regular", "loyal", "at_risk", "lapsed"]

NEW = timedelta(days=30)
QUIET = timedelta(days=60)
GONE = timedelta(days=180)
YEAR = timedelta(days=365)
OFTEN = 6
SOMETIMES = 3


def segment(contacts: Iterable[date], *, first: date | None, today: date) -> Segment:
    """The segment of a customer with contact on these days (those of two years are enough, in any order), the first
    one ever on `first`, None: never. Days are of the site."""
    days = {day for day in contacts if day <= today}
    if first is None or first > today - NEW:
        return "new"
    last = max(days, default=first)
    if last < today - GONE:
        return "lapsed"
    if last < today - QUIET:
        return "at_risk" if _days_since(days, last - YEAR) >= SOMETIMES else "regular"
    return "loyal" if _days_since(days, today - YEAR) >= OFTEN else "regular"


def _days_since(days: Iterable[date], since: date) -> int:
    return sum(day > since for day in days)
