"""Plans of schedules as a program sends them: checked by the form's own rules, each problem with its place."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from cxcall.reports.ready_made import READY_MADE
from cxcall.reports.timetable import time_of
from cxcall.store import own_reports
from cxcall.store.report_schedules import OWN, Plan
from cxcall.store.sharing import Reader
from cxcall.web.pages.own_reports import periods
from cxcall.web.pages.schedules import form
from cxcall.web.problems import Problem
from cxcall.web.words import gettext as _

_PLACES = {
    "report": "report", "format": "formats", "at": "timetable/at", "weekday": "timetable/weekdays",
    "day": "timetable/day", "mail": "mail", "folder": "folder",
}  # fmt: skip
"""Fields of the form → where a plan has them."""
LONGEST_LIST = 200


async def checked(conn: AsyncConnection, plan: Plan, reader: Reader, *, kept: str = "") -> Plan:
    """The plan, tidied; `kept`: the report it has had, which may be one the reader does not see. Raises Problem 422."""
    reports = [*READY_MADE, kept]
    if plan.report.startswith(OWN) and await own_reports.get(conn, plan.report.removeprefix(OWN), reader):
        reports.append(plan.report)
    errors = _of_our_own(plan)
    if errors:
        raise _refused(errors)
    found, told = form.read(form.of_plan("-", plan, 0), [one for one in reports if one])
    if found is None:
        raise _refused({_PLACES.get(name, name): text for name, text in told.items()})
    return found


def _of_our_own(plan: Plan) -> dict[str, str]:
    """What the form can't be asked, for nobody could choose it there."""
    table, errors = plan.timetable, {}
    if max(len(plan.mail), len(plan.formats), len(table.weekdays)) > LONGEST_LIST:
        return {"": f"At most {LONGEST_LIST} of each."}
    if time_of(table.at) is None:
        errors["timetable/at"] = _(form.NO_TIME)
    if not all(0 <= day <= 6 for day in table.weekdays):
        errors["timetable/weekdays"] = "Days of the week are 0 (Monday) to 6."
    if not 1 <= table.day <= 31:
        errors["timetable/day"] = _(form.NO_DAY)
    if plan.period not in periods.QUICK and not (plan.report.startswith(OWN) and not plan.period):
        errors["period"] = f'Give one of {", ".join(periods.QUICK)}; "" is the period of an own report.'
    return errors


def _refused(errors: dict[str, str]) -> Problem:
    found = [{"detail": text, "pointer": f"#/plan/{place}".rstrip("/")} for place, text in errors.items()]
    return Problem(422, "The schedule can't be kept as it is, see errors.", errors=found)
