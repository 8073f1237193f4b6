"""The demo's routing rules as its administrator wrote them over half a year, and the draft that waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import msgspec

from cxcall.demo.floor import CALLS_BACK, SKILLS, Words
from cxcall.demo.people import LOOKED_AFTER
from cxcall.demo.staff import BILLING, GOLD, SALES, SUPPORT
from cxcall.routing.rule import Condition, Overflow, Preferred, Rule, RuleSet, SkillStep, Then, Trial

EVENING: Words = {"en": "Quieter in the morning", "fa": "صبح‌ها خلوت‌تر است"}
AT_HAND: Words = {"en": "Customer number at hand", "fa": "شمارهٔ اشتراک آماده"}
ANNOUNCED: Sequence[tuple[Words, Words]] = (
    (EVENING, {"en": "In the morning you reach us without waiting.", "fa": "صبح‌ها بدون انتظار پاسخ شما را می‌دهیم."}),
    (
        AT_HAND,
        {
            "en": "Please have your customer number at hand.",
            "fa": "لطفاً شمارهٔ اشتراک خود را آماده داشته باشید.",
        },
    ),
)
"""The prompts that rules have played: what they are called, and what they say."""

_TRIALS: Mapping[str, tuple[Words, Literal["handle", "abandoned"], int]] = {
    "at_hand": ({"en": "Number at hand", "fa": "شمارهٔ آماده"}, "handle", 92),
    "evening": ({"en": "Evening announcement", "fa": "اعلان عصر"}, "abandoned", 45),
}
"""What rules are tried as: the experiment's name, what is compared, and how many days ago it began."""

_NUISANCE_UNTIL = timedelta(days=60)
_OFFERED_FROM = 60
"""Seconds somebody has to wait, as far as can be told, to be offered a call-back."""

_NAMES: Mapping[str, Words] = {
    "nuisance": {"en": "Nuisance callers", "fa": "مزاحم‌های تلفنی"},
    "again": {"en": "Calls all day: press a key first", "fa": "تماس‌های پیاپی: نخست فشردن یک کلید"},
    "complaint": {"en": "Complaint or cancellation: to the gold line", "fa": "شکایت یا انصراف: به خط طلایی"},
    "trouble": {"en": "Something does not work: to technical support", "fa": "خرابی: به پشتیبانی فنی"},
    "vip": {"en": "Gold customers first", "fa": "اول مشتریان طلایی"},
    "twice": {"en": "Gave up twice today: up the line", "fa": "امروز دو بار قطع کرده: جلوتر در صف"},
    "manager": {"en": "Account manager first", "fa": "اول مدیر حساب"},
    "known": {"en": "Called since yesterday: the agent they know", "fa": "تماس دوباره از دیروز: همان کارشناس"},
    "persian": {"en": "Persian speakers hear Persian", "fa": "فارسی‌زبانان فارسی می‌شنوند"},
    "bills": {"en": "Large accounts: experienced hands first", "fa": "حساب‌های بزرگ: اول کارشناسان باتجربه"},
    "at_hand": {"en": "Support: have your number at hand", "fa": "پشتیبانی: شمارهٔ اشتراک آماده باشد"},
    "overflow": {"en": "Support is full: sales helps", "fa": "پشتیبانی پر است: فروش کمک می‌کند"},
    "offer": {"en": "A long wait: offer a call-back", "fa": "انتظار طولانی: پیشنهاد تماس مجدد"},
    "evening": {"en": "Evening announcement", "fa": "اعلان عصر"},
}
_ONCE: Words = {"en": "Gave up today: up the line", "fa": "امروز قطع کرده: جلوتر در صف"}
_NOTES: Mapping[str, Words] = {
    "known": {"en": "Saves telling it all again.", "fa": "لازم نیست همه‌چیز را از نو بگویند."},
    "nuisance": {"en": "Looked at again every two months.", "fa": "هر دو ماه یک بار بازبینی می‌شود."},
    "complaint": {
        "en": "Sara and Hamed may offer a month free of charge.",
        "fa": "سارا و حامد می‌توانند یک ماه رایگان پیشنهاد دهند.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What was published so many days ago, and why."""

    days_ago: int
    note: str
    rules: RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """Whom and what rules name: user ids by login, the numbers of the nuisance callers, the language of all names."""

    people: Mapping[str, str]
    nuisance: Sequence[str]
    language: str
    today: date


_FIRST = ("vip", "persian", "manager")
_SECOND = ("vip", "manager", "known", "persian", "bills", "at_hand", "overflow")
_THIRD = (*_SECOND, "offer", "evening")
_NOW = (
    "nuisance", "again", "complaint", "trouble", "vip", "twice", "manager", "known", "persian", "bills", "at_hand",
    "overflow",    "offer", "evening",
)  # fmt: skip
_STAGES: Sequence[tuple[int, Words, tuple[str, ...]]] = (
    (180, {"en": "The first rules", "fa": "نخستین قاعده‌ها"}, _FIRST),
    (92, {"en": "Sales helps out; number at hand, on trial", "fa": "کمک فروش؛ شمارهٔ آماده، آزمایشی"}, _SECOND),
    (45, {"en": "Call-backs; the evening, on trial", "fa": "تماس مجدد؛ اعلان عصر، آزمایشی"}, _THIRD),
    (9, {"en": "What callers say counts", "fa": "خواستهٔ تماس‌گیرنده هم به حساب می‌آید"}, _NOW),
)


def stages(wrote: Wrote) -> list[Stage]:
    """What was published, oldest first; the last of them holds."""
    whole = {rule.id: rule for rule in _rules(wrote)}
    return [
        Stage(
            days_ago=days_ago, note=note[wrote.language], rules=RuleSet(rules=tuple(whole[id_] for id_ in ids))
        )
        for days_ago, note, ids in _STAGES
    ]  # fmt: skip


def draft(published: RuleSet, language: str) -> RuleSet:
    """What somebody is about to change: who gave up once is moved up already."""
    once = (Condition(fact="past.abandoned_today", op="at_least", value=(1,)),)
    name = _ONCE[language]
    changed = (
        msgspec.structs.replace(rule, name=name, when=once) if rule.id == "twice" else rule for rule in published.rules
    )
    return msgspec.structs.replace(published, rules=tuple(changed))


def _rules(wrote: Wrote) -> list[Rule]:
    billing = SKILLS["billing"][0][wrote.language]
    calls_back = tuple(queue.name for queue in CALLS_BACK)
    steps = (SkillStep(skill=billing, level=4), SkillStep(skill=billing, level=2, after=20))
    return [
        _rule(
            wrote, "nuisance", [("call.number", "one_of", *wrote.nuisance)], Then(treat="block"), stop=True,
            expires=wrote.today + _NUISANCE_UNTIL,
        ),
        _rule(wrote, "again", [("past.calls_today", "at_least", 4)], Then(treat="challenge")),
        _rule(
            wrote, "complaint", [("said.intent", "one_of", "complaint", "cancellation")],
            Then(queue=GOLD.name, priority=15),
        ),
        _rule(wrote, "trouble", [("said.intent", "is", "technical_support")], Then(queue=SUPPORT.name)),
        _rule(wrote, "vip", [("customer.tier", "is", "gold")], Then(priority=10)),
        _rule(wrote, "twice", [("past.abandoned_today", "at_least", 2)], Then(priority=8)),
        _rule(
            wrote, "manager", [("customer.value", "at_least", LOOKED_AFTER), ("call.queue", "is", SALES.name)],
            Then(agent=Preferred(who="manager", wait=12)),
        ),
        _rule(
            wrote, "known", [("past.hours_since", "under", 24), ("past.last_agent", "known")],
            Then(agent=Preferred(who="last", wait=12, days=2)),
        ),
        _rule(wrote, "persian", [("customer.language", "is", "fa")], Then(language="fa")),
        _rule(
            wrote, "bills", [("call.queue", "is", BILLING.name), ("customer.value", "at_least", 60)],
            Then(skills=steps),
        ),
        _rule(
            wrote, "at_hand", [("call.queue", "is", SUPPORT.name)], Then(announcement=AT_HAND[wrote.language]),
        ),
        _rule(
            wrote, "overflow", [("call.queue", "is", SUPPORT.name), ("queue.free", "at_most", 0)],
            Then(overflow=(Overflow(figure="expected_wait", limit=20, to=SALES.name),)),
        ),
        _rule(
            wrote, "offer", [("call.queue", "one_of", *calls_back), ("queue.expected_wait", "at_least", _OFFERED_FROM)],
            Then(call_back=True),
        ),
        _rule(
            wrote, "evening", [("time.clock", "between", "15:00", "20:00"), ("call.queue", "is_not", SUPPORT.name)],
            Then(announcement=EVENING[wrote.language]),
        ),
    ]  # fmt: skip


def _rule(
    wrote: Wrote, id_: str, when: Sequence[tuple[str | int, ...]], then: Then, *, stop: bool = False,
    expires: date | None = None,
) -> Rule:  # fmt: skip
    note, trial = _NOTES.get(id_), _TRIALS.get(id_)
    return Rule(
        id=id_, name=_NAMES[id_][wrote.language],
        when=tuple(msgspec.convert({"fact": fact, "op": op, "value": value}, Condition) for fact, op, *value in when),
        then=then, stop=stop, expires=expires, owner=wrote.people["admin"],
        note=note[wrote.language] if note else "",
        trial=None if trial is None else Trial(
            name=trial[0][wrote.language], share=50, measure=trial[1], began=wrote.today - timedelta(days=trial[2]),
        ),
    )  # fmt: skip
