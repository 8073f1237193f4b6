"""Stepping into a call with the ear: what the pages ask, and what they are told, over commands and the bus.

Commands: `monitor:start` MonitorAsk → Monitor (again, for the same call: another mode); `monitor:stop` user id → None,
once the phone is free; `monitor:of` user id → Monitor | None; `monitor:on` call id → tuple of Monitor;
`monitor:at` an agent's phone → those that its agent is told of; `monitor:why` user id → (call id, sentence) | None, why
their last wish came to nothing. A refusal (CommandRefused) carries a sentence.

Channels: `monitor:<user>` is told `{"call", "state", "mode", "why"}` whenever it changes (state "over" at its end);
`told:<phone>` of the agent `{"mode": mode or None}` where the site has agents told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["listen", "whisper", "join"]
"""Heard by nobody; by the agent only; by both."""

MODES: tuple[Mode, ...] = ("listen", "whisper", "join")

Announce = Literal["no", "desk", "tone"]
"""Whether the agent learns of it: not at all, on the desk, or there and by a tone only they hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorAsk:
    """`user` (an id, `by` their name) wants to be in the call with `phone`, as Asterisk names it (PJSIP/1003).

    `may`: every mode they have the right to; with all of them the phone's keys 4, 5 and 6 switch as well.
    """

    user: str
    by: str
    call_id: str
    mode: Mode
    phone: str
    may: frozenset[Mode] = frozenset(MODES)
    announce: Announce = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """Somebody who is in a call this way. `since`: epoch seconds of the state; `agent`: the phone they are at
    (PJSIP/1001), `agent_name` who sits there; `told`: the agent sees it on the desk."""

    user: str
    by: str
    call_id: str
    mode: Mode
    phone: str
    state: Literal["ringing", "on"]
    since: float
    agent: str
    agent_name: str
    channel_id: str
    told: bool = False


def monitor_channel(user: str) -> str:
    """The channel on which somebody hears of their own monitoring."""
    return f"monitor:{user}"


def told_channel(phone: str) -> str:
    """The channel on which an agent's pages hear that somebody is in their call."""
    return f"told:{phone}"
