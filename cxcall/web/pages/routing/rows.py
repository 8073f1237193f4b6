"""A rule as the text of its form's fields, and each condition as the row that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from cxcall.routing.names import NAMES, Name, split_fact, split_skill
from cxcall.routing.rule import Condition, Rule
from cxcall.web.dates import jalali_text
from cxcall.web.digits import digits
from cxcall.web.pages.calls_filter import read_date
from cxcall.web.pages.routing.form import NO, SEVERAL
from cxcall.web.presentation import current


def written_of(rule: Rule) -> dict[str, str]:
    """The fields of the form for a rule."""
    then = rule.then
    fields = {
        "name": rule.name,
        "note": rule.note,
        "owner": rule.owner,
        "expires": day_text(rule.expires.isoformat()) if rule.expires else "",
        "then.queue": then.queue or "",
        "then.priority": "" if then.priority is None else str(then.priority),
        "then.agent.wait": str(then.agent.wait) if then.agent else "",
        "then.agent.days": str(then.agent.days) if then.agent else "",
        "trial.name": rule.trial.name if rule.trial else "",
        "trial.share": _figure(rule.trial.share) if rule.trial else "",
    }
    for n, step in enumerate(then.skills):
        fields |= {f"skills.{n}.level": str(step.level), f"skills.{n}.after": str(step.after)}
    fields |= {f"overflow.{n}.limit": _figure(one.limit) for n, one in enumerate(then.overflow)}
    return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """A condition as its row shows it. `picks`: values that are ticked; `value`, `to`: typed ones."""

    n: int
    base: str
    name: Name | None
    of: str
    level: int
    op: str
    picks: tuple[str, ...]
    value: str
    to: str

    @property
    def at(self) -> str:
        return f"when.{self.n}"

    @property
    def several(self) -> bool:
        return self.op in SEVERAL

    @property
    def asks(self) -> bool:
        """Whether it is compared with a value."""
        return self.op.removesuffix(NO) not in ("holds", "known")

    @property
    def chosen(self) -> bool:
        """Whether the values are chosen from a list."""
        return self.name is not None and bool(self.name.choices or self.name.refers) and self.asks

    @property
    def unit(self) -> str:
        return self.name.unit if self.name else ""


def condition_row(n: int, condition: Condition) -> ConditionRow:
    name, argument = split_fact(condition.fact)
    base = condition.fact.partition(":")[0]
    known = name or NAMES.get(base)
    of, level = split_skill(argument) if known and known.takes == "skill" else (argument, 1)
    values = [_written(one, known) for one in condition.value]
    no = condition.op in ("holds", "known") and condition.value == ("no",)
    several, plain = condition.op in SEVERAL, [*values, "", ""]
    return ConditionRow(
        n=n, base=base, name=known, of=of, level=level, op=condition.op + (NO if no else ""),
        picks=tuple(str(one) for one in condition.value),
        value=", ".join(values) if several else plain[0],
        to=plain[1] if condition.op == "between" else "",
    )  # fmt: skip


def _written(value: str | float, name: Name | None) -> str:
    if isinstance(value, float | int):
        return digits(_figure(float(value)))
    if name is not None and name.kind == "date":
        return day_text(value)
    return digits(value) if name is not None and name.kind == "clock" else value


def day_text(iso: str) -> str:
    """A day as it is typed: 1405/08/30 for who uses that calendar."""
    found = read_date(iso)
    if found is None:
        return iso
    return digits(jalali_text(found) if current().calendar == "jalali" else found.isoformat())


def _figure(value: float) -> str:
    return f"{value:.10g}"
