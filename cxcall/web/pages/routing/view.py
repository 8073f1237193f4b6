"""The page of one rule: its fields, its problems in place, the rule in words, what differs from what holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cxcall.routing.names import NAMES, Name
from cxcall.routing.phrases import CHOICES, MEASURES
from cxcall.routing.rule import OWN_LANGUAGE, Rule
from cxcall.web.dates import date_text
from cxcall.web.digits import digits
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.pages.routing import words
from cxcall.web.pages.routing.acts import Edited, with_rule
from cxcall.web.pages.routing.form import NO
from cxcall.web.pages.routing.loading import Around, rule_of, seal
from cxcall.web.pages.routing.rows import ConditionRow, condition_row, written_of
from cxcall.web.pages.routing.telling import Found, ToldChange, ToldRule, changes_told, found, rule_told
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

Choice = tuple[str, str]

SECTIONS: Sequence[tuple[str, str]] = (
    ("about", N_("The rule")),
    ("when", N_("When it holds")),
    ("where", N_("Where to")),
    ("skills", N_("By skill")),
    ("overflow", N_("When it is full")),
    ("hear", N_("What callers hear")),
    ("trial", N_("Try it on some")),
)
SECTION_OF: Mapping[str, str] = {
    "name": "about", "owner": "about", "expires": "about", "note": "about", "enabled": "about", "stop": "about",
    "id": "about", "when": "when", "skills": "skills", "then.skills": "skills", "overflow": "overflow",
    "then.overflow": "overflow", "trial": "trial", "then.language": "hear", "then.announcement": "hear",
    "then.treat": "hear", "then.call_back": "hear", "then.survey": "hear",
}  # fmt: skip
"""Where a field stands; every other one is about where callers go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What fields show: `typed` where it could not be read, else what is kept."""

    written: Mapping[str, str]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Found] = ()

    def get(self, name: str) -> str:
        return self.typed.get(name, "") if name in self.errors else self.written.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def found(self, name: str) -> list[Found]:
        return [one for one in self.problems if one.field == name]

    def day(self, day: date) -> str:
        return date_text(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleView(Fields):
    """The editor. `place` counts from 1; `changes`: of this rule against what is published."""

    around: Around
    rule: Rule
    place: int
    rows: Sequence[ConditionRow]
    told: ToldRule
    changes: Sequence[ToldChange]
    undo: bool
    message: str = ""
    focus: str = ""
    outdated: bool = False

    at_list = words.PATH

    @property
    def at(self) -> str:
        return f"{words.PATH}/rules/{self.rule.id}"

    @property
    def title(self) -> str:
        return self.rule.name or _(words.NEW_RULE)

    @property
    def base(self) -> str:
        return seal(self.saved) if self.saved else ""

    @property
    def saved(self) -> Rule | None:
        """The rule as the draft has it."""
        return rule_of(self.around.draft.rules, self.rule.id)

    @property
    def published(self) -> bool:
        return rule_of(self.around.published, self.rule.id) is not None

    @property
    def changed_by(self) -> str:
        return self.around.names.shown(self.around.draft.updated_by)

    @property
    def sections(self) -> list[tuple[str, str, str]]:
        """Id, title, worst mark."""
        marks = {
            section_of(one.field): "bad" if one.error else "warn"
            for one in sorted(self.problems, key=lambda one: one.error)
        }
        marks |= {section_of(name): "bad" for name in self.errors}
        return [(id_, _(title), marks.get(id_, "")) for id_, title in SECTIONS]

    @property
    def wrong(self) -> list[Found]:
        return [one for one in self.problems if one.error]

    @property
    def facts(self) -> list[tuple[str, list[Choice]]]:
        """Facts to ask for, by what they are about."""
        return [
            (_(title), [(name.name, fact_label(name)) for name in NAMES.values() if name.group == group])
            for group, title in words.GROUPS.items()
        ]

    def ops(self, row: ConditionRow) -> list[Choice]:
        """What can be asked of a row's fact."""
        if row.name is None:
            return []
        shown: list[Choice] = []
        for op in row.name.comparisons:
            shown.append((op, _(words.COMPARISONS[op])))
            if op in words.OPPOSITES:
                shown.append((op + NO, _(words.OPPOSITES[op])))
        return shown

    def choices(self, row: ConditionRow) -> list[Choice]:
        """Values to choose from, with those that are chosen although they are none any more."""
        name = row.name
        if name is None:
            return []
        listed = [(one, _(CHOICES[one])) for one in _in_week(name)] or self.of_kind(name.refers)
        known = {value for value, _text in listed}
        return listed + [(one, one) for one in row.picks if one not in known]

    def of_kind(self, kind: str) -> list[Choice]:
        names = self.around.names
        match kind:
            case "user":
                return [(user.id, names.people[user.id]) for user in names.users]
            case "language":
                return [(code, _(text)) for code, text in LANGUAGE_NAMES.items()]
            case "queue":
                return [(name, titled(name)) for name in names.queues]
            case "skill":
                return [(name, name) for name in names.skills]
            case "intent":
                return list(names.intents.items())
        return []

    def arguments(self, row: ConditionRow) -> list[Choice]:
        """Queues or skills a fact may be about."""
        if row.name is None or not row.name.takes or row.name.takes == "tag":
            return []
        listed = self.of_kind("skill" if row.name.takes == "skill" else "queue")
        return listed + ([(row.of, row.of)] if row.of and row.of not in dict(listed) else [])

    def unit(self, row: ConditionRow) -> str:
        return _(words.UNITS[row.unit]) if row.unit else ""

    @property
    def users(self) -> list[Choice]:
        return self.of_kind("user")

    @property
    def prompts(self) -> list[Choice]:
        return [(name, name) for name in self.around.names.prompts]

    @property
    def languages(self) -> list[Choice]:
        return [(OWN_LANGUAGE, _("The one of the customer’s profile")), *self.of_kind("language")]

    @property
    def who(self) -> list[Choice]:
        return _choices(words.WHO)

    @property
    def figures(self) -> list[Choice]:
        return _choices(words.FIGURES)

    @property
    def treats(self) -> list[Choice]:
        return _choices(words.TREATS)

    @property
    def yes_no(self) -> list[Choice]:
        return _choices(words.YES_NO)

    @property
    def measures(self) -> list[Choice]:
        return _choices(MEASURES)


def _in_week(name: Name) -> Sequence[str]:
    """The values of a fact; days of the week as the reader's week begins."""
    if name.kind != "weekday" or not current().rtl or "saturday" not in name.choices:
        return name.choices
    first = name.choices.index("saturday")
    return (*name.choices[first:], *name.choices[:first])


def fact_label(name: Name) -> str:
    """What a fact is called in a list to choose from."""
    text = _(name.words)
    match name.takes:
        case "queue?":
            return text.format(queue=_("the queue"))
        case "skill":
            return text.format(skill="…", level=digits("…"))
        case "tag":
            return text.format(of="…")
    return text


def section_of(name: str) -> str:
    """The card a field stands in."""
    parts = name.split(".")
    return SECTION_OF.get(".".join(parts[:2])) or SECTION_OF.get(parts[0], "where")


def rule_view(around: Around, edited: Edited, *, undo: bool, message: str = "", outdated: bool = False) -> RuleView:
    """The page of a rule as `edited` now, in the draft of `around`."""
    rule, reader = edited.rule, around.reader
    rules = with_rule(around.draft.rules, rule)
    problems = [one for one in found(around.problems(rules), reader) if one.rule == rule.id]
    changes = changes_told(around.published, rules, reader)
    return RuleView(
        written=written_of(rule),
        typed=edited.typed,
        errors={name: _(text).format(**values) for name, (text, values) in edited.errors.items()},
        problems=problems,
        around=around,
        rule=rule,
        place=next((place for place, one in enumerate(rules.rules, 1) if one.id == rule.id), 0),
        rows=[condition_row(n, one) for n, one in enumerate(rule.when)],
        told=rule_told(rule, reader),
        changes=[one for one in changes if one.rule == rule.id],
        undo=undo,
        message=message,
        focus=edited.focus,
        outdated=outdated,
    )


def _choices(texts: Mapping[str, str]) -> list[Choice]:
    return [(value, _(text)) for value, text in texts.items()]
