"""What schedules, their times and their troubles are called."""

from __future__ import annotations

from cxcall.reports.timetable import Timetable, time_of
from cxcall.store.report_schedules import Run, Trouble
from cxcall.web.digits import digits, number_text
from cxcall.web.pages.own_reports import weekdays
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

STATES = {
    "waiting": N_("Waits"),
    "running": N_("Under way"),
    "done": N_("Sent to all"),
    "failed": N_("Not sent"),
}
RETRYING = N_("Is tried again")
CHIPS = {"done": "good", "failed": "bad", "running": "warn"}
TROUBLES: dict[Trouble, str] = {
    "mail_off": N_("No mail server is set up. An administrator names one in [mail] of the configuration."),
    "mail": N_("The mail did not go out."),
    "folder": N_("The file can't be written into the folder."),
    "report": N_("The report is gone, or can't be made as it is. Choose another one or change it."),
    "owner": N_("Whoever made the schedule may not see reports any more. Make it anew."),
    "slow": N_("It took too long to make."),
    "database": N_("The database did not answer."),
    "lost": N_("cxcall was stopped in the middle of it, again and again."),
}
EVERY = {"day": N_("every day"), "week": N_("on days of the week"), "month": N_("once a month")}
CALENDARS = {"gregorian": N_("Gregorian"), "jalali": N_("Jalali")}
LANGUAGES = {"en": "English", "fa": "فارسی"}
LAST = 31


def state_text(run: Run) -> str:
    return _(RETRYING) if run.state == "waiting" and run.tries else _(STATES[run.state])


def trouble_text(run: Run) -> str:
    """What went wrong, and whose move it is."""
    return _(TROUBLES[run.problem]) if run.problem in TROUBLES else ""


def timetable_text(table: Timetable) -> str:
    """Every day at 08:00; on Saturday and Monday at …; on day 1 of each Jalali month at …"""
    at = time_of(table.at)
    when = digits(f"{at:%H:%M}") if at else table.at
    if table.every == "day":
        return _("Every day at %(time)s") % {"time": when}
    if table.every == "week":
        comma = "، " if current().rtl else ", "
        days = comma.join(name for day, name in weekdays.in_order() if day in table.weekdays)
        return _("%(days)s at %(time)s") % {"days": days, "time": when}
    calendar = _(CALENDARS[table.calendar])
    if table.day >= LAST:
        return _("Last day of each %(calendar)s month at %(time)s") % {"calendar": calendar, "time": when}
    values = {"day": number_text(table.day), "calendar": calendar, "time": when}
    return _("Day %(day)s of each %(calendar)s month at %(time)s") % values
