"""The record's words as people read them: English text (the key of the catalogues), chip colour, icon.

Colour is only good, watch or act; the word always stands beside it (ui rules: never colour alone).
"""

from __future__ import annotations

from dataclasses import dataclass

from cxcall.calls.record import Direction, EndedBy, LegResult, LegRole, Outcome, TransferKind, VisitResult
from cxcall.web.words import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """`text` is the English key, `kind` the colour class of a chip ("" is neutral), `icon` a name of the sprite."""

    text: str
    kind: str = ""
    icon: str = "phone"


OUTCOMES: dict[Outcome, Label] = {
    "answered": Label(text=N_("Answered"), kind="good", icon="check"),
    "abandoned": Label(text=N_("Abandoned"), kind="bad", icon="end"),
    "timeout": Label(text=N_("Waited in vain"), kind="bad", icon="clock"),
    "no_answer": Label(text=N_("No answer"), kind="warn", icon="phone"),
    "busy": Label(text=N_("Busy"), kind="warn", icon="phone"),
    "rejected": Label(text=N_("Declined"), kind="warn", icon="x"),
    "congestion": Label(text=N_("No free line"), kind="bad", icon="alert"),
    "failed": Label(text=N_("Failed"), kind="bad", icon="alert"),
    "blocked": Label(text=N_("Blocked"), kind="", icon="shield"),
    "voicemail": Label(text=N_("Voice mailbox"), kind="", icon="vm"),
    "self_service": Label(text=N_("Phone menu only"), kind="", icon="keypad"),
    "in_progress": Label(text=N_("In progress"), kind="acc", icon="headset"),
}

DIRECTIONS: dict[Direction, Label] = {
    "inbound": Label(text=N_("Incoming"), icon="phone-in"),
    "outbound": Label(text=N_("Outgoing"), icon="phone-out"),
    "internal": Label(text=N_("Internal"), icon="phone"),
    "unknown": Label(text=N_("Direction not known"), icon="phone"),
}

ENDED_BY: dict[EndedBy, str] = {
    "caller": N_("Ended by the caller"),
    "callee": N_("Ended by the person called"),
    "agent": N_("Ended by the agent"),
    "system": N_("Ended by the phone system"),
    "unknown": N_("Not known who ended it"),
}

ROLES: dict[LegRole, str] = {
    "caller": N_("Caller"),
    "callee": N_("Person called"),
    "agent": N_("Agent"),
    "consultant": N_("Consulted"),
    "conference": N_("Conference"),
    "device": N_("Phone"),
}

LEG_RESULTS: dict[LegResult, Label] = {
    "answered": Label(text=N_("Answered"), kind="good", icon="check"),
    "no_answer": Label(text=N_("No answer"), kind="warn", icon="clock"),
    "busy": Label(text=N_("Busy"), kind="warn", icon="phone"),
    "rejected": Label(text=N_("Declined"), kind="warn", icon="x"),
    "cancelled": Label(text=N_("Stopped ringing"), kind="", icon="end"),
    "congestion": Label(text=N_("No free line"), kind="bad", icon="alert"),
    "failed": Label(text=N_("Failed"), kind="bad", icon="alert"),
}

VISIT_RESULTS: dict[VisitResult, Label] = {
    "answered": Label(text=N_("Answered"), kind="good", icon="check"),
    "abandoned": Label(text=N_("Hung up while waiting"), kind="bad", icon="end"),
    "timeout": Label(text=N_("Waited in vain"), kind="bad", icon="clock"),
    "full": Label(text=N_("Queue was full"), kind="bad", icon="alert"),
    "closed": Label(text=N_("Queue was closed"), kind="warn", icon="lock"),
    "left": Label(text=N_("Left the queue"), kind="", icon="next"),
}

WAITING = Label(text=N_("Waiting"), kind="acc", icon="clock")

TRANSFERS: dict[TransferKind, str] = {
    "blind": N_("Transferred to %(to)s without asking"),
    "attended": N_("Transferred to %(to)s after asking"),
    "semi_attended": N_("Transferred to %(to)s while it rang"),
    "redirect": N_("Sent on to %(to)s"),
    "park": N_("Parked at %(to)s"),
}

CAUSES: dict[int, str] = {
    1: N_("The number does not exist"),
    2: N_("No way to the network"),
    3: N_("No way to the number"),
    16: N_("Hung up normally"),
    17: N_("Busy"),
    18: N_("The phone did not respond"),
    19: N_("Nobody picked up"),
    20: N_("The phone was not registered"),
    21: N_("Declined"),
    22: N_("The number has changed"),
    26: N_("Answered by someone else"),
    27: N_("The line is out of order"),
    28: N_("The number is not complete"),
    29: N_("The service was refused"),
    31: N_("Hung up, no reason given"),
    34: N_("No free line"),
    38: N_("The network is out of order"),
    41: N_("A passing fault of the network"),
    42: N_("The switch is overloaded"),
    44: N_("The line asked for is not free"),
    50: N_("The service is not subscribed"),
    52: N_("Outgoing calls are not allowed"),
    54: N_("Incoming calls are not allowed"),
    57: N_("Not allowed"),
    58: N_("No common sound format"),
    65: N_("The kind of call is not supported"),
    88: N_("No common sound format"),
    102: N_("No answer from the network in time"),
    111: N_("A fault in the signalling"),
    127: N_("Cancelled, or no cause given"),
}
"""Q.850 causes as Asterisk's hangup causes name them (causes.h); others are shown by number."""


def cause(code: int | None) -> str | None:
    """The words of a hangup cause; None for none, 0 ("not set") or one without words here."""
    return CAUSES.get(code) if code else None
