"""What an agent made of a hint: told to the talk that showed it, or kept for one that is over."""

from __future__ import annotations

from typing import Literal

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import HintDone

Outcome = Literal["used", "dismissed"]


async def decide(commands: Commands, *, call_id: str, hint_id: str, outcome: Outcome, by: str) -> bool:
    """Keep `outcome` (`by`: the user's id); False when there is no such hint (any more)."""
    done = HintDone(call_id=call_id, hint_id=hint_id, outcome=outcome, by=by)
    try:
        return bool(await commands.ask("speech:hint", done))
    except (NoAnswer, CommandRefused):
        return False
