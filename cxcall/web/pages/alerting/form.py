"""A rule of the floor as a form: what was typed, and the rule it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec

from cxcall.letters import tidy
from cxcall.queues.alerting import RANGES, FloorRule, Measure, faults
from cxcall.web.digits import number_text, typed
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

MEASURES: tuple[Measure, ...] = get_args(Measure)
LONGEST_NAME = 100
NUMBERS = ("yellow", "red", "margin", "hold", "calm", "least")
SENTENCES: Mapping[str, str] = {
    "name": N_("Give it a name; people see it when the alert is raised."),
    "limits": N_("Give at least one limit, yellow or red."),
    "worse": N_("Red must be worse than yellow."),
    "number": N_("Write a number."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What the form has, as text; `errors` by field, in the reader's language."""

    name: str = ""
    measure: str = "waiting"
    numbers: Mapping[str, str] = field(default_factory=dict)
    queues: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    sound: bool = True
    enabled: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)


def typed_of(rule: FloorRule, *, enabled: bool) -> Typed:
    """A rule as the form shows it."""
    numbers = {name: _number_text(getattr(rule, name)) for name in NUMBERS}
    return Typed(
        name=rule.name, measure=rule.measure, numbers=numbers, queues=rule.queues, people=rule.people,
        sound=rule.sound, enabled=enabled,
    )  # fmt: skip


def read(form: Form) -> tuple[Typed, FloorRule | None]:
    """What was typed, with what is wrong, and the rule when nothing is."""
    measure = text_of(form, "measure")
    got = Typed(
        name=tidy(text_of(form, "name")),
        measure=measure if measure in MEASURES else "waiting",
        numbers={name: typed(text_of(form, name)) for name in NUMBERS},
        queues=tuple(str(one) for one in form.getall("queue", [])),
        people=tuple(str(one) for one in form.getall("person", [])),
        sound=bool(text_of(form, "sound")),
        enabled=bool(text_of(form, "enabled")),
    )
    values, errors = _values(got)
    rule: FloorRule | None = None
    if not errors:
        rule, errors = _rule(got, values)
    made = Typed(
        name=got.name, measure=got.measure, numbers=got.numbers, queues=got.queues, people=got.people,
        sound=got.sound, enabled=got.enabled, errors=errors,
    )  # fmt: skip
    return made, rule if not errors else None


def _values(got: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, text in got.numbers.items():
        if not text:
            continue
        try:
            number = _number(text)
        except ValueError:
            errors[name] = _said("number")
            continue
        whole = name in ("hold", "calm", "least")
        values[name] = int(number) if whole else number
        if (whole or name == "margin") and not 0 <= number <= 3600:
            errors[name] = _between(0, 3600)
    return values, errors


def _number(text: str) -> float:
    """A typed number; seconds also as 2:30. Raises ValueError."""
    text = text.replace("−", "-").replace("٫", ".").replace(",", ".")
    minutes, colon, seconds = text.rpartition(":")
    value = int(minutes) * 60 + int(seconds) if colon else float(text)
    if not -1e6 < value < 1e6:
        raise ValueError(text)
    return value


def _rule(got: Typed, values: Mapping[str, Any]) -> tuple[FloorRule | None, dict[str, str]]:
    body = {
        "name": got.name[:LONGEST_NAME], "measure": got.measure, "queues": got.queues, "people": got.people,
        "sound": got.sound, **values,
    }  # fmt: skip
    rule = msgspec.convert(body, FloorRule)
    return rule, wrong_with(rule)


def wrong_with(rule: FloorRule) -> dict[str, str]:
    """What can't be right about a rule, a sentence by field, in the reader's language."""
    least, most = RANGES[rule.measure]
    errors: dict[str, str] = {}
    for name in faults(rule):
        limit = getattr(rule, name, None) if name in ("yellow", "red") else None
        if limit is not None and not least <= limit <= most:
            errors[name] = _between(least, most)
        else:
            errors[name] = _said("worse" if name == "red" else name)
    return errors


def _said(fault: str) -> str:
    sentence = SENTENCES[fault]
    return _(sentence)


def _between(least: float, most: float) -> str:
    return _("Write a number between %(least)s and %(most)s.") % {
        "least": number_text(least), "most": number_text(most)
    }  # fmt: skip


def _number_text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
