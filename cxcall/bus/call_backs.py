"""What the dialplan and pages ask of call-backs, and who hears of them.

Commands and what they take → give; each refuses (CommandRefused) with a sentence:

* `call_back:ask` {call, queue, number, position, priority, server, language} → {answer: ask | kept | no, token, number,
  other: yes | no, reason}: a caller pressed the key; `other`: another number may be keyed
* `call_back:confirm` {token, number} → {answer: kept | again | no}: "" is the number they call from
* `call_back:back` {token} → {position}: they would rather wait; where they stand now
* `call_back:cancel` CancelCallBack → None; `call_back:now` TryCallBack → None
* `call_back:places` None → {id: place}; `call_back:status` None → CallBackStatus
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CALL_BACKS = "call_backs"
"""Channel: `{"id", "server", "queue", "state", "call", "agent"}` after each change."""

PLANS = "call_back_plans"
"""Channel: `{"server", "queue"}` after a plan was changed."""

ASK, CONFIRM, BACK = "call_back:ask", "call_back:confirm", "call_back:back"
CANCEL, NOW, PLACES = "call_back:cancel", "call_back:now", "call_back:places"
STATUS = "call_back:status"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelCallBack:
    """Nobody is to be called any more; `by`: login name."""

    id: str
    why: Literal["agent", "supervisor"]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryCallBack:
    """Try it as soon as it can be, before its time."""

    id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackStatus:
    """Since this process started: how many `ended` in each way, and how often nobody could be promised one."""

    open: int
    failed: int
    ended: Mapping[str, int]
