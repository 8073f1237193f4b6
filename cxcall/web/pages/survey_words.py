"""Words of the survey builder: kinds of parts, fields, states, and the sentences around what was done."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.surveys.editing import Kind
from cxcall.surveys.problems import Problem
from cxcall.surveys.script import Branch, Comment, HandOver, Part, Question, Say, Script, Texts, Thank
from cxcall.web.pages.prompts_view import LANGUAGE_NAMES
from cxcall.web.presentation import current
from cxcall.web.words import N_
from cxcall.web.words import gettext as _

PATH = "/admin/surveys"

ADD: Mapping[Kind, tuple[str, str]] = {
    "scale": (N_("Scale question"), "star"),
    "nps": (N_("Recommendation, 0–10"), "chart"),
    "yes_no": (N_("Yes or no"), "check"),
    "choice": (N_("Choice"), "keypad"),
    "comment": (N_("Spoken comment"), "mic"),
    "say": (N_("Say something"), "chat"),
    "branch": (N_("Branch"), "route"),
    "thank": (N_("Thanks, the end"), "flag"),
    "hand_over": (N_("Hand over"), "transfer"),
}
QUESTION_KINDS: Mapping[str, str] = {
    "scale": N_("Scale question"),
    "nps": N_("Recommendation, 0–10"),
    "nps_key": N_("Recommendation with one key"),
    "yes_no": N_("Yes or no"),
    "choice": N_("Choice"),
}
_TYPES: Mapping[type[Part], tuple[str, str]] = {
    Say: ADD["say"],
    Comment: ADD["comment"],
    Branch: ADD["branch"],
    Thank: ADD["thank"],
    HandOver: ADD["hand_over"],
}
TO: Mapping[str, str] = {
    "call_back": N_("a call-back that somebody owes them"),
    "queue": N_("a queue"),
    "number": N_("a number"),
}
FIELDS: Mapping[str, str] = {
    "prompt": N_("Prompt"),
    "next": N_("Then"),
    "title": N_("Title"),
    "kind": N_("Kind"),
    "measure": N_("Counts towards"),
    "keys": N_("Keys"),
    "seconds": N_("Seconds"),
    "pause": N_("Pause that ends the number"),
    "retries": N_("Further tries"),
    "wrong_key_prompt": N_("After a wrong key"),
    "no_input_prompt": N_("After silence"),
    "skip_key": N_("Key that skips"),
    "silence": N_("Silence that ends it"),
    "beep": N_("Beep first"),
    "cases": N_("Conditions"),
    "to": N_("Send the caller to"),
    "target": N_("Which one"),
    "languages": N_("Languages"),
    "opt_out_key": N_("Key for “never ask me again”"),
    "opt_out_prompt": N_("What is said then"),
    "type": N_("Kind"),
}
CHANGES: Mapping[str, str] = {
    "added": N_("Added"),
    "removed": N_("Deleted"),
    "moved": N_("Moved"),
    "changed": N_("Edited"),
}
DONE: Mapping[str, str] = {
    "created": N_("The survey was made. Nobody is asked before it is published."),
    "duplicated": N_("This is the copy."),
    "archived": N_("The survey was archived. Nobody is asked any more; answers stay."),
    "restored": N_("The survey is back in the list."),
    "published": N_("Published. Callers hear this version from now on."),
    "version": N_("The draft is that version now. Callers still hear the published one."),
    "removed": N_("The part was deleted."),
    "undone": N_("Taken back."),
    "saved": N_("Saved."),
    "rules": N_("The rules were saved. They hold from now on."),
    "asking": N_("Saved. It holds from the next call on."),
    "asking-removed": N_("This queue asks no more."),
    "opted-out": N_("This number is never asked again."),
    "opted-in": N_("This number may be asked again."),
}
CONFLICT = N_(
    "Somebody else changed this survey meanwhile. What you typed is still in its fields, everything else is theirs. "
    "Save again to keep yours."
)
CONFLICT_ACT = N_("Somebody else changed this survey meanwhile. Look at it and do it again.")
NAME_WRONG = N_("Give a name of at most 100 letters.")
NAME_TAKEN = N_("Another survey has this name.")
GOAL_WRONG = N_("Write a number from −100 to 100, or leave it empty.")
NOT_SAVED = N_("Not saved yet. What is wrong stands beside its field.")
NO_TEXT = N_("Write what is to be said, in at least one language.")
NOTHING_TO_UNDO = N_("There is nothing left to take back.")
MOST_PARTS = N_("A survey can’t have more parts than this.")


def said(texts: Texts) -> str:
    """A text in the reader's language, else in any."""
    return texts.get(current().language) or next((text for text in texts.values() if text), "")


def kind_of(part: Part) -> str:
    """What a card is, in words."""
    return _(QUESTION_KINDS[part.kind]) if isinstance(part, Question) else _(_TYPES[type(part)][0])


def icon_of(part: Part) -> str:
    if isinstance(part, Question):
        return ADD["nps" if part.kind == "nps_key" else part.kind][1]
    return _TYPES[type(part)][1]


def title_of(part: Part) -> str:
    """What people call a card: its title, else what it is."""
    return said(part.title) or kind_of(part) if isinstance(part, Question | Comment) else kind_of(part)


def sentence(problem: Problem, script: Script) -> str:
    """A problem in the reader's language, with titles and names in place of ids and codes."""
    values = dict(problem.values)
    named = script.part(values["part"]) if "part" in values else None
    if named is not None:
        values["part"] = title_of(named)
    if "language" in values:
        values["language"] = _(LANGUAGE_NAMES.get(values["language"], values["language"]))
    return _(problem.sentence).format(**values)
