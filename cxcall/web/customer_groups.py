"""What makes groups of customers, in words: segments by fixed bounds, groups by fifths of all (`customers.rfm`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cxcall.customers import rfm
from cxcall.customers.rfm import Bounds, Rule, Scores, Seen
from cxcall.reports.definition import Row
from cxcall.web.digits import number_text
from cxcall.web.report_keys import GROUPS, SEGMENTS
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

SEGMENT_RULES: dict[str, str] = {
    "new": N_("No contact yet, or the first one within the last 30 days."),
    "lapsed": N_("The last contact is more than 180 days ago."),
    "at_risk": N_("The last contact is more than 60 days ago, after contact on 3 days or more of the year before it."),
    "loyal": N_("Contact on 6 days or more of the last 365, the last within 60 days."),
    "regular": N_("All others."),
}
"""`customers.segments`: the first that fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a customer stands among all; `lines`: what was seen, and its score. `rule`: what made the group."""

    group: str
    rule: str
    lines: Sequence[tuple[str, str, int]]
    among: str


def rules(by: Sequence[Row], bounds: Bounds | None) -> list[tuple[str, str]]:
    """Groups that are rows of a report, each with what makes it; the first that fits counts."""
    found: list[tuple[str, str]] = []
    if "segment" in by:
        found += [(_(SEGMENTS[name]), _(rule)) for name, rule in SEGMENT_RULES.items()]
    if "rfm" in by and bounds is not None:
        found += [(_(GROUPS[rule.group]), rule_text(rule, bounds)) for rule in rfm.RULES]
    return found


def standing(seen: Seen, bounds: Bounds) -> Standing:
    """Of one customer."""
    scores = rfm.scores(seen, bounds)
    rule = next(rule for rule in rfm.RULES if rule.group == rfm.group(scores))
    return Standing(
        group=_(GROUPS[rule.group]), rule=rule_text(rule, bounds), lines=_lines(seen, bounds, scores),
        among=ngettext("Among %(number)s customer", "Among %(number)s customers", bounds.customers)
        % {"number": number_text(bounds.customers)},
    )  # fmt: skip


def rule_text(rule: Rule, bounds: Bounds) -> str:
    """What makes a group, with the bounds of last night: who came when, how often, for how much."""
    parts = [
        *_part(rfm.limits(rule.recency, bounds.recency, few_is_good=True), _at_most_ago, _longer_ago),
        *_part(rfm.limits(rule.frequency, bounds.frequency, few_is_good=False), _at_most_days, _more_days),
        *_part(rfm.limits(rule.value, bounds.value, few_is_good=False), *_VALUE[bounds.by_purchases]),
    ]
    return " · ".join(parts)


def _lines(seen: Seen, bounds: Bounds, scores: Scores) -> list[tuple[str, str, int]]:
    value = number_text(seen.value or 0) if bounds.by_purchases else _contacts(seen.contacts)
    return [
        (_("Recency"), _ago((bounds.on - seen.last).days), scores.recency),
        (_("Frequency"), _days(seen.days), scores.frequency),
        (_("Customer value"), value, scores.value),
    ]


Words = Callable[[float], str]


def _part(between: tuple[float | None, float | None], at_most_words: Words, more_words: Words) -> Iterator[str]:
    more, at_most = between
    if more is not None:
        yield more_words(more)
    if at_most is not None:
        yield at_most_words(at_most)


def _n(number: float) -> dict[str, str]:
    return {"number": number_text(number)}


def _ago(days: float) -> str:
    return ngettext("last contact %(number)s day ago", "last contact %(number)s days ago", days) % _n(days)


def _at_most_ago(days: float) -> str:
    return ngettext(
        "last contact at most %(number)s day ago", "last contact at most %(number)s days ago", days
    ) % _n(days)  # fmt: skip


def _longer_ago(days: float) -> str:
    return ngettext(
        "last contact more than %(number)s day ago", "last contact more than %(number)s days ago", days
    ) % _n(days)  # fmt: skip


def _days(days: float) -> str:
    return ngettext("contact on %(number)s day of a year", "contact on %(number)s days of a year", days) % _n(days)


def _more_days(days: float) -> str:
    return ngettext(
        "contact on more than %(number)s day of a year", "contact on more than %(number)s days of a year", days
    ) % _n(days)  # fmt: skip


def _at_most_days(days: float) -> str:
    return ngettext(
        "contact on at most %(number)s day of a year", "contact on at most %(number)s days of a year", days
    ) % _n(days)  # fmt: skip


def _contacts(number: float) -> str:
    return ngettext("%(number)s contact in a year", "%(number)s contacts in a year", number) % _n(number)


def _more_contacts(number: float) -> str:
    return ngettext(
        "more than %(number)s contact in a year", "more than %(number)s contacts in a year", number
    ) % _n(number)  # fmt: skip


def _fewer_contacts(number: float) -> str:
    return ngettext(
        "at most %(number)s contact in a year", "at most %(number)s contacts in a year", number
    ) % _n(number)  # fmt: skip


def _worth_more(value: float) -> str:
    return _("a value over %(number)s") % _n(value)


def _worth_less(value: float) -> str:
    return _("a value of at most %(number)s") % _n(value)


_VALUE: dict[bool, tuple[Words, Words]] = {True: (_worth_less, _worth_more), False: (_fewer_contacts, _more_contacts)}
