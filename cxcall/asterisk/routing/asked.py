"""Whether the call that asks is on the line: the dialplan's door is open, and customers are nobody else's business."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from cxcall.asterisk.routing.question import Question
from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.reasons import SAID
from cxcall.calls.record import CallRecord
from cxcall.routing.facts import Said

_COMES_S = 0.6
"""The channel is told of to us and asks by two ways in the same millisecond; a burst of events delays the one."""

_LOOK_S = 0.02
_SAID_S = 0.1


async def live_call(commands: Commands, server: str, unique_id: str, *, patient: bool = True) -> CallRecord | None:
    """The call of a channel that is up; None where there is none. Not `patient`: there by now, or none."""
    until = time.monotonic() + (_COMES_S if patient else 0.0)
    while True:
        try:
            record: CallRecord | None = await commands.ask(f"live:{server}", unique_id, timeout=_COMES_S)
        except (NoAnswer, CommandRefused):
            return None
        if record is not None or time.monotonic() >= until:
            return record
        await asyncio.sleep(_LOOK_S)


async def said(commands: Commands, server: str, question: Question) -> Said | None:
    """What the caller said or keyed: as it was heard, else as the dialplan tells it; None: nothing."""
    heard: dict[str, Any] | None = None
    try:
        heard = await commands.ask(SAID, {"server": server, "call": question.call}, timeout=_SAID_S)
    except (NoAnswer, CommandRefused):
        heard = None
    if heard:
        return Said(
            intent=str(heard.get("intent") or ""),
            text=str(heard.get("text") or ""),
            confidence=float(heard.get("confidence") or 0.0),
            keys=str(heard.get("keys") or question.keys),
        )
    if question.intent or question.keys:
        return Said(
            intent=question.intent, keys=question.keys, confidence=question.confidence if question.intent else 0.0
        )
    return None
