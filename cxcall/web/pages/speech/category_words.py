"""Words of the pages about categories: kinds, tones, who says it and when, and the sentences around what was done."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.speech.category import Category, worded
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/speech/categories"

KINDS: Mapping[str, str] = {
    "topic": N_("Topic: what the call is about"),
    "signal": N_("Signal: something that happened in it"),
    "required": N_("Required: the agent has to say it"),
}
SHORT_KINDS: Mapping[str, str] = {"topic": N_("Topic"), "signal": N_("Signal"), "required": N_("Required")}
TONES: Mapping[str, str] = {
    "neutral": N_("neither good nor bad"),
    "good": N_("good"),
    "warn": N_("worth watching"),
    "bad": N_("bad"),
}
WHERES: Mapping[str, str] = {
    "any": N_("anywhere in the call"),
    "opening": N_("in the first 45 seconds"),
    "closing": N_("in the last minute"),
}
SPEAKERS: Mapping[str, str] = {
    "customer": N_("the customer"),
    "agent": N_("the agent"),
    "either": N_("either of them"),
}
ORDERS: Mapping[str, str] = {"after": N_("and after that"), "around": N_("and before or after that")}
DONE: Mapping[str, str] = {
    "saved": N_("The category is saved. Calls from now on are searched with it."),
    "created": N_("The category is made. Calls from now on are searched with it."),
    "added": N_("The category is added."),
    "all_added": N_("The ready-made categories are added."),
    "duplicated": N_("This is the copy."),
    "archived": N_("The category is put away. Calls are not searched for it any more."),
    "restored": N_("The category is taken up again."),
    "undone": N_("That is taken back."),
    "recounting": N_("Past calls are being counted anew."),
}
CONFLICT = N_("Somebody else changed this category meanwhile. Nothing was saved. Load the page again to see it.")
NOT_SAVED = N_("Nothing was saved: see what is marked below.")
NAME_TAKEN = N_("Another category has this name.")
NOT_SECONDS = N_("Write a number of seconds.")


def name_of(category: Category | None) -> str:
    """Its name as the reader reads; of one that was deleted, that."""
    return worded(category.name, current().language) if category is not None else _("a deleted category")


def choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Values and their words, for a select."""
    return [(value, _(text)) for value, text in words.items()]
