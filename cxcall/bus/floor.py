"""Agents on the floor: what may be asked of them. Served by asterisk/floor/agents.py while calls are listened to.

`agents:all` (None) gives every AgentState of cxcall.queues.presence as plain data, by name; `agents:state` (AgentAsked)
those of one person, one a server; `agents:pause`, `agents:log_in` and `agents:log_out` do it, or refuse in words;
`agents:reload` (None) says that people, reasons or queues changed in the database. The channel `agents` tells
`{"agents": [those that changed], "gone": [keys]}`.
"""

from __future__ import annotations

from dataclasses import dataclass

ALERT_RULES = "alert_rules"
"""Channel: rules that raise alerts changed in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAsked:
    """`user`: id of the person."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPause:
    """Pause the phone `device`, or have it asked again, in all the queues it is logged in to or in `queue` only."""

    server: str
    device: str
    paused: bool
    reason: str = ""
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogIn:
    """Have `queue` ask `device`. `interface`: what the queue dials, "" the device. `reason`: it begins paused."""

    server: str
    device: str
    queue: str
    name: str = ""
    penalty: int = 0
    state_interface: str = ""
    interface: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLogOut:
    """Have `queue`, or None all of them, no longer ask `device`."""

    server: str
    device: str
    queue: str | None = None
