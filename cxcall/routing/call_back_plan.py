"""How a queue calls back: an admin's choices, and what is wrong with them."""

from __future__ import annotations

from typing import Literal

import msgspec

KEYS = "0123456789*#"

First = Literal["agent", "customer"]
Numbers = Literal["own", "country", "any"]
Fault = Literal["key", "tries", "pause", "ring", "most"]


class CallBackPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who waits may press `key`, hang up and keep the place.

    `first`: who is rung first when the turn comes; an agent first means that one is free for certain, the customer
    first that no agent waits for a ringing telephone. `tries`: times the customer is rung, `pause_minutes` between two.
    `ring_seconds`: how long. `numbers`: which may be keyed instead of the one they call from (`own`: none; `country`:
    of the site's country). `calendar`: id of the hours in which people are called; "" the queue's own. `caller_id`: the
    number customers see, "" the line's. `most`: call-backs that may wait at a time.
    """

    enabled: bool = True
    key: str = "1"
    first: First = "agent"
    tries: int = 3
    pause_minutes: int = 15
    ring_seconds: int = 30
    numbers: Numbers = "country"
    calendar: str = ""
    caller_id: str = ""
    most: int = 50


_NAMED = {"*": "star", "#": "hash"}
_OURS = "cxcall-key-"


def context_of(key: str) -> str:
    """The context a queue's keys must lead to so that `key` leads here (asterisk-conf/extensions_cxcall.conf)."""
    return f"{_OURS}{_NAMED.get(key, key)}"


def led_to(context: str, plan: CallBackPlan | None) -> str:
    """Where a queue's keys must lead with `plan` (None: without one), when they lead to `context` now. What leads to
    a context of somebody else's stays, unless the key is wanted here."""
    if plan is not None and plan.enabled:
        return context_of(plan.key)
    return "" if context.startswith(_OURS) else context


def faults(plan: CallBackPlan) -> tuple[Fault, ...]:
    """The fields that can't be as they are."""
    checks: dict[Fault, bool] = {
        "key": len(plan.key) == 1 and plan.key in KEYS,
        "tries": 1 <= plan.tries <= 10,
        "pause": 1 <= plan.pause_minutes <= 24 * 60,
        "ring": 10 <= plan.ring_seconds <= 120,
        "most": 1 <= plan.most <= 1000,
    }
    return tuple(name for name, fine in checks.items() if not fine)
