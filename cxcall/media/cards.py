"""A card number that is said: while it is, the recording of its call is asked to leave it out.

Text always comes after its sound, so the first digits are in the recording; the talk's redaction silences those. A
number of which only the beginning is known may be another one: then some seconds of a recording are missing, which is
the lesser harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from cxcall.bus import CommandRefused, Commands, NoAnswer
from cxcall.bus.speech import RecordingAsk
from cxcall.speech import redact
from cxcall.speech.conversation import order
from cxcall.speech.redaction.cues import nearest
from cxcall.speech.redaction.runs import Run, runs
from cxcall.speech.transcript import Turn

log = structlog.get_logger(__name__)

KINDS = frozenset({"card", "cvv"})
"""Of hidden pieces."""

BEGUN = range(8, 20)
"""Digits of what may become a card number; fewer are too often something else."""

_FIRST = "23456"
"""Card numbers begin with these (ISO/IEC 7812: banks and payments); phones here begin with 0."""

EVERY_S = 2.0
LIMIT_S = 5.0


def being_said(turns: Sequence[Turn], n: int, language: str) -> bool:
    """Whether turn `n`, the newest of `turns`, tells a card number or its beginning, or a CVV2."""
    hidden = redact.find(turns, language).get(n, ())
    if any(piece.kind in KINDS for piece in hidden):
        return True
    spoken = language.partition("-")[0].lower()
    said = [run for run in runs(order(turns), spoken, loose=spoken == "fa") if run.atoms[-1].n == n]
    return any(_may_be_card(run) and not _covered(run, n, hidden) for run in said)


def _may_be_card(run: Run) -> bool:
    own = nearest(run.before) or nearest(run.after) or nearest(run.asked)
    told = own is not None and own[0] not in ("card", "card_number")
    return run.text.isdigit() and len(run.text) in BEGUN and run.text[0] in _FIRST and not told


def _covered(run: Run, n: int, hidden: Sequence[redact.Hidden]) -> bool:
    """Whether it is known to be another number."""
    return any(
        piece.start <= start and end <= piece.end for at, start, end in run.places() if at == n for piece in hidden
    )


class Cards:
    """Asks `recording:pause` on `commands`; nobody waits for it, and it ends by itself after the last time."""

    def __init__(self, commands: Commands, clock: Callable[[], float] = time.monotonic) -> None:
        self._commands = commands
        self._clock = clock
        self._asked: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, call_id: str) -> None:
        """A card number is being said in this call."""
        now = self._clock()
        if now - self._asked.get(call_id, float("-inf")) < EVERY_S:
            return
        self._asked = {call: at for call, at in self._asked.items() if now - at < EVERY_S} | {call_id: now}
        task = asyncio.get_running_loop().create_task(self._pause(call_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pause(self, call_id: str) -> None:
        try:
            await self._commands.ask("recording:pause", RecordingAsk(call_id=call_id, why="card"), timeout=LIMIT_S)
        except CommandRefused as error:
            log.debug("a card number was said, and no recording was paused", call=call_id, why=str(error))
        except NoAnswer as error:
            log.warning("a recording could not be paused for a card number", call=call_id, why=str(error))
        except Exception:
            log.exception("a recording could not be paused for a card number", call=call_id)
