"""What an agent made of a hint: told to the talk that showed it, or kept for one that is over."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import HintDone
from cxcall.store import hints

Outcome = Literal["used", "dismissed"]


async def decide(
    commands: Commands, engine: AsyncEngine, *, call_id: str, hint_id: str, outcome: Outcome, by: str, now: datetime
) -> bool:
    """Keep `outcome` (`by`: a login name); False when there is no such hint of this call, or it was decided already.

    While the call is heard its talk keeps it, and shows the next hint.
    """
    done = HintDone(call_id=call_id, hint_id=hint_id, outcome=outcome, by=by)
    try:
        if await commands.ask("speech:hint", done):
            return True
    except (NoAnswer, CommandRefused):
        pass  # nobody hears calls here, or not this one
    async with engine.begin() as conn:
        before = {hint.id: hint for hint in await hints.of_call(conn, call_id)}.get(hint_id)
        if before is None or before.outcome != "shown":
            return False
        return await hints.decide(conn, hint_id, outcome, by=by, now=now) is not None
