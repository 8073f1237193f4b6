"""Follow-ups as pages show them: sorted by how they press, with the reason in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from markupsafe import Markup

from cxcall.store.customers import Customer
from cxcall.store.tasks import Counts, Task
from cxcall.store.users import User
from cxcall.web.filters import number, percent
from cxcall.web.pages.call_backs.words import WHY
from cxcall.web.pages.calls_filter import midnight
from cxcall.web.pages.follow_up_due import CHOICES
from cxcall.web.pages.labels import Label
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

Press = Literal["overdue", "today", "later", "ended"]

KINDS: dict[str, Label] = {
    "call_back": Label(text=N_("Call-back"), icon="phone-out"),
    "follow_up": Label(text=N_("Follow-up"), icon="flag"),
}
HEADINGS: dict[Press, str] = {
    "overdue": N_("Overdue"),
    "today": N_("Due today"),
    "later": N_("Later"),
    "ended": N_("Ended"),
}
TABS = {"mine": N_("Mine"), "free": N_("Nobody's yet"), "all": N_("Everybody's")}
MEASURES = {"csat": N_("satisfaction"), "nps": N_("recommendation"), "ces": N_("ease")}
BEST = {"csat": 5, "nps": 10, "ces": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One task of a list. `owner` "" = nobody has it."""

    task: Task
    press: Press
    owner: str
    mine: bool
    customer: str
    result: Label | None

    @property
    def kind(self) -> Label:
        return KINDS[self.task.kind]

    @property
    def why(self) -> str | Markup:
        return why(self.task)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpsView:
    """The page. `path` is the list's own address, `whose` "mine", "free" or "all"; `here` comes back after an act."""

    path: str
    whose: str
    tabs: Sequence[tuple[str, str]]
    kind: str
    state: str
    groups: Sequence[tuple[str, Sequence[Row]]]
    counts: Counts
    older: str | None
    newer: str | None
    here: str
    channel: str

    @property
    def query(self) -> str:
        """What stands behind the address of the list, to fetch it anew."""
        return self.here.removeprefix(self.path)

    @property
    def names(self) -> Mapping[str, str]:
        return TABS

    @property
    def kinds(self) -> Mapping[str, Label]:
        return KINDS

    @property
    def kept(self) -> str | Markup:
        """Share of the promises that were kept."""
        ended = self.counts.kept + self.counts.missed
        return percent(self.counts.kept / ended) if ended else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpView:
    """One task and its forms; `task` None: a new one. `typed` is what was written and could not be taken."""

    task: Task | None
    row: Row | None
    people: Sequence[User]
    customer_id: str
    customer: str
    number: str
    call_id: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def due_choices(self) -> Mapping[str, str]:
        return CHOICES

    @property
    def kinds(self) -> Mapping[str, Label]:
        return KINDS


def rows(
    tasks: Sequence[Task], people: Mapping[str, User], customers: Mapping[str, Customer], me: str, now: datetime
) -> list[Row]:
    """Tasks with the names of their owners and customers."""
    return [
        Row(
            task=task,
            press=press(task, now),
            owner=people[task.owner_id].display_name if task.owner_id and task.owner_id in people else "",
            mine=task.owner_id == me,
            customer=_name(customers.get(task.customer_id or "")),
            result=result(task, now),
        )
        for task in tasks
    ]


def _name(customer: Customer | None) -> str:
    return customer.profile.name if customer else ""


def grouped(found: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows under their headings, in the order they came."""
    return [
        (heading, some) for name, heading in HEADINGS.items() if (some := [row for row in found if row.press == name])
    ]


def press(task: Task, now: datetime) -> Press:
    """How a task presses, by the days of the site."""
    if task.state != "open":
        return "ended"
    if task.due_at < now:
        return "overdue"
    return "today" if task.due_at < day_end(now) else "later"


def day_end(now: datetime) -> datetime:
    """The midnight to come at the site."""
    shown = current()
    return midnight(shown.local(now).date() + timedelta(days=1), shown.zone)


def result(task: Task, now: datetime) -> Label | None:
    """What came of a promise, None while that is open."""
    if task.state == "cancelled":
        return Label(text=N_("Called off"), icon="x")
    kept = task.kept(now)
    if kept is None:
        return None
    if task.state == "open":
        return Label(text=N_("Overdue"), icon="alert", kind="bad")
    if kept:
        return Label(text=N_("Kept"), icon="check", kind="good")
    return Label(text=N_("Done late"), icon="clock", kind="warn")


def why(task: Task) -> str | Markup:
    """Why this task was made, in words: the caller's wish, a call-back in vain, or the rule that set it off."""
    if task.reason.get("asked") == "call_back":
        return _("The caller asked to be called back.")
    if "call_back" in task.reason:
        reason = WHY.get(task.reason["call_back"]) or N_("nobody answered")
        return _("A promised call-back did not reach them: %(why)s.") % {"why": _(reason)}
    rule, measure, value = (task.reason.get(key) for key in ("rule", "measure", "value"))
    if not rule:
        return ""
    if measure in BEST and isinstance(value, (int, float)):
        told = _("%(rule)s: %(value)s of %(best)s for %(measure)s")
        return Markup(told) % {  # noqa: S704 - our own sentence; the values are escaped
            "rule": Markup("<bdi>{}</bdi>").format(rule),
            "value": number(value),
            "best": number(BEST[measure]),
            "measure": _(MEASURES[measure]),
        }
    return str(rule)
