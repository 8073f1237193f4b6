"""Names and sentences of staffing in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from cxcall.staffing.adherence import Kind
from cxcall.staffing.plan import STEP as _QUARTER
from cxcall.staffing.plan import Interval, Plan
from cxcall.staffing.roster import Code, Refusal, Trouble
from cxcall.staffing.shift import Activity
from cxcall.web.dates import date_text, time_text
from cxcall.web.digits import number_text
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

ACTIVITIES: dict[Activity, str] = {
    "work": N_("Work"), "break": N_("Break"), "lunch": N_("Lunch"), "training": N_("Training"), "absent": N_("Absent"),
}  # fmt: skip
KINDS: dict[Kind, str] = {
    "missing": N_("Did not come"), "late": N_("Late"), "early_leave": N_("Left early"),
    "long_break": N_("Break too long"), "early_break": N_("Break too early"), "extra_break": N_("Break not planned"),
    "away": N_("Away"), "worked_break": N_("Worked through a break"), "missed_training": N_("Not in training"),
}  # fmt: skip
DOING = {
    "working": N_("at the phone"), "busy": N_("paused for work"), "resting": N_("on a break"), "away": N_("away"),
}  # fmt: skip
CODES: dict[Code, str] = {
    "no_agent": N_("No agent is named."),
    "unknown_agent": N_("Nobody is called “%(value)s” here. Write a login, a name or an extension."),
    "ambiguous_agent": N_("Several people are called “%(value)s”. Write the login or the extension."),
    "bad_date": N_("“%(value)s” is no date. Write 2026-11-21 or 1405/08/30."),
    "bad_from": N_("“%(value)s” is no time to begin. Write 08:30."),
    "bad_to": N_("“%(value)s” is no time to end. Write 16:30."),
    "same_time": N_("It ends when it begins, at %(value)s."),
    "unknown_activity": N_("“%(value)s” is none of work, break, lunch, training, absent."),
    "twice": N_("The same as line %(line)s."),
    "overlap": N_("It lies over line %(line)s: one person can't do both."),
}
REFUSALS: dict[Refusal, str] = {
    "empty": N_("There is nothing in this file."),
    "too_large": N_("The file is larger than 8 MB. Split it and upload the parts."),
    "too_many": N_("The file has more than 50,000 lines. Split it and upload the parts."),
    "broken": N_("This is no CSV file. Save the table as CSV and try again."),
    "no_columns": N_("These columns are missing: %(columns)s. The first line names the columns."),
}
COLUMNS = {"agent": N_("agent"), "date": N_("date"), "from": N_("from"), "to": N_("to"), "activity": N_("activity")}
FIELDS = {
    "within": N_("Answer within"), "share": N_("Share to answer"), "occupancy": N_("Busy at most"),
    "abandoned": N_("Abandoned at most"), "shrinkage": N_("Shrinkage"), "patience": N_("Patience"),
    "volume": N_("Calls more or less"), "handle": N_("Handle time more or less"), "agents": N_("Agents all day"),
    "day": N_("Day"),
}  # fmt: skip


def trouble(one: Trouble) -> str:
    return _(CODES[one.code]) % {"value": one.value[:60], "line": number_text(one.line)}


def refusal(code: Refusal, missing: Sequence[str]) -> str:
    return _(REFUSALS[code]) % {"columns": _(", ").join(_(COLUMNS[name]) for name in missing)}


def finding(plan: Plan) -> str:
    """The day in one sentence: where the roster falls short most, else that it is enough, else the peak."""
    peak = plan.peak
    if peak is None or not plan.calls:
        return _("No calls are expected on this day.")
    if all(one.rostered is None for one in plan.intervals):
        return ngettext(
            "Nobody is on the roster: at the peak, %(time)s, %(n)s agent is needed.",
            "Nobody is on the roster: at the peak, %(time)s, %(n)s agents are needed.",
            peak.to_roster,
        ) % {"time": time_text(peak.at), "n": number_text(peak.to_roster)}
    run = _shortest(plan.intervals)
    if not run:
        return _("The roster has enough agents all day.")
    missing = max(_short(one) for one in run)
    return ngettext(
        "Between %(from)s and %(to)s up to %(n)s agent more is needed than is on the roster.",
        "Between %(from)s and %(to)s up to %(n)s agents more are needed than are on the roster.",
        missing,
    ) % {"from": time_text(run[0].at), "to": time_text(run[-1].at + _QUARTER), "n": number_text(missing)}


def days_finding(plans: Sequence[Plan]) -> str:
    """The week in one sentence: its busiest day."""
    busiest = max(plans, key=lambda plan: plan.hours, default=None)
    if busiest is None or not busiest.calls:
        return _("No calls are expected in this week.")
    return _("%(day)s needs most: %(hours)s agent hours for %(calls)s calls.") % {
        "day": date_text(busiest.forecast.day, year=False, weekday=True),
        "hours": number_text(busiest.hours), "calls": number_text(busiest.calls),
    }  # fmt: skip


def _short(one: Interval) -> int:
    return -int(one.difference // 1) if one.difference is not None and one.difference <= -1 else 0


def _shortest(intervals: Sequence[Interval]) -> list[Interval]:
    """The run of neighbours in which most agent time is missing."""
    best: list[Interval] = []
    run: list[Interval] = []
    for one in intervals:
        if _short(one) and (not run or one.at - run[-1].at == _QUARTER):
            run = [*run, one]
        else:
            run = [one] if _short(one) else []
        if sum(map(_short, run)) > sum(map(_short, best)):
            best = run
    return best
