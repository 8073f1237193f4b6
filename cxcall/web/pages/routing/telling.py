"""Rules, their problems and their changes in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cxcall.routing.differences import change_told, differences
from cxcall.routing.names import split_fact
from cxcall.routing.phrases import conditions_told, fact_told, then_told, trial_told
from cxcall.routing.problems import Problem
from cxcall.routing.rule import Rule, RuleSet
from cxcall.web.digits import digits
from cxcall.web.pages.routing.words import Reader
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

KINDS = {
    "added": (N_("new"), "good", "plus"),
    "removed": (N_("gone"), "bad", "x"),
    "changed": (N_("changed"), "warn", "note"),
    "moved": (N_("moved"), "acc", "transfer"),
    "ageing": (N_("who waits"), "warn", "clock"),
}
"""Word, colour and icon of each kind of change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRule:
    """A rule as sentences: when it holds, what it gives; `trial` "" where it is none."""

    when: Sequence[str]
    then: Sequence[str]
    trial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """What became of one rule."""

    kind: str
    rule: str
    name: str
    lines: Sequence[str]

    @property
    def label(self) -> tuple[str, str, str]:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A problem at its field, as the form's parts show it."""

    rule: str
    field: str
    text: str
    error: bool


def rule_told(rule: Rule, reader: Reader) -> ToldRule:
    gives = [text for _field, text in then_told(rule.then, reader)]
    return ToldRule(
        when=conditions_told(rule.when, reader),
        then=gives or [_("nothing is changed")],
        trial=trial_told(rule.trial, reader) if rule.trial else "",
    )


def changes_told(before: RuleSet, after: RuleSet, reader: Reader) -> list[ToldChange]:
    return [
        ToldChange(kind=one.kind, rule=one.rule, name=one.rule_name, lines=change_told(one, reader))
        for one in differences(before, after)
    ]


def problem_told(problem: Problem, reader: Reader) -> str:
    """The problem's sentence; facts in it by what they are called."""
    values = {name: digits(value) for name, value in problem.values.items()}
    for name in ("fact", "other"):
        fact = problem.values.get(name, "")
        if split_fact(fact)[0] is not None:
            values[name] = fact_told(fact, reader)
    return _(problem.sentence).format(**values)


def found(problems: Sequence[Problem], reader: Reader) -> Iterator[Found]:
    """Problems where a form shows them: those of a part at the part, of a row at the row."""
    for one in problems:
        parts = one.field.split(".")
        at = ".".join(parts[:3] if parts[0] == "then" else parts[:2])
        at = at.replace("then.skills.", "skills.").replace("then.overflow.", "overflow.")
        yield Found(rule=one.rule, field=at, text=problem_told(one, reader), error=one.severity == "error")
