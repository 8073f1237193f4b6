"""Words of the pages of intents."""

from __future__ import annotations

from cxcall.speech.intent_checks import Code, Fault
from cxcall.speech.intents import Verdict
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/routing/intents"
ONE = PATH + "/{id:[0-9a-f]+}"

DONE = {
    "saved": N_("The intent is saved. It counts from the next call on."),
    "created": N_("The intent is made. It counts from the next call on."),
    "removed": N_("The intent is deleted."),
    "learnt": N_("The sentence is an example now. It counts from the next call on."),
    "not_learnt": N_("Nothing was changed: the intent was changed or deleted meanwhile. Try again."),
}
VERDICTS: dict[Verdict, str] = {
    "sure": N_("Understood"),
    "ask": N_("Not sure: the caller is asked"),
    "none": N_("Not understood: on to the menu or the usual queue"),
}
UNASKED = N_("Not sure, and it has no question: on to the menu or the usual queue")
FAULTS: dict[Code, str] = {
    "name": N_("Write a name of letters (a to z), digits, dots, dashes or underlines, at most 60."),
    "no_title": N_("Write a title in one language at least."),
    "long_title": N_("A title has at most 80 letters: %(value)s …"),
    "nothing_said": N_("Write what callers say, or choose a key: nothing leads here otherwise."),
    "wordless": N_("This has no words in it: %(value)s"),
    "long_text": N_("This is longer than 200 letters: %(value)s …"),
    "too_many": N_("There may be 200 of them."),
    "key": N_("Choose one key: 0 to 9, * or #."),
    "key_taken": N_("This key is that of the intent %(value)s already."),
    "queue": N_("There is no queue %(value)s."),
    "number": N_("Write a number in digits."),
}
TAKEN = N_("Another intent has this name.")
CONFLICT = N_("Somebody else changed this intent meanwhile. Nothing was saved. Load the page again to see it.")
USED = N_("A rule asks for this intent. Take it out of the rules first: %(rules)s")


def told(fault: Fault) -> str:
    """What is wrong, in the reader's words."""
    return _(FAULTS[fault.code]) % {"value": fault.value}
