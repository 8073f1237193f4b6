"""Channel variables by which the dialplan tells something of a call, of all that it sets.

QUEUESTATUS is Queue()'s own word; CX_TELLS is set by asterisk-conf: `blocked`, or `rings|QUEUE|INTERFACE`.
"""

from __future__ import annotations

from cxcall.calls.kinds import Blocked, Event, QueueStatus, RungFirst

VARIABLES = ("QUEUESTATUS", "CX_TELLS")
Who = tuple[str, str | None, str | None, str | None, str | None, str | None, str | None]


def said(name: str, value: str, who: Who, at: float | None) -> Event | None:
    """The event of a variable that was set on the channel `who`; None when it tells nothing."""
    if name == "QUEUESTATUS":
        return QueueStatus(at, *who, value)
    word, _, rest = value.partition("|")
    queue, _, interface = rest.partition("|")
    if word == "rings" and queue and interface:
        return RungFirst(at, *who, queue, interface)
    return Blocked(at, *who) if value == "blocked" else None
