"""What a queue is: everything people set about one, in their words. `conf` knows Asterisk's names for it."""

from __future__ import annotations

from typing import Literal

import msgspec

Strategy = Literal["leastrecent", "ringall", "linear", "rrmemory", "rrordered", "fewestcalls", "random", "wrandom"]
"""Who is rung first, by Asterisk's names. `linear` takes members in their order; with penalties lower ones first."""

Presence = Literal["paused", "penalty", "inuse", "ringing", "unavailable", "invalid", "unknown", "wrapup"]
"""States of members that count as nobody being there (joinempty, leavewhenempty)."""

AutoPause = Literal["no", "yes", "all"]
"""A member who does not answer is paused: never, in this queue, in all of theirs."""

Told = Literal["no", "yes", "once"]
PlaceTold = Literal["no", "yes", "limit", "more"]
"""Whether callers hear their place: `limit` only the first `place_limit`, `more` "more than" beyond them."""


class Destination(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a caller goes next. `value`: a queue's name, a number, a prompt's name, a mailbox ("": the caller is
    asked for it); "" for hang-up."""

    kind: Literal["queue", "number", "prompt", "voicemail", "hangup"] = "hangup"
    value: str = ""


class MemberChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers: an agent (`value`: user id), everybody of a team, everybody with a skill of at least `level`, or an
    interface as Asterisk names it (a phone nobody signs in to).

    `penalty`: 0 is asked first. `by_level`: with a skill, a higher level is asked earlier (penalty = highest − level).
    """

    kind: Literal["agent", "team", "skill", "interface"]
    value: str
    penalty: int = 0
    level: int = 1
    by_level: bool = False
    name: str = ""
    state_interface: str = ""


class PenaltyStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After `after` seconds of waiting members up to penalty `most` (and from `least`) are asked."""

    after: int
    most: int | None = None
    least: int | None = None


class Announcements(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What callers hear while they wait. Seconds; `every` 0: never. `periodic`: prompts one after the other.

    `first_at`: the first in line hears them too, while a phone rings for them, which may hold them back a moment.
    `to_agent`: a prompt the agent hears before the caller is put through; `wait_to_agent`: they hear how long it was.
    """

    place: PlaceTold = "no"
    place_limit: int = 5
    wait: Told = "no"
    round_seconds: int = 0
    every: int = 0
    least_every: int = 15
    first_at: bool = True
    periodic: tuple[str, ...] = ()
    periodic_every: int = 60
    to_agent: str = ""
    wait_to_agent: bool = False


class Targets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the queue is to reach: `answer_share` per cent within `answer_within` seconds (sl_offered), at most
    `abandon_share` per cent abandoned (those shorter than `short_abandon` seconds left out), wait and count limits."""

    answer_within: int = 20
    answer_share: float = 80.0
    abandon_share: float = 5.0
    short_abandon: int = 5
    longest_wait: int = 120
    most_waiting: int = 5
    csat: float | None = None


class QueueDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A queue that cxcall writes into Asterisk.

    `name`: Asterisk's, letters, digits, `-` and `_`. `title`: what people read, by language; "" shows the name.
    `numbers`: what callers or colleagues dial to get there. `colour`: d1 … d5 of the palette. Seconds throughout:
    `ring` a member's phone, `retry` before the next, `wrap_up` before a member is rung again, `longest_wait` before the
    caller goes to `then` (0: waits for good). `most_callers` 0: no limit. `join_empty`, `leave_empty`: None, callers
    join and stay though nobody is there; a tuple: not when all members are in one of these states. `auto_pause_after`:
    a member whose last call is no longer ago than so many seconds is not paused (0: each unanswered ring counts).
    `calendar`: id of its hours, "" always open; `when_closed`: where callers go outside them. `exit_context`: where a
    caller who keys a digit goes on. `extra`: lines of Asterisk's file that cxcall has no word for, kept as they are.
    """

    name: str
    title: dict[str, str] = {}
    numbers: tuple[str, ...] = ()
    colour: str = "d1"
    enabled: bool = True
    strategy: Strategy = "leastrecent"
    members: tuple[MemberChoice, ...] = ()
    ring: int = 15
    retry: int = 1
    wrap_up: int = 0
    weight: int = 0
    most_callers: int = 0
    join_empty: tuple[Presence, ...] | None = None
    leave_empty: tuple[Presence, ...] | None = None
    announcements: Announcements = Announcements()
    music: str = "default"
    autofill: bool = True
    ring_busy: bool = False
    member_delay: int = 0
    restart_ring: bool = False
    auto_pause: AutoPause = "no"
    auto_pause_after: int = 0
    auto_pause_busy: bool = False
    auto_pause_unavailable: bool = False
    rule: tuple[PenaltyStep, ...] = ()
    longest_wait: int = 0
    then: Destination = Destination()
    calendar: str = ""
    when_closed: Destination = Destination()
    exit_context: str = ""
    targets: Targets = Targets()
    extra: tuple[tuple[str, str], ...] = ()


class QueueLook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What cxcall adds to a queue somebody else defines (observe mode): nothing of it is written into Asterisk.

    `missed`: an agent who let so many calls in a row ring is paused, 0: never.
    """

    title: dict[str, str] = {}
    colour: str = "d1"
    hidden: bool = False
    wrap_up: int = 0
    missed: int = 0
    targets: Targets = Targets()
