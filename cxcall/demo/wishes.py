"""Why the demo's callers of the past called, in their own words, and what was understood of it."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cxcall.demo.dialogues import WISHES
from cxcall.demo.doors import INSIDE
from cxcall.demo.staff import BILLING, GOLD, SALES, SUPPORT, Queue
from cxcall.routing.facts import Caller, Said
from cxcall.speech.intents import SURE, Intent, Intents, Match
from cxcall.speech.templates.intents import READY_MADE
from cxcall.store.reasons import Reason

_USUAL: dict[str, Queue] = {
    "billing": BILLING, "refund": BILLING, "technical_support": SUPPORT, "appointment": SUPPORT, "sales": SALES,
    "order_status": SALES, "complaint": GOLD, "cancellation": GOLD,
}  # fmt: skip
_INSIDE = {SUPPORT.name: SUPPORT.extension, SALES.name: SALES.extension, **INSIDE}
_SILENT = 0.12
_MS = (350.0, 1_300.0)


def intents() -> list[Intent]:
    """The ready-made ones as this company keeps them: each with its usual queue, and what agents dial to get there."""
    return [
        Intent(
            name=one.name, title=one.title, phrases=one.phrases, examples=one.examples, key=one.key,
            queue=queue.name if queue else "", number=_INSIDE[queue.name] if queue else "",
        )
        for one in READY_MADE
        for queue in (_USUAL.get(one.name),)
    ]  # fmt: skip


class Wishes:
    """Has callers say a sentence, the same ones for the same seed."""

    def __init__(self, known: Iterable[Intent], seed: int) -> None:
        self._intents = Intents(known)
        self._chance = random.Random(f"wishes-{seed}")
        self._found: dict[str, Match] = {}
        self.said: list[Reason] = []
        """All that was said, oldest first."""

    def heard(self, call_id: str, queue: str, at: datetime, caller: Caller | None) -> Said:
        """What this caller said, as the rules saw it."""
        language = "en" if caller is not None and caller.language == "en" else "fa"
        kept = Reason(
            id=f"{self._chance.getrandbits(128):032x}", at=at, call_id=call_id, queue=queue, language=language,
            how="none", why="silence",
        )  # fmt: skip
        if self._chance.random() >= _SILENT:
            kept = self._understood(kept, self._chance.choice([text for _, text in WISHES[language]]))
        self.said.append(kept)
        return Said(intent=kept.intent, text=kept.text, confidence=kept.confidence)

    def _understood(self, kept: Reason, text: str) -> Reason:
        if text not in self._found:
            self._found[text] = self._intents.match(text, kept.language)
        found = self._found[text]
        ms = round(self._chance.uniform(*_MS))
        if found.confidence >= SURE:
            return replace(kept, text=text, intent=found.intent, confidence=found.confidence, how="sure", why="", ms=ms)
        return replace(kept, text=text, guess=found.intent, confidence=found.confidence, why="not_understood", ms=ms)
