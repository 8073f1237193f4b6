"""Which calls are heard: what a site chose for a queue, and the decision for one call with its reason."""

from __future__ import annotations

import zlib
from typing import Literal

import msgspec

Consent = Literal["not_needed", "asked"]
"""Of the site's rules: callers need not be asked (or are told by the announcement), or they decide before the queue."""

Said = Literal["unknown", "yes", "no"]
"""What the caller said to it (channel variable CX_CONSENT)."""


Consented = Literal["", "not_needed", "unknown", "yes", "no"]
"""What is kept of it with a talk: the answer, `not_needed` where nobody asked, "" when it can't be told any more."""


class Listening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with the talks of a queue.

    `live`: transcribed while they go on, of `live_share` per cent of the calls and, if `tiers` has any, only of
    customers of those tiers. `after`: transcribed from the recording when they were not heard live. `record`: kept as
    sound, of `record_share` per cent, for `keep_days` days (0: for good). `language`, `engine`: empty for the site's.
    """

    live: bool = False
    live_share: float = 100.0
    tiers: tuple[str, ...] = ()
    after: bool = False
    record: bool = False
    record_share: float = 100.0
    keep_days: int = 0
    consent: Consent = "not_needed"
    language: str = ""
    engine: Literal["", "vosk", "whisper"] = ""


Why = Literal["chosen", "asked_for", "off", "share", "tier", "no_consent", "refused", "no_model", "overload"]
"""Why a talk is heard (`chosen` by its queue, `asked_for` by a supervisor) or not."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a call is heard live, and why or why not."""

    heard: bool
    why: Why


def decide(listening: Listening, *, said: Said, chance: float, tier: str, asked_for: bool = False) -> Decision:
    """Whether this call is heard live.

    `said`: what the caller answered; a "no" is never overruled, and where callers are asked only a "yes" is one.
    `chance`: this call's number from 0 to 100, heard when it is below `live_share`. `tier`: the customer's, "" unknown.
    `asked_for`: a supervisor wants to hear this very call, chosen or not.
    """
    if not (listening.live or asked_for):
        return Decision(heard=False, why="off")
    if said == "no" or (said == "unknown" and listening.consent == "asked"):
        return Decision(heard=False, why="no_consent")
    if asked_for:
        return Decision(heard=True, why="asked_for")
    if listening.tiers and tier not in listening.tiers:
        return Decision(heard=False, why="tier")
    if chance >= listening.live_share:
        return Decision(heard=False, why="share")
    return Decision(heard=True, why="chosen")


def consented(listening: Listening, said: Said) -> Consented:
    """What is kept with a talk that is heard."""
    return "not_needed" if said == "unknown" and listening.consent == "not_needed" else said


def chance_of(call_id: str) -> float:
    """A number from 0 to 100 that is a call's own: the same whenever and wherever it is asked for."""
    return zlib.crc32(call_id.encode()) / 2**32 * 100


def records(listening: Listening, *, said: Said, chance: float, asked_for: bool = False) -> Why:
    """Whether a call is recorded: `chosen` or `asked_for` when it is, else why not. Arguments as of `decide`."""
    if not (listening.record or asked_for):
        return "off"
    if said == "no" or (said == "unknown" and listening.consent == "asked"):
        return "no_consent"
    if asked_for:
        return "asked_for"
    return "chosen" if chance < listening.record_share else "share"
