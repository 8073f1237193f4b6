"""The form of a schedule: what was typed, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from multidict import MultiMapping

from cxcall.letters import tidy
from cxcall.reports.timetable import Every, Timetable, time_of
from cxcall.store.report_folders import BadFolder, tidy_folder
from cxcall.store.report_schedules import LONGEST_NAME, MOST_RECEIVERS, Format, Plan
from cxcall.web.digits import typed
from cxcall.web.pages.agents.shared import NAME_MISSING
from cxcall.web.pages.own_reports import periods
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_BETWEEN = re.compile(r"[\s,;،]+")
NO_REPORT = N_("Choose a report.")
NO_FORMAT = N_("Choose at least one kind of file.")
NO_TIME = N_("Write a time like 08:00.")
NO_DAYS = N_("Choose at least one day of the week.")
NO_DAY = N_("Write a day from 1 to 31; 31 is the last day of every month.")
NOBODY = N_("Write at least one mail address, or a folder.")
WRONG_ADDRESS = N_("This is no mail address: %(value)s")
MANY = N_("At most %(n)s addresses; a mail list takes more.")
WRONG_FOLDER = N_(
    "Write names with / between, such as management/weekly. The folder is made below the data folder's “reports”."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stands in the form; `mail` one address a line, as typed."""

    name: str = ""
    report: str = ""
    period: str = "yesterday"
    formats: tuple[str, ...] = ("xlsx",)
    every: str = "day"
    at: str = "08:00"
    weekdays: tuple[int, ...] = (0,)
    day: str = "1"
    month: str = "gregorian"
    mail: str = ""
    folder: str = ""
    language: str = "en"
    calendar: str = "gregorian"
    version: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)


def of_plan(name: str, plan: Plan, version: int) -> Given:
    """The form of a schedule that is kept."""
    table = plan.timetable
    return Given(
        name=name, report=plan.report, period=plan.period, formats=plan.formats, every=table.every, at=table.at,
        weekdays=table.weekdays, day=str(table.day), month=table.calendar, mail="\n".join(plan.mail),
        folder=plan.folder, language=plan.language, calendar=plan.calendar, version=version,
    )  # fmt: skip


def of_form(form: MultiMapping[Any]) -> Given:
    """What was sent."""
    text = {key: value.strip() for key in form if isinstance(value := form.get(key), str)}
    days = [typed(value) for value in form.getall("weekday", []) if isinstance(value, str)]
    version = typed(text.get("version", ""))
    return Given(
        name=tidy(text.get("name", ""))[:LONGEST_NAME],
        report=text.get("report", "")[:100],
        period=text.get("period", "")[:40],
        formats=tuple(one for one in get_args(Format) if one in form.getall("format", [])),
        every=text.get("every", ""),
        at=typed(text.get("at", ""))[:5],
        weekdays=tuple(sorted({int(day) for day in days if day in tuple("0123456")})),
        day=typed(text.get("day", ""))[:2],
        month=text.get("month", ""),
        mail=text.get("mail", "")[:10_000],
        folder=text.get("folder", "")[:300],
        language=text.get("language", ""),
        calendar=text.get("calendar", ""),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
    )


def read(given: Given, reports: Collection[str]) -> tuple[Plan | None, dict[str, str]]:
    """The plan, or what is wrong by the name of the field. `reports`: those that can be chosen."""
    errors: dict[str, str] = {}
    if not given.name:
        errors["name"] = _(NAME_MISSING)
    if given.report not in reports:
        errors["report"] = _(NO_REPORT)
    if not given.formats:
        errors["format"] = _(NO_FORMAT)
    timetable = _timetable(given, errors)
    addresses = _addresses(given, errors)
    folder = _folder(given, errors)
    if not addresses and not folder and not {"mail", "folder"} & set(errors):
        errors["mail"] = _(NOBODY)
    if errors or timetable is None:
        return None, errors
    own = given.report.startswith("own:")
    period = given.period if given.period in periods.QUICK or (own and not given.period) else "yesterday"
    plan = Plan(
        report=given.report, period=period, formats=given.formats,  # type: ignore[arg-type]  # read as such
        timetable=timetable, mail=tuple(addresses), folder=folder,
        language="fa" if given.language == "fa" else "en",
        calendar="jalali" if given.calendar == "jalali" else "gregorian",
    )  # fmt: skip
    return plan, {}


def _timetable(given: Given, errors: dict[str, str]) -> Timetable | None:
    at = time_of(given.at)
    if at is None:
        errors["at"] = _(NO_TIME)
    every: Every = given.every if given.every in get_args(Every) else "day"  # type: ignore[assignment]  # just looked
    if every == "week" and not given.weekdays:
        errors["weekday"] = _(NO_DAYS)
    day = int(given.day) if given.day.isascii() and given.day.isdigit() else 0
    if not 1 <= day <= 31:
        if every == "month":
            errors["day"] = _(NO_DAY)
        day = 1
    if at is None:
        return None
    calendar = "jalali" if given.month == "jalali" else "gregorian"
    # Both are words of the form's own choices.
    return Timetable(every=every, at=f"{at:%H:%M}", weekdays=given.weekdays, day=day, calendar=calendar)  # type: ignore[arg-type]


def _addresses(given: Given, errors: dict[str, str]) -> list[str]:
    found = list(dict.fromkeys(word for word in _BETWEEN.split(given.mail) if word))
    wrong = next((word for word in found if not _ADDRESS.fullmatch(word)), "")
    if wrong:
        errors["mail"] = _(WRONG_ADDRESS) % {"value": wrong}
    elif len(found) > MOST_RECEIVERS:
        errors["mail"] = _(MANY) % {"n": MOST_RECEIVERS}
    return found


def _folder(given: Given, errors: dict[str, str]) -> str:
    try:
        return tidy_folder(given.folder)
    except BadFolder:
        errors["folder"] = _(WRONG_FOLDER)
        return ""
