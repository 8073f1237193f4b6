"""What publishing changes, in the reader's words, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from cxcall.quality.differences import Change, differences
from cxcall.quality.scorecard import Rule, Scorecard
from cxcall.web import filters
from cxcall.web.pages.quality.shared import in_language
from cxcall.web.words import N_, ngettext
from cxcall.web.words import gettext as _

Phrases = Mapping[str, str]

SENTENCES: Mapping[str, str] = {
    "section_added": N_("This section is new."),
    "section_removed": N_("This section is gone."),
    "section_moved": N_("It stands elsewhere among the sections."),
    "item_added": N_("New in “%(section)s”: %(share)s of the whole."),
    "item_removed": N_("Gone from “%(section)s”. What was scored before keeps it."),
    "item_moved": N_("It stands elsewhere in “%(section)s”."),
    "item_section": N_("It moves from “%(before)s” to “%(after)s”."),
    "weight": N_("Its weight is %(after)s, it was %(before)s: %(share)s of the whole instead of %(was)s."),
    "highest": N_("The answer is %(after)s, it was %(before)s."),
    "critical": N_("It is critical now: a no makes the whole score 0."),
    "critical_not": N_("It is not critical any more."),
    "na": N_("“Does not apply” becomes an answer."),
    "na_not": N_("“Does not apply” is not an answer any more."),
    "rule": N_("It is filled in from speech: %(after)s."),
    "rule_other": N_("It is filled in from speech: %(after)s; before: %(before)s."),
    "rule_not": N_("It is not filled in from speech any more, the reviewer answers it."),
    "en": N_("It is called “%(after)s” in English, it was “%(before)s”."),
    "en_new": N_("It is called “%(after)s” in English, it had no English name."),
    "en_not": N_("It has no English name any more, it was “%(before)s”."),
    "fa": N_("It is called “%(after)s” in Persian, it was “%(before)s”."),
    "fa_new": N_("It is called “%(after)s” in Persian, it had no Persian name."),
    "fa_not": N_("It has no Persian name any more, it was “%(before)s”."),
    "phrase": N_("yes if “%(phrase)s” was said"),
    "silence": N_("yes if silence is at most %(share)s of the talk"),
    "interruptions": N_("yes if the agent interrupts at most %(n)s times"),
    "yes_no": N_("yes or no"),
    "scale": N_("from 1 to %(n)s"),
}
KINDS = {
    "new": (N_("new"), "good", "plus"),
    "gone": (N_("gone"), "bad", "x"),
    "moved": (N_("moved"), "acc", "transfer"),
    "changed": (N_("changed"), "warn", "note"),
}
"""Word, colour and icon of what became of a part; none of what follows from the other changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """What became of one part, or (`kind` "" and no name) of all others."""

    kind: str
    name: str
    lines: tuple[Markup, ...]

    @property
    def label(self) -> tuple[str, str, str]:
        word, colour, image = KINDS.get(self.kind, ("", "", ""))
        return _(word) if word else "", colour, image


def told(before: Scorecard, after: Scorecard, phrases: Phrases) -> list[ToldChange]:
    """What differs, in the order of `after`."""
    grouped = groupby(differences(before, after), key=lambda one: (one.kind == "shares", one.part))
    return [_part(tuple(some), phrases) for _key, some in grouped]


def _part(changes: tuple[Change, ...], phrases: Phrases) -> ToldChange:
    first = changes[0]
    if first.kind == "shares":
        return ToldChange(kind="", name="", lines=tuple(_line(one, phrases) for one in changes))
    kinds = {one.kind.rpartition("_")[2] for one in changes}
    kind = "new" if "added" in kinds else "gone" if "removed" in kinds else "changed"
    if kinds <= {"moved", "section"}:
        kind = "moved"
    title = first.item if first.item is not None else first.section
    name = in_language(title) or (_("no name") if first.part else _("The scorecard"))
    return ToldChange(kind=kind, name=name, lines=tuple(_line(one, phrases) for one in changes))


def _line(change: Change, phrases: Phrases) -> Markup:
    if change.language:
        return _renamed(change)
    tell = _TELL.get(change.kind)
    return tell(change, phrases) if tell else _said(change.kind, section=in_language(change.section) or _("no name"))


def _renamed(change: Change) -> Markup:
    how = "" if change.before and change.after else "_new" if change.after else "_not"
    return _said(change.language + how, before=change.before, after=change.after)


def _weight(change: Change, _phrases: Phrases) -> Markup:
    was, share = (filters.percent(one) for one in change.shares)
    return _said("weight", before=_number(change.before), after=_number(change.after), was=was, share=share)


def _rule(change: Change, phrases: Phrases) -> Markup:
    before, after = change.before, change.after
    if not isinstance(after, Rule):
        return _said("rule_not")
    if not isinstance(before, Rule):
        return _said("rule", after=_rule_told(after, phrases))
    return _said("rule_other", after=_rule_told(after, phrases), before=_rule_told(before, phrases))


def _rule_told(rule: Rule, phrases: Phrases) -> Markup:
    if rule.what == "phrase":
        return _said("phrase", phrase=phrases.get(rule.phrase, rule.phrase))
    if rule.what == "silence":
        return _said("silence", share=filters.percent(rule.limit))
    return _said("interruptions", n=_number(rule.limit))


def _scale(highest: Any) -> Markup:
    return _said("scale", n=filters.number(highest)) if highest else _said("yes_no")


def _moved_on(change: Change, _phrases: Phrases) -> Markup:
    before, after = (_title(one) for one in (change.before, change.after))
    return _said("item_section", before=before, after=after)


def _shares(change: Change, _phrases: Phrases) -> Markup:
    n = int(_float(change.after))
    text = ngettext(
        "%(num)s other item weighs more or less of the whole with it.",
        "%(num)s other items weigh more or less of the whole with it.",
        n,
    )
    return escape(text) % {"num": filters.number(n)}


def _title(value: Any) -> str:
    return (in_language(value) if isinstance(value, Mapping) else "") or _("no name")


def _float(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _number(value: Any) -> Markup:
    found = _float(value)
    return filters.number(found, 0 if found == int(found) else 2)


def _said(code: str, **values: Any) -> Markup:
    apart = {
        key: one if isinstance(one, Markup) else Markup("<bdi>{}</bdi>").format(one) for key, one in values.items()
    }
    return escape(_(SENTENCES[code])) % apart


_TELL: Mapping[str, Callable[[Change, Phrases], Markup]] = {
    "weight": _weight,
    "rule": _rule,
    "item_section": _moved_on,
    "shares": _shares,
    "highest": lambda one, _p: _said("highest", before=_scale(one.before), after=_scale(one.after)),
    "critical": lambda one, _p: _said("critical" if one.after else "critical_not"),
    "na": lambda one, _p: _said("na" if one.after else "na_not"),
    "item_added": lambda one, _p: _said(
        "item_added", section=_title(one.section), share=filters.percent(one.shares[1])
    ),
}
