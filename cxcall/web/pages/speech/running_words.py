"""How speech is doing, in words: levels of load, states of models, why a server is not listened to; pure."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.web.words import N_

LEVELS: Mapping[str, tuple[str, str, str]] = {
    "all": (N_("Everything"), "good", N_("Texts appear while people speak.")),
    "finals": (
        N_("Whole sentences only"),
        "warn",
        N_("Too much is said at once for this machine: words appear when a sentence is over, not before."),
    ),
    "later": (
        N_("After the call"),
        "bad",
        N_("Far too much is said at once: some calls are written down after they end. Calls themselves go on."),
    ),
}
"""Of each level: its name, its colour, what it means."""
HEALTH: Mapping[str, tuple[str, str, str]] = {
    "ready": (N_("In memory"), "good", "check"),
    "idle": (N_("Ready when needed"), "good", "clock"),
    "loading": (N_("Being loaded"), "warn", "clock"),
    "failed": (N_("Can't be used"), "bad", "alert"),
}
PROBLEMS: Mapping[str, str] = {
    "no_models": N_("There is no speech model on this machine, so nothing is written down."),
    "no_language": N_("No model understands %(language)s, the language of this site."),
    "failed": N_("No speech model could be loaded, so nothing is written down."),
}
KINDS: Mapping[str, str] = {
    "recording": N_("Recording of a call"),
    "comment": N_("Spoken comment"),
    "upload": N_("Uploaded file"),
    "call": N_("What is missing of a call"),
    "voicemail": N_("Voice mailbox"),
    "recount": N_("Count of categories"),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    "waiting": (N_("Waiting"), "", "clock"),
    "running": (N_("Under way"), "acc", "spark"),
    "done": (N_("Done"), "good", "check"),
    "failed": (N_("Failed"), "bad", "alert"),
}
"""Of each state of a job: its name, its colour, its icon."""
