"""Words of the queue editor: strategies by their effect, sections, choices, and the sentences around what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxcall.queues.definition import AutoPause, PlaceTold, Presence, QueueDefinition, Told
from cxcall.queues.strategies import STRATEGIES
from cxcall.web.words import N_

PATH = "/admin/queues"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to share calls: its name, its effect, and Asterisk's word for it."""

    value: str
    name: str
    effect: str
    asterisk: str


BEST_SKILL = "skill"
"""No strategy of Asterisk's: longest idle, with members by skill whose higher levels are asked first."""

WAYS: tuple[Way, ...] = (
    Way(value=BEST_SKILL, name=N_("Best skill first"), effect=N_("The highest skill, then who is idle longest."),
        asterisk="penalty, leastrecent"),
    *(Way(value=value, name=word.effect, effect=word.explained, asterisk=value) for value, word in STRATEGIES.items()),
)  # fmt: skip


def by_skill(definition: QueueDefinition) -> bool:
    """Whether calls are shared by skill: longest idle, and every skill's higher levels first."""
    by_level = [one.by_level for one in definition.members if one.kind == "skill"]
    return definition.strategy == "leastrecent" and bool(by_level) and all(by_level)


SECTIONS: Sequence[tuple[str, str]] = (
    ("name", N_("Name and numbers")),
    ("who", N_("Who answers")),
    ("ringing", N_("Ringing and waiting")),
    ("hear", N_("What callers hear")),
    ("before", N_("Before the queue")),
    ("nobody", N_("If nobody answers")),
    ("targets", N_("Targets and alerts")),
    ("after", N_("Survey after call")),
    ("privacy", N_("Privacy")),
)
"""Parts of the page in order, by the id of their cards."""

SECTION_OF: Mapping[str, str] = {
    "name": "name", "title": "name", "numbers": "name", "colour": "name", "enabled": "name",
    "strategy": "who", "members": "who", "rule": "who",
    "announcements": "hear", "music": "hear", "exit_context": "hear",
    "calendar": "before", "when_closed": "before", "join_empty": "before", "most_callers": "before",
    "longest_wait": "nobody", "then": "nobody", "leave_empty": "nobody",
    "targets": "targets",
}  # fmt: skip
"""Where a field stands, by its first word; every other one is about ringing."""

WHAT: Mapping[str, str] = {"team": N_("Team"), "skill": N_("Skill"), "interface": N_("A phone")}
PRESENCE: Mapping[Presence, str] = {
    "unavailable": N_("Their phone is not reachable"),
    "invalid": N_("Asterisk does not know their phone"),
    "unknown": N_("Asterisk can’t tell"),
    "paused": N_("They are paused"),
    "inuse": N_("They are on a call"),
    "ringing": N_("Their phone rings"),
    "wrapup": N_("They are in wrap-up"),
    "penalty": N_("They are not asked yet (priority)"),
}
AUTO_PAUSE: Mapping[AutoPause, str] = {
    "no": N_("Never"), "yes": N_("In this queue"), "all": N_("In all their queues"),
}  # fmt: skip
PLACE: Mapping[PlaceTold, str] = {
    "no": N_("Not told"), "yes": N_("Told"), "limit": N_("Only the first ones"),
    "more": N_("“More than …” for the rest"),
}  # fmt: skip
WAIT: Mapping[Told, str] = {"no": N_("Not told"), "yes": N_("Told"), "once": N_("Told once")}
COLOURS: Mapping[str, str] = {
    "d1": N_("Blue"), "d2": N_("Purple"), "d3": N_("Petrol"), "d4": N_("Brown"), "d5": N_("Grey"),
}  # fmt: skip
STATES: Mapping[str, tuple[str, str]] = {
    "new": (N_("Draft, never applied"), "warn"),
    "changed": (N_("Changes not applied"), "warn"),
    "applied": (N_("Applied"), "good"),
    "removed": (N_("To be removed"), "bad"),
    "observed": (N_("Observed"), ""),
    "hidden": (N_("Hidden"), ""),
}
VERSIONS: Mapping[str, tuple[str, str]] = {
    "applying": (N_("Being written"), "warn"),
    "applied": (N_("Applied"), "good"),
    "failed": (N_("Not applied"), "bad"),
    "rolled_back": (N_("Rolled back"), ""),
}
DONE: Mapping[str, str] = {
    "created": N_("The queue was made. Callers reach it once it is applied."),
    "saved": N_("Saved."),
    "applied": N_("Applied. Asterisk has read it and says the same."),
    "writing": N_("This takes long: Asterisk is still being written. The history shows how it ends."),
    "same": N_("Asterisk has it like this already. Nothing was written."),
    "discarded": N_("The draft is as Asterisk has it."),
    "undone": N_("Taken back."),
    "rolled-back": N_("Rolled back. Asterisk has this version again."),
    "accepted": N_("Taken over. What stands in the file is a version now; drafts of your own are kept."),
    "renewed": N_("Written as people and hours are now."),
    "removed": N_("It goes from Asterisk with the next apply."),
    "gone": N_("The queue was deleted."),
    "kept": N_("The queue stays."),
    "managed": N_("Queues made here are written to this Asterisk from now on. Those that are there stay as they are."),
    "observe": N_("This Asterisk’s queues are only watched from now on. What was written stays."),
    "imported": N_("Imported as drafts. Look at them and apply."),
    "called": N_("Your phone rings. Take the call and wait as a caller would."),
    "added": N_("Added to the queue until Asterisk restarts or somebody removes them."),
    "left": N_("Removed from the queue."),
    "paused": N_("Paused in this queue."),
    "back": N_("Takes calls of this queue again."),
    "asked": N_("Their priority was changed."),
}
CONFLICT = N_(
    "Somebody else changed this queue meanwhile. What you wrote is still here: save it to keep yours, or open the page "
    "anew to see theirs."
)
NOT_SAVED = N_("Not saved yet. What is wrong stands beside its field.")
NOT_APPLIED = N_("Not applied: there are problems to fix first.")
NO_ASTERISK = N_("Asterisk can’t be reached now. The draft is kept; apply it when Asterisk is back.")
NO_PHONES = N_("Test calls do not run here just now.")
WRONG_PHONE = N_("Write the phone to be called, for example 1001 or PJSIP/1001.")
NAME_WRONG = N_("Use 2 to 79 letters a–z, digits, - and _, the first a letter or digit; no space.")
NAME_TAKEN = N_("There is a queue of this name already.")
NAME_RESERVED = N_("Asterisk keeps this name for itself. Choose another one.")
NOTHING_TO_UNDO = N_("There is nothing left to take back.")
NO_SERVER = N_("There is no such Asterisk in the configuration.")
NOT_MANAGED = N_("cxcall only watches this Asterisk. Switch it to “managed” first.")
