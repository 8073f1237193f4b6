"""The days questions about reviews are asked of, in the words reports have: `when`, or `from` and `to`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any, Literal

import msgspec

from cxcall.reports.checking import BadReport, problems
from cxcall.reports.definition import Definition
from cxcall.reports.period import CalendarName, Span
from cxcall.web.api.endpoint import Asked
from cxcall.web.api.reports import refused
from cxcall.web.keys import SETTINGS
from cxcall.web.report_making import clock_of, question

Word = Annotated[str, msgspec.Meta(max_length=40)]
_TOTAL = Definition(by=(), measures=("calls",))


class PeriodWords(msgspec.Struct, frozen=True, kw_only=True):
    """Days as reports have them: `when`, or `from` and `to` in either calendar; without them this month."""

    when: Word = ""
    from_: Word = msgspec.field(default="", name="from")
    to: Word = ""
    calendar: Literal["gregorian", "jalali"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days, and whose they are."""

    span: Span
    zone: tzinfo
    calendar: CalendarName


def period_of(asked: Asked[Any, Any], words: Any) -> Days:
    """The days of `PeriodWords`. Raises Problem 422."""
    site = asked.request.app[SETTINGS].site
    said = {"when": words.when, "from": words.from_, "to": words.to, "calendar": words.calendar or ""}
    if not (words.when or words.from_ or words.to):
        said["when"] = "month"
    try:
        found = question(_TOTAL, said, site=site, now=asked.now)
    except BadReport as error:
        raise refused(error) from error
    if wrong := [one for one in problems(_TOTAL, found.span) if one.field == "span"]:
        raise refused(BadReport(wrong))
    return Days(span=found.span, zone=clock_of(site, found.calendar).zone, calendar=found.calendar)
