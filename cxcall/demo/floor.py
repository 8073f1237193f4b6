"""The demo's queues as its administrator set them up: who answers, when they are open, what they are to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from cxcall.demo.staff import BILLING, GOLD, NIGHT, SALES, SUPPORT, TIMEZONE, Queue
from cxcall.queues.alerting import FloorRule
from cxcall.queues.definition import (
    Announcements,
    Destination,
    MemberChoice,
    PenaltyStep,
    QueueDefinition,
    QueueLook,
    Targets,
)
from cxcall.queues.hours import Calendar, Holiday, Span
from cxcall.routing.call_back_plan import CallBackPlan, context_of

Words = Mapping[str, str]
"""A name by language: whoever starts the demo in Persian finds Persian ones."""

PLEASE_WAIT: Words = {
    "en": "All our colleagues are talking just now. Please stay on the line, or press 1 and we call you back: you keep "
    "your place.",
    "fa": "همهٔ همکاران ما در حال گفت‌وگو هستند. لطفاً پشت خط بمانید، یا عدد یک را فشار دهید تا با شما تماس بگیریم: "
    "نوبت شما محفوظ است.",
}
PROMPT: Words = {"en": "Please stay on the line", "fa": "لطفاً پشت خط بمانید"}
"""What callers of Billing hear from time to time, and what the prompt is called."""

CALLS_BACK: Mapping[Queue, CallBackPlan] = {
    SUPPORT: CallBackPlan(tries=3, pause_minutes=5, ring_seconds=20),
    BILLING: CallBackPlan(first="customer", tries=2, pause_minutes=10, ring_seconds=20),
}
"""Queues whose callers may press a key, hang up and keep their place."""

TEAMS: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "support": ({"en": "Support team", "fa": "گروه پشتیبانی"}, ("sara", "reza", "maryam")),
    "sales": ({"en": "Sales team", "fa": "گروه فروش"}, ("omid", "nasrin")),
    "night": ({"en": "Night shift", "fa": "نوبت شب"}, ("nasrin", "shirin")),
}
"""Name and logins of the members; the supervisor leads them all."""

SKILLS: Mapping[str, tuple[Words, Mapping[str, int]]] = {
    "billing": ({"en": "Billing", "fa": "صورت‌حساب"}, {"hamed": 5, "shirin": 4, "omid": 2}),
    "gold": ({"en": "Gold customers", "fa": "مشتریان طلایی"}, {"sara": 5, "hamed": 4, "reza": 3}),
    "english": ({"en": "English", "fa": "انگلیسی"}, {"sara": 4, "omid": 3, "shirin": 5}),
}
"""Name, and the level of each login who has it."""

_HOLIDAYS: tuple[tuple[str, Words], ...] = (
    ("01-01", {"en": "Nowruz", "fa": "نوروز"}),
    ("01-02", {"en": "Nowruz", "fa": "نوروز"}),
    ("01-03", {"en": "Nowruz", "fa": "نوروز"}),
    ("01-04", {"en": "Nowruz", "fa": "نوروز"}),
    ("01-12", {"en": "Islamic Republic Day", "fa": "روز جمهوری اسلامی"}),
    ("01-13", {"en": "Nature Day", "fa": "روز طبیعت"}),
    ("03-14", {"en": "14 Khordad", "fa": "۱۴ خرداد"}),
    ("03-15", {"en": "15 Khordad", "fa": "۱۵ خرداد"}),
    ("11-22", {"en": "22 Bahman", "fa": "۲۲ بهمن"}),
    ("12-29", {"en": "Oil Nationalisation Day", "fa": "روز ملی شدن صنعت نفت"}),
)
"""Days off that have the same Jalali date every year; those of the lunar year are entered year by year."""

_OFFICE, _HALF = (Span(since="08:00", to="20:00"),), (Span(since="08:00", to="14:00"),)
_NIGHT = (Span(since="20:00", to="08:00"),)
_DAY_AND_NIGHT = (Span(since="00:00", to="20:00"), *_NIGHT)
_WEEKS: Mapping[str, tuple[Words, tuple[tuple[Span, ...], ...], tuple[Span, ...]]] = {
    "office": (
        {"en": "Office hours", "fa": "ساعت اداری"},
        (_OFFICE, _OFFICE, _OFFICE, _HALF, (), _OFFICE, _OFFICE),
        (),
    ),
    "night": (
        {"en": "Nights and Fridays", "fa": "شب‌ها و جمعه‌ها"},
        (
            _NIGHT, _NIGHT, _NIGHT, (Span(since="14:00", to="08:00"),), (Span(since="08:00", to="24:00"),),
            (Span(since="00:00", to="08:00"), *_NIGHT), _NIGHT,
        ),
        _DAY_AND_NIGHT,
    ),
}  # fmt: skip
"""Name, seven days from Monday, and the hours of a holiday: when Billing is closed, the night desk is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What the database calls people (by login), teams, skills and calendars (by the keys used here)."""

    people: Mapping[str, str]
    teams: Mapping[str, str]
    skills: Mapping[str, str]
    calendars: Mapping[str, str]


def calendars(language: str) -> Mapping[str, Calendar]:
    """Hours by key."""
    found = {}
    for key, (name, week, free) in _WEEKS.items():
        days = tuple(
            Holiday(date=date, title=title[language], calendar="jalali", hours=free) for date, title in _HOLIDAYS
        )
        found[key] = Calendar(name=name[language], week=week, holidays=days, zone=TIMEZONE)
    return found


def definitions(ids: Ids, prompt: str) -> Sequence[QueueDefinition]:
    """The queues that cxcall writes. `prompt`: what waiting callers of Billing hear, "" nothing."""
    return (
        _queue(
            SUPPORT, {"en": "Technical support", "fa": "پشتیبانی فنی"}, "d1", ring=12, wrap_up=8,
            members=(_team(ids, "support"),),
            targets=Targets(answer_within=20, longest_wait=90, most_waiting=4),
        ),
        _queue(
            SALES, {"en": "Sales", "fa": "فروش"}, "d2", ring=12, wrap_up=5, strategy="rrmemory",
            members=(_team(ids, "sales"), _agent(ids, "maryam", 1)),
            targets=Targets(answer_within=15, longest_wait=90, most_waiting=4),
            longest_wait=240, then=Destination(kind="queue", value=SUPPORT.name),
        ),
        _queue(
            BILLING, {"en": "Billing", "fa": "صورت‌حساب"}, "d3", ring=12, wrap_up=15, strategy="fewestcalls",
            members=(MemberChoice(kind="skill", value=ids.skills["billing"], level=2, by_level=True),),
            rule=(PenaltyStep(after=0, most=1), PenaltyStep(after=25, most=5)),
            announcements=Announcements(periodic=(prompt,) if prompt else (), periodic_every=45),
            calendar=ids.calendars["office"], when_closed=Destination(kind="queue", value=SUPPORT.name),
            targets=Targets(answer_within=20, longest_wait=60, most_waiting=3),
            longest_wait=180, then=Destination(kind="queue", value=SUPPORT.name),
        ),
        _queue(
            GOLD, {"en": "Gold line", "fa": "خط طلایی"}, "d4", ring=10, wrap_up=10, strategy="linear", weight=10,
            members=(_agent(ids, "sara"), _agent(ids, "hamed"), _agent(ids, "reza")),
            targets=Targets(answer_within=10, answer_share=90, longest_wait=45, most_waiting=2, csat=4.2),
            longest_wait=120, then=Destination(kind="queue", value=SUPPORT.name),
        ),
        _queue(
            NIGHT, {"en": "Night desk", "fa": "میز شب"}, "d5", ring=15, strategy="ringall",
            members=(_team(ids, "night"),), most_callers=10,
            calendar=ids.calendars["night"], when_closed=Destination(kind="queue", value=SUPPORT.name),
            targets=Targets(answer_within=30, longest_wait=120),
            longest_wait=180, then=Destination(kind="queue", value=SUPPORT.name),
        ),
    )  # fmt: skip


def _queue(queue: Queue, title: dict[str, str], colour: str, **settings: Any) -> QueueDefinition:
    plan = CALLS_BACK.get(queue)
    keys = "" if plan is None else context_of(plan.key)
    return QueueDefinition(
        name=queue.name, title=title, numbers=(queue.number,), colour=colour, exit_context=keys, **settings
    )


def _team(ids: Ids, team: str) -> MemberChoice:
    return MemberChoice(kind="team", value=ids.teams[team])


def _agent(ids: Ids, login: str, penalty: int = 0) -> MemberChoice:
    return MemberChoice(kind="agent", value=ids.people[login], penalty=penalty)


RECEPTION_LOOK = QueueLook(
    title={"en": "Reception", "fa": "پذیرش"}, colour="d5", targets=Targets(answer_within=15, longest_wait=60)
)
"""How the queue looks that somebody else wrote."""


def rules(language: str, server: str) -> Sequence[FloorRule]:
    """When the floor calls for somebody: often enough to be seen within minutes, seldom enough to be believed."""
    gold, every = (f"{server}:{GOLD.name}",), ()
    words: Sequence[tuple[Words, FloorRule]] = (
        (
            {"en": "Somebody waits too long", "fa": "انتظار بیش از حد"},
            FloorRule(name="", measure="longest", yellow=45, red=90, queues=every, calm=15),
        ),
        (
            {"en": "Many callers wait", "fa": "تماس‌های منتظر زیاد"},
            FloorRule(name="", measure="waiting", yellow=3, red=5, queues=every, hold=5, margin=1),
        ),
        (
            {"en": "Nobody is free on the gold line", "fa": "در خط طلایی کسی آزاد نیست"},
            FloorRule(name="", measure="free", yellow=0, queues=gold, hold=60, sound=False),
        ),
        (
            {"en": "Service level of today", "fa": "سطح خدمت امروز"},
            FloorRule(name="", measure="sl", yellow=75, red=55, queues=every, calm=60, margin=2, least=20, sound=False),
        ),
        (
            {"en": "A caller gets angry", "fa": "تماس‌گیرنده ناراضی‌تر می‌شود"},
            FloorRule(name="", measure="mood", yellow=-0.6, red=-0.8, queues=every, hold=8),
        ),
    )
    return [msgspec.structs.replace(rule, name=name[language]) for name, rule in words]
