"""Words of the pages of routing rules, and how a reader wants values of rules written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

from cxcall.routing.rule import Comparison
from cxcall.speech.category import worded
from cxcall.store.intents import Intent
from cxcall.web.dates import date_text
from cxcall.web.digits import clock_text, digits, number_text
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.phones import grouped
from cxcall.web.presentation import current
from cxcall.web.queue_titles import titled
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/routing"

GROUPS: Mapping[str, str] = {
    "customer": N_("The customer"),
    "past": N_("Earlier calls"),
    "call": N_("This call"),
    "time": N_("Time"),
    "queue": N_("Queues and agents now"),
    "said": N_("What the caller said"),
}
"""What facts are about, in the order of the list to choose from."""

COMPARISONS: Mapping[Comparison, str] = {
    "is": N_("is"),
    "is_not": N_("is not"),
    "one_of": N_("is one of"),
    "none_of": N_("is none of"),
    "contains": N_("contains"),
    "begins": N_("begins with"),
    "over": N_("is over"),
    "at_least": N_("is at least"),
    "under": N_("is under"),
    "at_most": N_("is at most"),
    "between": N_("is from … to"),
    "holds": N_("yes"),
    "known": N_("is known"),
}
OPPOSITES: Mapping[str, str] = {"holds": N_("no"), "known": N_("is not known")}
"""The same comparison with “no”."""

UNITS: Mapping[str, str] = {"seconds": N_("seconds"), "percent": N_("per cent"), "hours": N_("hours")}

WHO: Mapping[str, str] = {
    "last": N_("The agent they talked with last, if that went well"),
    "manager": N_("The customer’s account manager"),
    "user": N_("Somebody by name"),
}
FIGURES: Mapping[str, str] = {
    "expected_wait": N_("the expected wait, seconds"),
    "per_agent": N_("callers per agent"),
    "waiting": N_("callers waiting"),
    "longest": N_("the longest wait, seconds"),
}
TREATS: Mapping[str, str] = {
    "accept": N_("Take the call"),
    "challenge": N_("Have them press a key first: machines don’t"),
    "block": N_("Turn the call away"),
}
YES_NO: Mapping[str, str] = {"yes": N_("Yes"), "no": N_("No")}
FIELDS: Mapping[str, str] = {
    "queue": N_("Queue"),
    "priority": N_("Priority"),
    "agent_user": N_("Rung first"),
    "skills": N_("By skill"),
    "language": N_("Language"),
    "announcement": N_("Announcement"),
    "treat": N_("Taken or not"),
    "call_back": N_("Call-back offered"),
    "survey": N_("Survey"),
}
"""Parts of a result, by the names of `replay.FIELDS`."""

DONE: Mapping[str, str] = {
    "saved": N_("The draft is saved."),
    "undone": N_("The last change of the draft was taken back."),
    "discarded": N_("The draft is again what is published."),
    "published": N_("Published: it holds from the next call on."),
    "restored": N_("That version holds again, from the next call on."),
    "removed": N_("The rule is out of the draft."),
    "stopped": N_("The experiment has ended: its rule is not read any more."),
    "started": N_("The day is played through again."),
}
CONFLICT = N_("Somebody else changed the draft meanwhile. Look at theirs and do it again.")
NOT_SAVED = N_("Not saved: look at the marked fields.")
NOT_PUBLISHED = N_("Not published: first mend the rules that are marked.")
NOTHING_NEW = N_("Nothing to publish: these rules hold already.")
OUTDATED = N_("Somebody else published rules meanwhile. Look at what differs now and publish again.")
NOT_READ = N_("Not saved: the text can’t be read as rules.")
NEW_RULE = N_("New rule")
ENDED_ITSELF = N_("The experiment ended by itself: its measure was worse beyond doubt.")
"""As `store.rule_publishing` notes it."""


class Reader:
    """`routing.phrases.Words` for who reads this page; `people`: names by user id; `intents`: titles by name."""

    def __init__(self, people: Mapping[str, str] | None = None, intents: Mapping[str, str] | None = None) -> None:
        self._people = people or {}
        self._intents = intents or {}

    def text(self, message: str) -> str:
        return _(message)

    def value(self, value: str | float, kind: str) -> str:
        """A value in the reader's digits and calendar; what was typed wrong stands as it is."""
        if kind in ("number", "seconds", "percent", "hours"):
            return _figure(value, kind)
        text = str(value)
        match kind:
            case "clock":
                return digits(text)
            case "date":
                return _date(text)
            case "phone":
                return f"\u2066{digits(grouped(text, current().country))}\u2069"
            case "language":
                return _(LANGUAGE_NAMES[text]) if text in LANGUAGE_NAMES else text
            case "user":
                return isolated(self._people.get(text, text))
            case "queue":
                return isolated(titled(text))
            case "intent":
                return isolated(self._intents.get(text, text))
        return isolated(text)


def titles_of(known: Iterable[Intent]) -> dict[str, str]:
    """What people read for an intent's name, in the reader's language."""
    return {one.name: worded(one.body.get("title", {}), current().language) or one.name for one in known}


def isolated(text: str) -> str:
    """A name, kept from turning round the sentence it stands in when it is written the other way."""
    first = next((way for mark in text if (way := unicodedata.bidirectional(mark)) in ("L", "R", "AL")), "")
    other = first == "L" if current().rtl else first in ("R", "AL")
    return f"\u2068{text}\u2069" if other else text


def _figure(value: str | float, kind: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return isolated(str(value))
    shown = number_text(number, 0 if number == int(number) else 1)
    match kind:
        case "seconds":
            return clock_text(number) if number >= 120 else _("%(n)s s") % {"n": shown}
        case "hours":
            return _("%(n)s h") % {"n": shown}
        case "percent":
            return f"\u2067\u061c{shown}٪\u2069" if current().persian_digits else f"{shown}%"
    return shown


def _date(text: str) -> str:
    try:
        return date_text(date.fromisoformat(text))
    except ValueError:
        return isolated(text)
