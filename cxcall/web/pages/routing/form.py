"""The rule that a sent form describes.

Fields are named as in the rule (`when.0.fact`, `then.overflow.1.to`). What can't be read as a number or a day is told
by field and the former value stays; whether the values make sense is asked elsewhere (routing.checking).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, cast, get_args

import msgspec

from cxcall.customers.number import fold
from cxcall.letters import ascii_digits
from cxcall.routing.names import HIGHEST_LEVEL, NAMES, Name
from cxcall.routing.rule import (
    MOST_PRIORITY,
    Comparison,
    Condition,
    Overflow,
    Preferred,
    Rule,
    SkillStep,
    Then,
    Trial,
)
from cxcall.web.digits import typed
from cxcall.web.pages.calls_filter import read_date
from cxcall.web.pages.queues.form import NOT_A_NUMBER, Reading, Written
from cxcall.web.presentation import current
from cxcall.web.words import N_

Errors = Mapping[str, tuple[str, dict[str, str]]]
Treat = Literal["accept", "challenge", "block"]
Measure = Literal["csat", "nps", "wait", "abandoned", "repeat", "handle"]
Figure = Literal["expected_wait", "per_agent", "waiting", "longest"]
Who = Literal["last", "manager", "user"]

NO_DATE = N_("Write a day like 1405/09/02 or 2026-11-23.")
SEVERAL: frozenset[str] = frozenset({"one_of", "none_of"})
NO = "_no"
"""After a comparison in the form: its opposite."""
MOST_VALUES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form as it was sent: its fields, and of fields that are ticked several times (`when.0.pick`) all."""

    fields: Written
    picks: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read(before: Rule, sent: Sent) -> tuple[Rule, Errors]:
    """The rule a form describes, and what could not be read."""
    if "shape" not in sent.fields:  # an act without the fields
        return before, {}
    reading = Reading(sent.fields)
    changed = msgspec.structs.replace(
        before,
        name=reading.text("name", 120),
        note=sent.fields.get("note", "").replace("\0", "").replace("\r", "").strip()[:1000],
        owner=reading.text("owner", 80),
        expires=_day(reading, "expires", before),
        enabled=reading.flag("enabled"),
        stop=reading.flag("stop"),
        when=tuple(_condition(reading, sent, row) for row in reading.rows("when")),
        then=_then(reading, before.then),
        trial=_trial(reading, before.trial),
    )
    return changed, reading.errors


def _day(reading: Reading, name: str, before: Rule) -> date | None:
    said = reading.plain(name)
    if not said:
        return None
    found = read_date(said)
    if found is None:
        reading.errors[name] = (NO_DATE, {})
        return before.expires
    return found


def _condition(reading: Reading, sent: Sent, at: str) -> Condition:
    base = reading.text(f"{at}.fact", 80)
    name = NAMES.get(base)
    if name is None:
        return Condition(fact=base, op="is", value=(reading.text(f"{at}.value"),))
    fact, op, no = _fact(reading, at, name), *_op(reading.text(f"{at}.op"), name)
    if op in ("holds", "known"):
        return Condition(fact=fact, op=op, value=("no",) if no else ())
    if reading.text(f"{at}.of_fact", 80) not in ("", base):  # another fact was chosen: its values are others
        return Condition(fact=fact, op=op)
    if op in SEVERAL:
        picked = [*sent.picks.get(f"{at}.pick", ()), *_parts(reading.text(f"{at}.value", 2000))]
        return Condition(
            fact=fact, op=op, value=tuple(_value(one, name) for one in dict.fromkeys(picked))[:MOST_VALUES]
        )
    said = [reading.text(f"{at}.value"), *([reading.text(f"{at}.to")] if op == "between" else [])]
    said = said if any(said) else []
    picked = list(sent.picks.get(f"{at}.pick", ()))[:1]
    return Condition(
        fact=fact, op=op, value=tuple(_value(one, name) for one in (said or picked) if one or len(said) > 1)
    )


def _fact(reading: Reading, at: str, name: Name) -> str:
    of = reading.text(f"{at}.of", 120)
    if name.takes == "skill":
        level = reading.plain(f"{at}.level") or "1"
        return f"{name.name}:{of}" + (f":{level}" if level != "1" else "")
    return f"{name.name}:{of}" if name.takes and (of or name.takes == "tag") else name.name


def _op(said: str, name: Name) -> tuple[Comparison, bool]:
    no = said.endswith(NO)
    wanted = said.removesuffix(NO)
    if wanted in name.comparisons:
        return wanted, no
    return name.comparisons[0], False


def _parts(text: str) -> list[str]:
    return [part for one in text.replace("،", ",").split(",") if (part := one.strip())]


def _value(said: str, name: Name) -> str | float:
    """A value as it is compared; what can't be read stays as it was typed, and the checks say so."""
    match name.kind:
        case "number":
            try:
                return float(typed(said).replace("٫", "."))
            except ValueError:
                return said
        case "phone":
            return fold(ascii_digits(said), current().country) or typed(said)
        case "date":
            found = read_date(said)
            return found.isoformat() if found else said
        case "clock":
            return typed(said)
    return said


def _then(reading: Reading, before: Then) -> Then:
    priority = reading.maybe("then.priority", before.priority, MOST_PRIORITY)
    return Then(
        queue=reading.text("then.queue", 128) or None,
        priority=priority,
        agent=_agent(reading, before.agent),
        skills=tuple(_step(reading, row) for row in reading.rows("skills")),
        overflow=tuple(_overflow(reading, row) for row in reading.rows("overflow")),
        language=reading.text("then.language", 20) or None,
        announcement=reading.text("then.announcement") or None,
        treat=cast("Treat | None", reading.one_of("then.treat", get_args(Treat), "") or None),
        call_back=_yes_no(reading, "then.call_back"),
        survey=_yes_no(reading, "then.survey"),
    )


def _agent(reading: Reading, before: Preferred | None) -> Preferred | None:
    who = reading.one_of("then.agent.who", get_args(Who), "")
    if not who:
        return None
    usual = before or Preferred(who="last")
    return Preferred(
        who=cast("Who", who),
        user=reading.text("then.agent.user", 80) if who == "user" else "",
        wait=reading.whole("then.agent.wait", usual.wait, 1, 60) if reading.flag("then.agent.wait") else usual.wait,
        days=reading.whole("then.agent.days", usual.days, 1, 3650) if reading.flag("then.agent.days") else usual.days,
    )


def _step(reading: Reading, at: str) -> SkillStep:
    return SkillStep(
        skill=reading.text(f"{at}.skill", 120),
        level=reading.whole(f"{at}.level", 1, 0, HIGHEST_LEVEL),
        after=reading.whole(f"{at}.after", 0, 0, 3600),
    )


def _overflow(reading: Reading, at: str) -> Overflow:
    said = reading.plain(f"{at}.limit").replace("٫", ".")
    try:
        limit = float(said)
    except ValueError:
        reading.errors[f"{at}.limit"] = (NOT_A_NUMBER, {})
        limit = 0.0
    return Overflow(
        figure=cast("Figure", reading.one_of(f"{at}.figure", get_args(Figure), "expected_wait")),
        limit=limit if abs(limit) < 1e9 else 0.0,
        to=reading.text(f"{at}.to", 128),
    )


def _yes_no(reading: Reading, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(reading.text(name))


def _trial(reading: Reading, before: Trial | None) -> Trial | None:
    if not reading.flag("trial.on"):
        return None
    usual = before or Trial(name=reading.text("name", 80), share=50)
    if not reading.flag("trial.share"):  # just ticked: its fields were not shown yet
        return usual
    return msgspec.structs.replace(
        usual,
        name=reading.text("trial.name", 80),
        share=reading.share("trial.share", usual.share),
        measure=cast("Measure", reading.one_of("trial.measure", get_args(Measure), usual.measure)),
        stop_worse=reading.flag("trial.stop_worse"),
    )
