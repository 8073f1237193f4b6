"""What the dialplan and routing ask of callers who say why they call.

Commands and what they take → give (all texts); each refuses (CommandRefused) with a sentence:

* `reason:begin` {call, queue, server, language, consent} → {answer: listen | menu, token, reason}: `listen`: have them
  heard by AudioSocket under this token; `menu`: they can't be heard (no_consent, no_intents, no_model, overload), and
  what they key may still be told under the token
* `reason:result` {token, left} → {answer: sure | ask | none | more, intent, sure (0-100), prompt}: `ask`: play
  `prompt`, 1 means yes; `more`: they speak still, have them heard on for the milliseconds that are `left` (none or 0:
  it is over)
* `reason:answer` {token, key} → {answer: sure | none, intent, sure}: the key they pressed, at the question or the menu
* `reason:said` {server, call} → {intent, text, confidence (0-1), keys, how} or None: for the decision; at once
* `reason:status` None → ReasonStatus
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

REASONS = "reasons"
"""Channel: `{"id", "call", "intent", "how"}` after each change; `call` is SERVER-UNIQUEID."""

CHANGED = "intents"
"""Channel: `{"id"}` after an intent was made, changed or removed."""

BEGIN, RESULT, ANSWER, SAID = "reason:begin", "reason:result", "reason:answer", "reason:said"
STATUS = "reason:status"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonStatus:
    """Since this process started: callers `asked`, by what came of it; `listening` now; `intents` that are looked for;
    `waiting` and `lost` writes."""

    asked: int = 0
    listening: int = 0
    intents: int = 0
    by_how: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    lost: int = 0
