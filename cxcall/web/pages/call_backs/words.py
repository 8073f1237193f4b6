"""Call-backs in words: states, and why one waits or ended."""

from __future__ import annotations

from cxcall.routing.call_back import State
from cxcall.routing.call_back_events import Why
from cxcall.web.pages.labels import Label
from cxcall.web.words import N_

PATH = "/routing/call-backs"
PLANS = "/admin/routing/call-backs"

STATES: dict[State, Label] = {
    "waiting": Label(text=N_("Waits"), icon="clock"),
    "calling": Label(text=N_("Is being called"), icon="phone-out", kind="acc"),
    "connected": Label(text=N_("They talk"), icon="headset", kind="good"),
    "done": Label(text=N_("Reached"), icon="check", kind="good"),
    "task": Label(text=N_("Not reached"), icon="flag", kind="bad"),
    "cancelled": Label(text=N_("Called off"), icon="x"),
}

WHY: dict[Why, str] = {
    "": "",
    "busy": N_("the line was busy"),
    "no_answer": N_("nobody answered"),
    "rejected": N_("the call was declined"),
    "failed": N_("the number could not be reached"),
    "hung_up": N_("they hung up before an agent was there"),
    "agent_gone": N_("the agent hung up first"),
    "lost": N_("the telephone system lost the call"),
    "refused": N_("the telephone system did not take the call"),
    "closed": N_("outside the hours of calling"),
    "no_queue": N_("their queue is no longer there"),
    "on_the_line": N_("they are on the line with us"),
    "called_again": N_("they called again and were served"),
    "agent": N_("by the agent"),
    "supervisor": N_("by a supervisor"),
}

DONE = {
    "cancelled": N_("The call-back was called off."),
    "now": N_("The customer is called as soon as an agent is free."),
    "saved": N_("Saved. It holds from the next caller on, once the key leads here."),
    "removed": N_("The queue calls nobody back any more. What was promised is kept."),
    "removed-drafted": N_(
        "The queue calls nobody back any more. What was promised is kept. Its draft no longer lets the key out: apply "
        "it under Queues."
    ),
}

TOLD = (N_("This call-back is over."), N_("They talk now."), N_("The database can't be asked now."))
"""What an act is refused with (asterisk.callbacks.keeper)."""
