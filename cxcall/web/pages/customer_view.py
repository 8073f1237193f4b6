"""A customer's page and its forms: what is known, the history of calls, what a form said and what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cxcall.customers.profile import Problem, Profile, value_text
from cxcall.store.calls import CallSummary
from cxcall.store.customer_merges import Merge
from cxcall.store.customers import Customer
from cxcall.store.survey_answers import ResponseRow
from cxcall.web.customer_groups import Standing
from cxcall.web.digits import digits, number_text
from cxcall.web.pages import customer_surveys
from cxcall.web.pages.customer_surveys import SurveyLine
from cxcall.web.pages.desk_view import Line, NoteLine
from cxcall.web.pages.follow_up_view import Row
from cxcall.web.pages.forms import Form
from cxcall.web.pages.forms import field as text_of
from cxcall.web.pages.people import LANGUAGES, TIERS, Person
from cxcall.web.phones import grouped
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

FieldName = Literal["name", "company", "city", "tier", "language", "numbers", "emails", "tags", "value", "manager"]
NAMES: dict[FieldName, str] = {
    "name": N_("Name"),
    "numbers": N_("Numbers"),
    "emails": N_("E-mails"),
    "company": N_("Company"),
    "city": N_("City"),
    "tier": N_("Tier"),
    "language": N_("Language"),
    "tags": N_("Tags"),
    "value": N_("Customer value"),
    "manager": N_("Account manager"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One KPI of the header; `foot` says of what, in the reader's words."""

    name: str
    value: float | None
    kind: Literal["number", "share", "clock"] = "number"
    foot: str = ""
    out_of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A merge that can be taken back."""

    merge: Merge
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    now: datetime
    customer: Customer
    person: Person
    figures: Sequence[Figure]
    lines: Sequence[Line]
    notes: Sequence[NoteLine]
    merges: Sequence[Merged]
    older: str | None
    newer: str | None
    note_problem: str = ""
    surveys: Mapping[str, Sequence[SurveyLine]] = field(default_factory=dict)
    follow_ups: Sequence[Row] = ()
    manager: str = ""
    standing: Standing | None = None

    @property
    def value(self) -> str:
        return figure_of(self.customer.profile.value)

    @property
    def title(self) -> str:
        return self.person.name or number_title(self.customer)

    @property
    def tiers(self) -> Mapping[str, str]:
        return TIERS

    @property
    def languages(self) -> Mapping[str, str]:
        return LANGUAGES

    @property
    def since(self) -> datetime:
        return self.customer.first_contact_at or self.customer.created_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A field two people changed: what is there now and what this form says."""

    name: str
    theirs: str
    yours: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditView:
    """The form with what was written, `errors` by field, and the fields somebody else changed meanwhile.

    `id` is None for a new customer; `owner` is whose a number of the form is; `people` may look after a customer.
    """

    id: str | None
    title: str
    version: int
    written: Mapping[str, str]
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    differing: Sequence[Differing] = ()
    owner: tuple[str, str] | None = None
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[FieldName, str]:
        return NAMES

    @property
    def tiers(self) -> Mapping[str, str]:
        return TIERS

    @property
    def languages(self) -> Mapping[str, str]:
        return LANGUAGES


def number_title(customer: Customer) -> str:
    """How a customer without a name is called."""
    return customer.profile.numbers[0] if customer.profile.numbers else _("Unknown caller")


def figures_of(total: int, lately: CallSummary) -> list[Figure]:
    """The header's figures: all calls, and those of the last 90 days with their answers, waits and talks."""
    answered = lately.answered / lately.calls if lately.calls else None
    of_all = _("%(n)s in all") % {"n": number_text(total)}
    of = _("%(n)s of %(all)s calls") % {"n": number_text(lately.answered), "all": number_text(lately.calls)}
    return [
        Figure(name=N_("Calls in 90 days"), value=float(lately.calls), foot=of_all),
        Figure(name=N_("Answered"), value=answered, kind="share", foot=of if lately.calls else ""),
        Figure(name=N_("Average wait"), value=lately.mean_wait_answered, kind="clock", foot=_("of answered calls")),
        Figure(name=N_("Median talk time"), value=lately.median_talk, kind="clock", foot=_("of calls with a talk")),
    ]


def scores_of(asked: Sequence[ResponseRow]) -> list[Figure]:
    """What the customer answered last in surveys."""
    return [
        Figure(name=last.name, value=last.value, out_of=last.out_of, foot=last.foot)
        for last in customer_surveys.last_scores(asked)
    ]


def written_of(profile: Profile) -> dict[str, str]:
    """A profile as the form's fields hold it: lists one a line, tags in one line."""
    return {
        "name": profile.name,
        "numbers": "\n".join(profile.numbers),
        "emails": "\n".join(profile.emails),
        "company": profile.company,
        "city": profile.city,
        "tier": profile.tier or "",
        "language": profile.language or "",
        "tags": ", ".join(profile.tags),
        "value": value_text(profile.value),
        "manager": profile.manager or "",
    }


def read_of(profile: Profile, people: Mapping[str, str]) -> dict[str, str]:
    """A profile as people read it, field by field: words in their language, numbers grouped, in their digits."""
    return {
        **written_of(profile),
        "numbers": "\n".join(digits(grouped(number, current().country)) for number in profile.numbers),
        "tier": _(TIERS[profile.tier]) if profile.tier in TIERS else profile.tier or "",
        "language": _(LANGUAGES[profile.language]) if profile.language in LANGUAGES else profile.language or "",
        "value": figure_of(profile.value),
        "manager": people.get(profile.manager or "", ""),
    }


def figure_of(value: float | None) -> str:
    """What a customer is worth as people read it, with two decimals where it is not whole."""
    return "" if value is None else number_text(value, 0 if value.is_integer() else 2)


def written_in(form: Form) -> dict[str, str]:
    """What a form that was sent says, as it was typed."""
    return {name: text_of(form, name)[:20_000] for name in NAMES}


def errors_of(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """Sentences of problems by field, in the reader's words."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.field, []).append(_(problem.sentence).format(value=problem.value[:60]))
    return found


def differing(theirs: Profile, yours: Profile, people: Mapping[str, str]) -> list[Differing]:
    """Fields in which two versions of a profile differ."""
    there, here = written_of(theirs), written_of(yours)
    saved, typed = read_of(theirs, people), read_of(yours, people)
    return [
        Differing(name=name, theirs=saved[key].replace("\n", ", "), yours=typed[key].replace("\n", ", "))
        for key, name in NAMES.items()
        if there[key] != here[key]
    ]
