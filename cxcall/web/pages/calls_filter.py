"""What a list of calls is asked for: read from the address of the page, written back into its links.

The address holds the whole state of the list, in words a person can read and change: `q`, `when` or `from` and
`to` (dates, Gregorian or Jalali, both days included), `queue`, `agent`, `outcome`, `direction`, `number`, and what came
of their survey: `survey` and `of` (survey_filter.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from cxcall.calls.record import Direction, Outcome
from cxcall.customers.number import fold
from cxcall.store.survey_choice import Surveyed
from cxcall.web.digits import typed
from cxcall.web.pages import survey_filter

Period = Literal["", "today", "yesterday", "week", "month"]
LONGEST = 200
"""Characters read of one value: more is nobody's search."""
JALALI_BEFORE = 1700
"""A year below this is of the Jalali calendar."""
_JALALI: Any = JalaliDate  # has no annotations
_ADDRESS = {"text": "q", "since": "from", "until": "to"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters as given. `problems` names the values that could not be read: field → what was written."""

    text: str = ""
    when: Period = ""
    since: date | None = None
    until: date | None = None
    queue: str = ""
    agent: str = ""
    outcome: Outcome | None = None
    direction: Direction | None = None
    number: str = ""
    survey: str = ""
    of: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the filters in use; a period counts as one."""
        kinds = ("text", "queue", "agent", "outcome", "direction", "number", "survey")
        names = [name for name in kinds if getattr(self, name)]
        if self.when or self.since or self.until:
            names.insert(1 if self.text else 0, "when")
        return tuple(names)

    def without(self, name: str) -> Asked:
        """The same question with one filter taken out."""
        blank: dict[str, Any] = {"outcome": None, "direction": None}
        if name == "when":
            return dataclasses.replace(self, when="", since=None, until=None)
        if name == "survey":
            return dataclasses.replace(self, survey="", of="")
        return dataclasses.replace(self, **{name: blank.get(name, "")})

    def address(self, path: str, **more: str | None) -> str:
        """`path` with the filters (and `more`, such as `after`) as its query."""
        pairs = {_ADDRESS.get(name, name): _written(getattr(self, name)) for name in _NAMES}
        pairs |= {name: value or "" for name, value in more.items()}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{path}?{query}" if query else path


_NAMES = ("text", "when", "since", "until", "queue", "agent", "outcome", "direction", "number", "survey",
          "of")  # fmt: skip


def read(query: Mapping[str, str]) -> Asked:
    """The filters of an address; values that mean nothing are left out and named in `problems`."""
    given = {name: typed(query.get(_ADDRESS.get(name, name), ""))[:LONGEST] for name in _NAMES}
    problems: list[tuple[str, str]] = []
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        days[name] = read_date(given[name])
        if given[name] and days[name] is None:
            problems.append((name, given[name]))
    chosen: dict[str, str | None] = {}
    for name, known in (("outcome", get_args(Outcome)), ("direction", get_args(Direction))):
        chosen[name] = given[name] if given[name] in known else None
        if given[name] and chosen[name] is None:
            problems.append((name, given[name]))
    if given["survey"] and survey_filter.wanted(given["survey"], Surveyed()) is None:
        problems.append(("survey", given["survey"]))
        given["survey"] = ""
    when = given["when"] if given["when"] in get_args(Period) and not (days["since"] or days["until"]) else ""
    return Asked(
        text=given["text"],
        when=cast("Period", when),
        since=days["since"],
        until=days["until"],
        queue=given["queue"],
        agent=given["agent"],
        outcome=cast("Outcome | None", chosen["outcome"]),
        direction=cast("Direction | None", chosen["direction"]),
        number=given["number"],
        survey=given["survey"],
        of=given["of"] if given["survey"] else "",
        problems=tuple(problems),
    )


def read_date(text: str) -> date | None:
    """`2026-11-21`, `1405/08/30` or `۱۴۰۵/۸/۳۰` as a Gregorian day; None when it is no day."""
    parts = typed(text).replace("/", "-").split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    year, month, day = (int(part) for part in parts)
    try:
        if year < JALALI_BEFORE:
            return _gregorian(year, month, day)
        return date(year, month, day)
    except ValueError:
        return None


def span(asked: Asked, now: datetime, zone: ZoneInfo, *, jalali: bool) -> tuple[datetime | None, datetime | None]:
    """The moments [since, until) of the days asked for, in the site's time zone; a month is of the user's calendar."""
    today = now.astimezone(zone).date()
    first, last = asked.since, asked.until
    if asked.when == "today":
        first = last = today
    elif asked.when == "yesterday":
        first = last = today - timedelta(days=1)
    elif asked.when == "week":
        first, last = today - timedelta(days=6), today
    elif asked.when == "month":
        first, last = month_start(today, jalali=jalali), today
    return (
        midnight(first, zone) if first else None,
        midnight(last + timedelta(days=1), zone) if last else None,
    )


def month_start(day: date, *, jalali: bool) -> date:
    """First day of the month `day` is in."""
    if not jalali:
        return day.replace(day=1)
    month = _JALALI.to_jalali(day)
    return _gregorian(month.year, month.month, 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of `day` in `zone`, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _gregorian(year: int, month: int, day: int) -> date:
    found: date = _JALALI(year, month, day).to_gregorian()
    return found


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")


def folded(number: str, country: str) -> str:
    """A number as the store keeps it: E.164 where it is a full one, else its digits."""
    return fold(number, country) or number.replace(" ", "").replace("-", "")
