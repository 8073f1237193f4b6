"""Words that the browser's scripts show; `t("…")` in ui/src looks them up. A test compares the two."""

from __future__ import annotations

from cxcall.web.words import N_

UI_WORDS: tuple[str, ...] = (
    N_("Live"),
    N_("Reconnecting, data from {time}"),
    N_("Connecting"),
    N_("Saved"),
    N_("Saving"),
    N_("Not saved, will try again"),
    N_("Undo"),
    N_("Close"),
    N_("Copy"),
    N_("Copied"),
    N_("Choose a file"),
    N_("No file chosen yet"),
    N_("Sign in"),
    N_("The server did not answer. Try again."),
    N_("You were signed out. Sign in again to go on."),
    N_("Record here"),
    N_("Stop and listen"),
    N_("The microphone was refused. Allow it for this site in the browser, then record again."),
    N_("No microphone was found. Connect one, or send a file."),
    N_("Browsers give a page the microphone only over HTTPS. Send a file, or record by phone."),
    N_("{name} (you)"),
    N_("hidden number"),
    N_("{n} new"),
    N_("{at} of {count}"),
    N_("Not found"),
    N_("Another program holds the microphone. Close it, then record again."),
    N_("Recording did not work in this browser. Send a file, or record by phone."),
    N_("{all} found"),
)
